// Patches at the border of an image count fewer products. Their taps outside are read as bits that are all 0, so that
// with border(p)[k] = (bits inside) + 2 (bits set in the taps of w[k] outside), dot = border(p)[k] - 2 differ(p, k).
#pragma once

#include "gemm/binary-product.h"

namespace convolt {

// Positions of one axis in classes: those inside are one, all others have a class of their own.
class BorderAxis {
 public:
  explicit BorderAxis(const WindowAxis& axis)
      : inside_(axis.positions_inside()), joined_(std::max<int64_t>(0, inside_.size() - 1)) {
    classes_ = axis.positions - joined_;
  }
  int64_t classes() const { return classes_; }
  int64_t class_of(int64_t position) const {
    return position < inside_.end ? std::min(position, inside_.begin) : position - joined_;
  }
  // The first position of a class.
  int64_t position_of(int64_t c) const { return c <= inside_.begin ? c : c + joined_; }

 private:
  Range inside_;
  int64_t joined_, classes_;
};

// The classes of all positions; without padding that counts nothing there is only one.
class BinaryBorder {
 public:
  explicit BinaryBorder(const BinaryProduct& product);

  int64_t classes() const { return counts_ ? rows_.classes() * columns_.classes() : 1; }
  // Border numbers of all classes for one filter, `step` apart.
  void fill(const uint64_t* filter, int32_t* border, int64_t step) const;

  // Calls body(positions, class) for runs of neighbours of one class among positions counted over all images.
  template <typename Body>
  void for_each_run(Range positions, const Body& body) const {
    if (!counts_) return body(positions, int64_t{0});
    const auto& [height, width] = product_.window;
    for (int64_t p = positions.begin; p < positions.end;) {
      const int64_t line = p / width.positions, j = p % width.positions;
      const Range part = {j, std::min(width.positions, j + positions.end - p)};
      const int64_t row = rows_.class_of(line % height.positions) * columns_.classes();
      width.for_each_run(part, [&](Range run, Range) {
        body(Range{p - j + run.begin, p - j + run.end}, row + columns_.class_of(run.begin));
      });
      p += part.size();
    }
  }

 private:
  const BinaryProduct& product_;
  BorderAxis rows_, columns_;
  bool counts_;  // which taps are inside matters
};

}  // namespace convolt
