// y[n, i, j, k] = sum over u, v, c of x[n, i*s + u*d - p, j*s + v*d - p, c] * w[u, v, c, k], per group of channels.
#include "gemm/patch-product.h"
#include "gemm/sgemm.h"
#include "kernels/conv-shape.h"
#include "kernels/depthwise.h"

namespace convolt {
namespace {

class Conv2d final : public Kernel {
 public:
  explicit Conv2d(AttributeReader& read) : attributes_(read) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("conv2d", operands, 2, 1));
    return expect_conv("conv2d", attributes_, operands.inputs[0], operands.inputs[1], operands.outputs[0]);
  }

  int64_t workspace(const Operands& operands, int threads) const override {
    const ConvShape shape = shape_of(operands);
    if (shape.is_pointwise()) {
      return sgemm_workspace(shape.output_pixels(), shape.group_filters(), shape.group_channels(), shape.groups);
    }
    return shape.is_depthwise() ? 0 : patch_product_workspace(product(shape, operands), threads);
  }

  Status run(const Operands& operands) const noexcept override {
    const ConvShape shape = shape_of(operands);
    if (shape.is_pointwise()) {
      run_pointwise(shape, operands);
    } else if (shape.is_depthwise()) {
      run_depthwise(shape, operands);
    } else {
      patch_product(product(shape, operands), *operands.pool, operands.workspace);
    }
    return Status::ok();
  }

 private:
  ConvShape shape_of(const Operands& operands) const {
    return attributes_.with(operands.inputs[0], operands.inputs[1], operands.outputs[0]);
  }

  // y[p, :] = x[p, :] * w
  static void run_pointwise(const ConvShape& shape, const Operands& operands) {
    const int64_t c = shape.group_channels(), k = shape.group_filters();
    sgemm({.m = shape.output_pixels(),
           .n = k,
           .k = c,
           .a = operands.in<float>(0),
           .lda = shape.channels,
           .b = operands.in<float>(1),
           .ldb = shape.filters,
           .c = operands.out<float>(0),
           .ldc = shape.filters},
          {.count = shape.groups, .stride_a = c, .stride_b = k, .stride_c = k}, *operands.pool, operands.workspace);
  }

  static void run_depthwise(const ConvShape& shape, const Operands& operands) {
    depthwise({.window = shape.window(),
               .images = shape.images,
               .channels = shape.channels,
               .x = operands.in<float>(0),
               .w = operands.in<float>(1),
               .w_row = shape.columns.taps * shape.channels,
               .w_column = shape.channels,
               .y = dense_places(operands.out<float>(0), shape.window(), shape.filters)},
              *operands.pool);
  }

  // y[p, :] = patch(x, p) * w
  static PatchProduct product(const ConvShape& shape, const Operands& operands) {
    return {.window = shape.window(),
            .images = shape.images,
            .groups = shape.groups,
            .x = {operands.in<float>(0), shape.group_channels(), shape.channels},
            .b = operands.in<float>(1),
            .ldb = shape.filters,
            .b_group = shape.group_filters(),
            .transpose_b = false,
            .n = shape.group_filters(),
            .y = dense_places(operands.out<float>(0), shape.window(), shape.filters)};
  }

  ConvShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(conv2d, Conv2d)

}  // namespace convolt
