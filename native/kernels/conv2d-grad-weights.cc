// gw[u, v, c, k] = sum over n, i, j of x[n, i*s + u*d - p, j*s + v*d - p, c] * gy[n, i, j, k], per group of channels.
#include "gemm/patch-weights.h"
#include "gemm/product.h"
#include "kernels/conv-shape.h"
#include "kernels/conv-winograd.h"
#include "kernels/depthwise.h"

namespace convolt {
namespace {

class Conv2dGradWeights final : public Kernel {
 public:
  explicit Conv2dGradWeights(AttributeReader& read) : attributes_(read) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("conv2dGradWeights", operands, 2, 1));
    return expect_conv("conv2dGradWeights", attributes_, operands.inputs[0], operands.outputs[0], operands.inputs[1]);
  }

  int64_t workspace(const Operands& operands, int threads) const override {
    const ConvShape shape = shape_of(operands);
    if (takes_winograd_weights(shape)) {
      return bytes_of_floats(winograd_weights_floats(winograd_weights_of(shape, operands), threads));
    }
    if (shape.is_pointwise()) {
      return product_workspace(pointwise(shape, operands), threads);
    }
    return shape.is_depthwise() ? depthwise_weights_workspace(depthwise_of(shape, operands))
                                : patch_weights_workspace(patches_of(shape, operands), threads);
  }

  Status run(const Operands& operands) const noexcept override {
    const ConvShape shape = shape_of(operands);
    if (takes_winograd_weights(shape)) {
      winograd_weights(winograd_weights_of(shape, operands), *operands.pool,
                       reinterpret_cast<float*>(operands.workspace));
    } else if (shape.is_pointwise()) {
      multiply(pointwise(shape, operands), *operands.pool, operands.workspace);
    } else if (shape.is_depthwise()) {
      depthwise_weights(depthwise_of(shape, operands), *operands.pool, operands.workspace);
    } else {
      patch_weights(patches_of(shape, operands), *operands.pool, operands.workspace);
    }
    return Status::ok();
  }

 private:
  ConvShape shape_of(const Operands& operands) const {
    return attributes_.with(operands.inputs[0], operands.outputs[0], operands.inputs[1]);
  }

  // gw = x^T * gy
  static Product pointwise(const ConvShape& shape, const Operands& operands) {
    const int64_t c = shape.group_channels(), k = shape.group_filters();
    return {.gemm = {.m = c,
                     .n = k,
                     .k = shape.output_pixels(),
                     .a = operands.in<float>(0),
                     .lda = shape.channels,
                     .b = operands.in<float>(1),
                     .ldb = shape.filters,
                     .c = operands.out<float>(0),
                     .ldc = shape.filters,
                     .transpose_a = true},
            .batch = {.count = shape.groups, .stride_a = c, .stride_b = k, .stride_c = k}};
  }

  static DepthwiseWeights depthwise_of(const ConvShape& shape, const Operands& operands) {
    return {.window = shape.window(),
            .images = shape.images,
            .channels = shape.channels,
            .x = operands.in<float>(0),
            .gy = operands.in<float>(1),
            .w = operands.out<float>(0)};
  }

  static PatchWeights patches_of(const ConvShape& shape, const Operands& operands) {
    return {.window = shape.window(),
            .images = shape.images,
            .groups = shape.groups,
            .x = {operands.in<float>(0), shape.group_channels(), shape.channels},
            .gy = operands.in<float>(1),
            .w = operands.out<float>(0),
            .n = shape.group_filters()};
  }

  ConvShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(conv2dGradWeights, Conv2dGradWeights)

}  // namespace convolt
