// Patches at the border of an image count fewer products. Their taps outside are read as bits that are all 0, so that
// with border(p)[k] = (bits inside) + 2 (bits set in the taps of w[k] outside), dot = border(p)[k] - 2 differ(p, k).
#pragma once

#include "gemm/binary-product.h"

namespace convolt {

// Positions of one axis in classes: those inside are one, all others have a class of their own.
struct BorderAxis {
  explicit BorderAxis(const WindowAxis& axis) : inside(axis.positions_inside()) {
    classes = axis.positions - std::max<int64_t>(0, inside.size() - 1);
  }
  int64_t class_of(int64_t position) const {
    if (position < inside.end) return std::min(position, inside.begin);
    return position - std::max<int64_t>(0, inside.size() - 1);
  }
  // The first position of a class.
  int64_t position_of(int64_t c) const {
    return c <= inside.begin || inside.size() == 0 ? c : c + inside.size() - 1;
  }
  Range inside;
  int64_t classes;
};

class BinaryBorder {
 public:
  explicit BinaryBorder(const BinaryProduct& product);

  int64_t rows() const { return counts_ ? row_axis_.classes : 1; }
  int64_t columns() const { return counts_ ? column_axis_.classes : 1; }
  int64_t classes() const { return rows() * columns(); }
  int64_t class_of(int64_t i, int64_t j) const {
    return counts_ ? row_axis_.class_of(i) * column_axis_.classes + column_axis_.class_of(j) : 0;
  }
  // Numbers of all classes: int32 [classes(), filters].
  int64_t numbers() const { return classes() * product_.filters; }
  // `ones` [taps, filters] counts the bits that are set in w.
  void fill(const int32_t* ones, int32_t* border) const;

 private:
  const BinaryProduct& product_;
  BorderAxis row_axis_, column_axis_;
  bool counts_;  // which taps are inside matters
};

}  // namespace convolt
