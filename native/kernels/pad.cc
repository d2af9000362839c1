// pad: y[i] = x[source(i - before)]; padGrad: x[j] = sum of y[i] over the i whose source is j. Along each axis y has
// three segments (border, x itself, border) on which the source is linear, so that both are sums over boxes.
#include "kernels/expect.h"
#include "kernels/strided-copy.h"

namespace convolt {
namespace {

enum class Mode : int64_t { kConstant, kReflect, kReplicate };

// Positions [y, y + size) of the padded axis show x, x + step, x + 2 step, ...
struct Segment {
  int64_t y, size, x, step;
};

class Border : public Kernel {
 protected:
  Border(const char* name, AttributeReader& read) : name_(name), rank_(read.integer()) {
    for (int64_t a = 0; a < rank_ && a < kMaxRank; ++a) before_[a] = read.integer();
    for (int64_t a = 0; a < rank_ && a < kMaxRank; ++a) after_[a] = read.integer();
    mode_ = static_cast<Mode>(read.integer());
  }

  Status check_border(const Operands& operands, const Tensor& x, const Tensor& y) const {
    CONVOLT_TRY(expect_dtype(name_, "the output", operands.outputs[0], operands.inputs[0].dtype));
    CONVOLT_TRY(expect_rank(name_, "the input", operands.inputs[0], static_cast<int>(rank_)));
    CONVOLT_TRY(expect_rank(name_, "the output", operands.outputs[0], static_cast<int>(rank_)));
    Shape padded = x.shape;
    for (int a = 0; a < rank_; ++a) {
      const int64_t least = mode_ == Mode::kConstant ? 0 : mode_ == Mode::kReplicate ? 1 : larger_border(a) + 1;
      padded[a] += before_[a] + after_[a];
      if (before_[a] >= 0 && after_[a] >= 0 && (larger_border(a) == 0 || x.shape[a] >= least)) continue;
      return {Code::kShape, std::string(name_) + ": expected the border of axis " + std::to_string(a) + " to fit " +
                                x.shape.to_string() + " but got " + std::to_string(larger_border(a))};
    }
    return expect_shape(name_, "the padded tensor", y, padded);
  }

  // Calls body(box, x_offset, y_offset) for every box that shows part of x; the box runs from x to y.
  template <typename Body>
  void for_boxes(const Shape& x, const Shape& y, const Body& body) const {
    const int choices = mode_ == Mode::kConstant ? 1 : 3;
    int boxes = 1;
    for (int a = 0; a < rank_; ++a) boxes *= choices;
    const Strides x_strides = strides_of(x);
    const Strides y_strides = strides_of(y);
    for (int number = 0; number < boxes; ++number) {
      StridedBox box;
      int64_t x_offset = 0;
      int64_t y_offset = 0;
      bool empty = false;
      for (int a = 0, rest = number; a < rank_; ++a, rest /= choices) {
        const Segment segment = segment_of(a, rest % choices, x[a]);
        empty = empty || segment.size == 0;
        x_offset += segment.x * x_strides[a];
        y_offset += segment.y * y_strides[a];
        box.push(segment.size, segment.step * x_strides[a], y_strides[a]);
      }
      if (!empty) body(box, x_offset, y_offset);
    }
  }

  const char* name_;
  int64_t rank_;
  Mode mode_;

 private:
  int64_t larger_border(int a) const { return std::max(before_[a], after_[a]); }

  // choice 0: x itself; 1: the border before it; 2: the border after it.
  Segment segment_of(int a, int choice, int64_t length) const {
    const int64_t step = mode_ == Mode::kReflect ? -1 : 0;
    if (choice == 0) return {before_[a], length, 0, 1};
    if (choice == 1) return {0, before_[a], step == 0 ? 0 : before_[a], step};
    return {before_[a] + length, after_[a], step == 0 ? length - 1 : length - 2, step};
  }

  std::array<int64_t, kMaxRank> before_{};
  std::array<int64_t, kMaxRank> after_{};
};

class Pad final : public Border {
 public:
  explicit Pad(AttributeReader& read) : Border("pad", read), value_(read.number()) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts(name_, operands, 1, 1));
    return check_border(operands, operands.inputs[0], operands.outputs[0]);
  }

  Status run(const Operands& operands) const noexcept override {
    const Tensor& y = operands.outputs[0];
    const int64_t bytes = bytes_per_element(y.dtype);
    if (mode_ == Mode::kConstant) fill(y, value_, operands.pool);
    for_boxes(operands.inputs[0].shape, y.shape, [&](const StridedBox& box, int64_t x_offset, int64_t y_offset) {
      strided_copy(box, operands.in<std::byte>(0) + x_offset * bytes, operands.out<std::byte>(0) + y_offset * bytes,
                   bytes, operands.pool);
    });
    return Status::ok();
  }

 private:
  double value_;
};

class PadGrad final : public Border {
 public:
  explicit PadGrad(AttributeReader& read) : Border("padGrad", read) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts(name_, operands, 1, 1));
    CONVOLT_TRY(expect_dtype(name_, "the gradient", operands.inputs[0], DType::kFloat32));
    return check_border(operands, operands.outputs[0], operands.inputs[0]);
  }

  Status run(const Operands& operands) const noexcept override {
    const Tensor& x = operands.outputs[0];
    fill(x, 0, operands.pool);
    for_boxes(x.shape, operands.inputs[0].shape, [&](StridedBox box, int64_t x_offset, int64_t y_offset) {
      std::swap(box.from, box.to);
      strided_add(box, operands.in<float>(0) + y_offset, operands.out<float>(0) + x_offset, operands.pool);
    });
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(pad, Pad)
CONVOLT_KERNEL(padGrad, PadGrad)

}  // namespace convolt
