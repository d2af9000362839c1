// slice: y[i] = x[begin + i * step]; sliceGrad: x = 0, then x[begin + i * step] = y[i].
#include "kernels/expect.h"
#include "kernels/strided-copy.h"

namespace convolt {
namespace {

class StridedWindow : public Kernel {
 protected:
  StridedWindow(const char* name, AttributeReader& read) : name_(name), rank_(read.integer()) {
    for (int64_t a = 0; a < rank_ && a < kMaxRank; ++a) begin_[a] = read.integer();
    for (int64_t a = 0; a < rank_ && a < kMaxRank; ++a) step_[a] = read.integer();
  }

  // Every i of `window` lies inside of `whole`.
  Status check_window(const Operands& operands, const Tensor& whole, const Tensor& window) const {
    CONVOLT_TRY(expect_dtype(name_, "the output", operands.outputs[0], operands.inputs[0].dtype));
    CONVOLT_TRY(expect_rank(name_, "the input", whole, static_cast<int>(rank_)));
    CONVOLT_TRY(expect_rank(name_, "the output", window, static_cast<int>(rank_)));
    for (int a = 0; a < rank_; ++a) {
      if (window.shape[a] == 0) continue;
      const int64_t last = begin_[a] + (window.shape[a] - 1) * step_[a];
      const int64_t low = std::min(begin_[a], last);
      const int64_t high = std::max(begin_[a], last);
      if (low >= 0 && high < whole.shape[a] && step_[a] != 0) continue;
      return {Code::kShape, std::string(name_) + ": expected the box to lie inside of " + whole.shape.to_string() +
                                " but got " + std::to_string(low) + " to " + std::to_string(high) + " on axis " +
                                std::to_string(a)};
    }
    return Status::ok();
  }

  // Offset of the window's first element in the whole, in elements.
  int64_t origin(const Tensor& whole) const {
    const Strides strides = strides_of(whole.shape);
    int64_t offset = 0;
    for (int a = 0; a < rank_; ++a) offset += begin_[a] * strides[a];
    return offset;
  }

  // Strides by which one step of the window moves in the whole.
  Strides stepped(const Tensor& whole) const {
    Strides strides = strides_of(whole.shape);
    for (int a = 0; a < rank_; ++a) strides[a] *= step_[a];
    return strides;
  }

  const char* name_;
  int64_t rank_;
  std::array<int64_t, kMaxRank> begin_{};
  std::array<int64_t, kMaxRank> step_{};
};

StridedBox box_of(const Shape& size, const Strides& from, const Strides& to) {
  StridedBox box;
  for (int a = 0; a < size.rank(); ++a) box.push(size[a], from[a], to[a]);
  return box;
}

class Slice final : public StridedWindow {
 public:
  explicit Slice(AttributeReader& read) : StridedWindow("slice", read) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts(name_, operands, 1, 1));
    return check_window(operands, operands.inputs[0], operands.outputs[0]);
  }

  Status run(const Operands& operands) const noexcept override {
    const Tensor& x = operands.inputs[0];
    const Tensor& y = operands.outputs[0];
    if (y.elements() == 0) return Status::ok();
    const int64_t bytes = bytes_per_element(x.dtype);
    strided_copy(box_of(y.shape, stepped(x), strides_of(y.shape)), operands.in<std::byte>(0) + origin(x) * bytes,
                 y.data, bytes, operands.pool);
    return Status::ok();
  }
};

class SliceGrad final : public StridedWindow {
 public:
  explicit SliceGrad(AttributeReader& read) : StridedWindow("sliceGrad", read) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts(name_, operands, 1, 1));
    return check_window(operands, operands.outputs[0], operands.inputs[0]);
  }

  Status run(const Operands& operands) const noexcept override {
    const Tensor& y = operands.inputs[0];
    const Tensor& x = operands.outputs[0];
    fill(x, 0, operands.pool);
    if (y.elements() == 0) return Status::ok();
    const int64_t bytes = bytes_per_element(x.dtype);
    strided_copy(box_of(y.shape, strides_of(y.shape), stepped(x)), y.data,
                 operands.out<std::byte>(0) + origin(x) * bytes, bytes, operands.pool);
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(slice, Slice)
CONVOLT_KERNEL(sliceGrad, SliceGrad)

}  // namespace convolt
