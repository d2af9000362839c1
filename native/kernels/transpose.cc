// y[i_p0, i_p1, ...] = x[i_0, i_1, ...]: axis a of y is axis p_a of x.
#include "kernels/expect.h"
#include "kernels/strided-copy.h"

namespace convolt {
namespace {

class Transpose final : public Kernel {
 public:
  explicit Transpose(AttributeReader& read) : rank_(read.integer()) {
    for (int64_t a = 0; a < rank_ && a < kMaxRank; ++a) permutation_[a] = static_cast<int>(read.integer());
  }

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("transpose", operands, 1, 1));
    const Tensor& x = operands.inputs[0];
    const Tensor& y = operands.outputs[0];
    CONVOLT_TRY(expect_dtype("transpose", "the output", y, x.dtype));
    CONVOLT_TRY(expect_rank("transpose", "the input", x, static_cast<int>(rank_)));
    Shape shape = x.shape;
    unsigned named = 0;
    for (int a = 0; a < rank_; ++a) {
      CONVOLT_TRY(expect_axis("transpose", permutation_[a], x.shape));
      named |= 1u << permutation_[a];
      shape[a] = x.shape[permutation_[a]];
    }
    if (named + 1 != 1u << rank_) {
      return {Code::kShape, "transpose: expected the permutation to be an order of all axes but got one axis twice"};
    }
    return expect_shape("transpose", "the output", y, shape);
  }

  Status run(const Operands& operands) const noexcept override {
    const Tensor& x = operands.inputs[0];
    const Tensor& y = operands.outputs[0];
    const Strides from = strides_of(x.shape);
    const Strides to = strides_of(y.shape);
    StridedBox box;
    for (int a = 0; a < rank_; ++a) box.push(y.shape[a], from[permutation_[a]], to[a]);
    strided_copy(box, x.data, y.data, bytes_per_element(x.dtype), operands.pool);
    return Status::ok();
  }

 private:
  int64_t rank_;
  std::array<int, kMaxRank> permutation_{};
};

}  // namespace

CONVOLT_KERNEL(transpose, Transpose)

}  // namespace convolt
