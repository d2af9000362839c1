// y[n, i, j, k] = sum over u, v, c of x[n, i*s + u*d - p, j*s + v*d - p, c] * w[u, v, c, k], per group of channels.
#include "gemm/patch-product.h"
#include "gemm/product.h"
#include "kernels/conv-shape.h"
#include "kernels/conv-winograd.h"
#include "kernels/depthwise.h"
#include "kernels/product-operands.h"

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
    if (takes_winograd(shape, has_constant_weights(operands))) {
      return bytes_of_floats(winograd_floats(winograd_of(shape, operands), operands.prepared != nullptr, threads));
    }
    if (shape.is_pointwise()) return product_workspace(pointwise(shape, operands), threads);
    return shape.is_depthwise() ? 0 : patch_product_workspace(patches(shape, operands), threads);
  }

  int64_t prepared_bytes(const Operands& operands) const override {
    const ConvShape shape = shape_of(operands);
    if (!has_constant_weights(operands)) return 0;
    if (takes_winograd(shape, has_constant_weights(operands)))
      return bytes_of_floats(winograd_of(shape, operands).filter.floats());
    if (shape.is_pointwise()) return prepared_product_bytes(pointwise(shape, operands));
    return shape.is_depthwise() ? 0 : prepared_patch_product_bytes(patches(shape, operands));
  }

  void prepare(const Operands& operands) const noexcept override {
    const ConvShape shape = shape_of(operands);
    if (takes_winograd(shape, has_constant_weights(operands))) {
      winograd_filter(winograd_of(shape, operands).filter, reinterpret_cast<float*>(operands.prepared), *operands.pool);
    } else if (shape.is_pointwise()) {
      prepare_product(pointwise(shape, operands), *operands.pool, operands.prepared);
    } else {
      prepare_patch_product(patches(shape, operands), *operands.pool, operands.prepared);
    }
  }

  int64_t tail_ranges(const Operands& operands) const override {
    const ConvShape shape = shape_of(operands);
    if (takes_winograd(shape, has_constant_weights(operands))) return winograd_ranges(winograd_of(shape, operands));
    if (shape.is_pointwise()) return product_ranges(pointwise(shape, operands));
    return shape.is_depthwise() ? images_of(shape).ranges() : patch_product_ranges(patches(shape, operands));
  }

  Status run(const Operands& operands) const noexcept override {
    const ConvShape shape = shape_of(operands);
    with_tail(operands, [&](const AfterRows& after) {
      if (takes_winograd(shape, has_constant_weights(operands))) {
        winograd(winograd_of(shape, operands), prepared_floats(operands), *operands.pool,
                 reinterpret_cast<float*>(operands.workspace), after);
      } else if (shape.is_pointwise()) {
        multiply(pointwise(shape, operands), *operands.pool, operands.workspace, after);
      } else if (shape.is_depthwise()) {
        run_depthwise(shape, operands, after);
      } else {
        patch_product(patches(shape, operands), *operands.pool, operands.workspace, after);
      }
    });
    return Status::ok();
  }

 private:
  ConvShape shape_of(const Operands& operands) const {
    return attributes_.with(operands.inputs[0], operands.inputs[1], operands.outputs[0]);
  }

  // y[p, :] = x[p, :] * w
  static Product pointwise(const ConvShape& shape, const Operands& operands) {
    const int64_t c = shape.group_channels(), k = shape.group_filters();
    return {.gemm = {.m = shape.output_pixels(),
                     .n = k,
                     .k = c,
                     .a = operands.in<float>(0),
                     .lda = shape.channels,
                     .b = operands.in<float>(1),
                     .ldb = shape.filters,
                     .c = operands.out<float>(0),
                     .ldc = shape.filters},
            .batch = {.count = shape.groups, .stride_a = c, .stride_b = k, .stride_c = k},
            .prepared = prepared_floats(operands)};
  }

  static DepthwiseImages images_of(const ConvShape& shape) {
    return {shape.images, shape.rows.output, shape.columns.output, shape.filters};
  }

  static void run_depthwise(const ConvShape& shape, const Operands& operands, const AfterRows& after) {
    const Depthwise convolution = {.window = shape.window(),
                                   .images = shape.images,
                                   .channels = shape.channels,
                                   .x = operands.in<float>(0),
                                   .w = operands.in<float>(1),
                                   .w_row = shape.columns.taps * shape.channels,
                                   .w_column = shape.channels,
                                   .y = dense_places(operands.out<float>(0), shape.window(), shape.filters)};
    depthwise(images_of(shape), *operands.pool, after, [&](int64_t image, int64_t row, bool past_caches) {
      depthwise_row(convolution, image, row, past_caches);
    });
  }

  // y[p, :] = patch(x, p) * w
  static PatchProduct patches(const ConvShape& shape, const Operands& operands) {
    const int64_t tap = shape.group_channels() * shape.filters;
    return {.window = shape.window(),
            .images = shape.images,
            .groups = shape.groups,
            .x = {operands.in<float>(0), shape.group_channels(), shape.channels},
            .b = operands.in<float>(1),
            .ldb = shape.filters,
            .b_row = shape.columns.taps * tap,
            .b_column = tap,
            .b_group = shape.group_filters(),
            .transpose_b = false,
            .prepared = prepared_floats(operands),
            .n = shape.group_filters(),
            .y = dense_places(operands.out<float>(0), shape.window(), shape.filters)};
  }

  ConvShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(conv2d, Conv2d)

}  // namespace convolt
