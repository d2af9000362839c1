// y[..., i, j] = sum over k of a[..., i, k] * b[..., k, j], either operand transposed on request.
#include <algorithm>
#include <limits>

#include "gemm/product.h"
#include "kernels/expect.h"
#include "kernels/product-operands.h"

namespace convolt {
namespace {

class Matmul final : public Kernel {
 public:
  explicit Matmul(AttributeReader& read) : transpose_a_(read.flag()), transpose_b_(read.flag()) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("matmul", operands, 2, 1));
    const Tensor& a = operands.inputs[0];
    const Tensor& b = operands.inputs[1];
    const Tensor& y = operands.outputs[0];
    for (const Tensor* tensor : {&a, &b, &y}) {
      CONVOLT_TRY(expect_dtype("matmul", "every operand", *tensor, DType::kFloat32));
    }
    const int rank = a.shape.rank();
    if (rank < 2 || b.shape.rank() != rank) return misfit(operands);
    Shape expected = a.shape;
    expected[rank - 2] = a.shape.last(transpose_a_ ? 1 : 2);
    expected[rank - 1] = b.shape.last(transpose_b_ ? 2 : 1);
    CONVOLT_TRY(expect_shape("matmul", "the output", y, expected));
    constexpr int64_t kMost = std::numeric_limits<int32_t>::max();  // BLAS counts in 32 bits
    const bool inner = a.shape.last(transpose_a_ ? 2 : 1) == b.shape.last(transpose_b_ ? 1 : 2);
    bool fits = inner && a.shape.product(0, rank - 1) <= kMost && a.shape.last() <= kMost && b.shape.last() <= kMost;
    for (int axis = 0; axis < rank - 2; ++axis) fits = fits && a.shape[axis] == b.shape[axis];
    return fits ? Status::ok() : misfit(operands);
  }

  int64_t workspace(const Operands& operands, int threads) const override {
    return product_workspace(product_of(operands), threads);
  }

  int64_t prepared_bytes(const Operands& operands) const override {
    return has_constant_weights(operands) ? prepared_product_bytes(product_of(operands)) : 0;
  }

  void prepare(const Operands& operands) const noexcept override {
    prepare_product(product_of(operands), *operands.pool, operands.prepared);
  }

  // Rows of several products are not handed on.
  int64_t tail_ranges(const Operands& operands) const override {
    const Product product = product_of(operands);
    return product.batch.count == 1 ? product_ranges(product) : 0;
  }

  Status run(const Operands& operands) const noexcept override {
    with_tail(operands, [&](const AfterRows& after) {
      multiply(product_of(operands), *operands.pool, operands.workspace, after);
    });
    return Status::ok();
  }

 private:
  // One product per leading index.
  Product product_of(const Operands& operands) const {
    const Shape& a = operands.inputs[0].shape;
    const Shape& b = operands.inputs[1].shape;
    const Shape& y = operands.outputs[0].shape;
    const int64_t m = y.last(2), n = y.last(), k = a.last(transpose_a_ ? 2 : 1);
    return {.gemm = {.m = m,
                     .n = n,
                     .k = k,
                     .a = operands.in<float>(0),
                     .lda = std::max<int64_t>(1, a.last()),
                     .b = operands.in<float>(1),
                     .ldb = std::max<int64_t>(1, b.last()),
                     .c = operands.out<float>(0),
                     .ldc = std::max<int64_t>(1, n),
                     .transpose_a = transpose_a_,
                     .transpose_b = transpose_b_},
            .batch = {.count = a.product(0, a.rank() - 2), .stride_a = m * k, .stride_b = k * n, .stride_c = m * n},
            .prepared = prepared_floats(operands)};
  }

  static Status misfit(const Operands& operands) {
    return {Code::kShape, "matmul: expected matrices to fit together but got " + operands.inputs[0].shape.to_string() +
                              " and " + operands.inputs[1].shape.to_string()};
  }

  bool transpose_a_;
  bool transpose_b_;
};

}  // namespace

CONVOLT_KERNEL(matmul, Matmul)

}  // namespace convolt
