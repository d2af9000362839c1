// gx[n, h, w, c] = sum over the i, j, u, v with i*s + u*d - p = h and j*s + v*d - p = w of gy[n, i, j, :] * w[u, v, c,
// :]. The inputs of one remainder of h and w by the stride meet the same taps: each such phase is a convolution of gy
// with stride 1, so every element of gx is written by one task and nothing is scattered.
#include <algorithm>

#include "gemm/padded-lines.h"
#include "gemm/patch-product.h"
#include "gemm/patch-scatter.h"
#include "gemm/product.h"
#include "kernels/conv-shape.h"
#include "kernels/conv-winograd.h"
#include "kernels/depthwise.h"
#include "kernels/product-operands.h"

namespace convolt {
namespace {

struct Phase {
  AdjointPhase rows, columns;
  Window window() const { return {rows.window, columns.window}; }
};

// Phase (i, j): the inputs i, i + stride, ... of the rows and j, j + stride, ... of the columns.
Phase phase_at(const ConvShape& shape, int64_t i, int64_t j) {
  return {adjoint_phase(shape.rows, i), adjoint_phase(shape.columns, j)};
}

Places<float> places_at(const ConvShape& shape, int64_t i, int64_t j, float* gx) {
  const int64_t row = shape.columns.input * shape.channels;
  return {.data = gx + i * row + j * shape.channels,
          .image = shape.rows.input * row,
          .row = shape.rows.stride * row,
          .column = shape.columns.stride * shape.channels};
}

template <typename Body>
void for_each_phase(const ConvShape& shape, float* gx, const Body& body) {
  for (int64_t i = 0; i < std::min(shape.rows.stride, shape.rows.input); ++i) {
    for (int64_t j = 0; j < std::min(shape.columns.stride, shape.columns.input); ++j) {
      body(phase_at(shape, i, j), places_at(shape, i, j, gx));
    }
  }
}

class Conv2dGradInput final : public Kernel {
 public:
  explicit Conv2dGradInput(AttributeReader& read) : attributes_(read) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("conv2dGradInput", operands, 2, 1));
    return expect_conv("conv2dGradInput", attributes_, operands.outputs[0], operands.inputs[1], operands.inputs[0]);
  }

  int64_t workspace(const Operands& operands, int threads) const override {
    const ConvShape shape = shape_of(operands);
    if (takes_winograd_adjoint(shape)) {
      return bytes_of_floats(
          winograd_floats(winograd_adjoint_of(shape, operands), operands.prepared != nullptr, threads));
    }
    if (shape.is_pointwise()) return product_workspace(pointwise(shape, operands), threads);
    if (shape.is_depthwise()) return 0;
    if (scatters(shape)) return patch_scatter_workspace(scatter(shape, operands), threads);
    int64_t most = 0;
    for_each_phase(shape, nullptr, [&](const Phase& phase, const Places<float>& places) {
      most = std::max(most, patch_product_workspace(patches(shape, phase, operands, places), threads));
    });
    return most;
  }

  int64_t prepared_bytes(const Operands& operands) const override {
    const ConvShape shape = shape_of(operands);
    if (!has_constant_weights(operands)) return 0;
    if (takes_winograd_adjoint(shape)) return bytes_of_floats(winograd_adjoint_of(shape, operands).filter.floats());
    if (shape.is_pointwise()) return prepared_product_bytes(pointwise(shape, operands));
    return is_one_product(shape) ? prepared_patch_product_bytes(whole(shape, operands)) : 0;
  }

  void prepare(const Operands& operands) const noexcept override {
    const ConvShape shape = shape_of(operands);
    if (takes_winograd_adjoint(shape)) {
      winograd_filter(winograd_adjoint_of(shape, operands).filter, reinterpret_cast<float*>(operands.prepared),
                      *operands.pool);
    } else if (shape.is_pointwise()) {
      prepare_product(pointwise(shape, operands), *operands.pool, operands.prepared);
    } else {
      prepare_patch_product(whole(shape, operands), *operands.pool, operands.prepared);
    }
  }

  int64_t tail_ranges(const Operands& operands) const override {
    const ConvShape shape = shape_of(operands);
    if (takes_winograd_adjoint(shape)) return winograd_ranges(winograd_adjoint_of(shape, operands));
    if (shape.is_pointwise()) return product_ranges(pointwise(shape, operands));
    if (shape.is_depthwise()) return images_of(shape).ranges();
    return is_one_product(shape) ? patch_product_ranges(whole(shape, operands)) : 0;
  }

  Status run(const Operands& operands) const noexcept override {
    const ConvShape shape = shape_of(operands);
    with_tail(operands, [&](const AfterRows& after) {
      if (takes_winograd_adjoint(shape)) {
        winograd(winograd_adjoint_of(shape, operands), prepared_floats(operands), *operands.pool,
                 reinterpret_cast<float*>(operands.workspace), after);
      } else if (shape.is_pointwise()) {
        multiply(pointwise(shape, operands), *operands.pool, operands.workspace, after);
      } else if (shape.is_depthwise()) {
        run_depthwise(shape, operands, after);
      } else if (is_one_product(shape)) {
        patch_product(whole(shape, operands), *operands.pool, operands.workspace, after);
      } else if (scatters(shape)) {
        patch_scatter(scatter(shape, operands), *operands.pool, operands.workspace);
      } else {
        for_each_phase(shape, operands.out<float>(0), [&](const Phase& phase, const Places<float>& places) {
          patch_product(patches(shape, phase, operands, places), *operands.pool, operands.workspace);
        });
      }
    });
    return Status::ok();
  }

 private:
  ConvShape shape_of(const Operands& operands) const {
    return attributes_.with(operands.outputs[0], operands.inputs[1], operands.inputs[0]);
  }

  static bool scatters(const ConvShape& shape) {
    return !shape.is_depthwise() && suits_patch_scatter(shape.images, shape.group_channels()) && !reads_lines(shape);
  }

  // The patches of gy need not be made.
  static bool reads_lines(const ConvShape& shape) {
    return shape.rows.stride == 1 && shape.columns.stride == 1 &&
           PaddedLines{{nullptr, shape.group_filters(), shape.filters}, phase_at(shape, 0, 0).window()}.is_suited();
  }

  static PatchScatter scatter(const ConvShape& shape, const Operands& operands) {
    return {.window = shape.window(),
            .images = shape.images,
            .groups = shape.groups,
            .channels = shape.group_channels(),
            .filters = shape.group_filters(),
            .gy = operands.in<float>(0),
            .w = operands.in<float>(1),
            .gx = operands.out<float>(0)};
  }

  // One phase, hence one product whose rows are those of gx.
  static bool is_one_product(const ConvShape& shape) {
    return shape.rows.stride == 1 && shape.columns.stride == 1 && !shape.is_depthwise() && !scatters(shape);
  }

  // gx[p, :] = gy[p, :] * w^T
  static Product pointwise(const ConvShape& shape, const Operands& operands) {
    const int64_t c = shape.group_channels(), k = shape.group_filters();
    return {.gemm = {.m = shape.input_pixels(),
                     .n = c,
                     .k = k,
                     .a = operands.in<float>(0),
                     .lda = shape.filters,
                     .b = operands.in<float>(1),
                     .ldb = shape.filters,
                     .c = operands.out<float>(0),
                     .ldc = shape.channels,
                     .transpose_b = true},
            .batch = {.count = shape.groups, .stride_a = k, .stride_b = k, .stride_c = c},
            .prepared = prepared_floats(operands)};
  }

  static DepthwiseImages images_of(const ConvShape& shape) {
    return {shape.images, shape.rows.input, shape.columns.input, shape.channels};
  }

  static void run_depthwise(const ConvShape& shape, const Operands& operands, const AfterRows& after) {
    depthwise(images_of(shape), *operands.pool, after, [&](int64_t image, int64_t row, bool past_caches) {
      const int64_t stride = shape.rows.stride;
      for (int64_t j = 0; j < std::min(shape.columns.stride, shape.columns.input); ++j) {
        depthwise_row(one_phase(shape, row % stride, j, operands), image, row / stride, past_caches);
      }
    });
  }

  static Depthwise one_phase(const ConvShape& shape, int64_t i, int64_t j, const Operands& operands) {
    const Phase phase = phase_at(shape, i, j);
    const int64_t column = shape.channels, row = shape.columns.taps * column;
    return {.window = phase.window(),
            .images = shape.images,
            .channels = shape.channels,
            .x = operands.in<float>(0),
            .w = operands.in<float>(1) + phase.rows.last_tap * row + phase.columns.last_tap * column,
            .w_row = -phase.rows.tap_stride * row,
            .w_column = -phase.columns.tap_stride * column,
            .y = places_at(shape, i, j, operands.out<float>(0))};
  }

  // gx[p, :] = the sum over taps of the phase of gy at the tap * w[tap]^T
  static PatchProduct patches(const ConvShape& shape, const Phase& phase, const Operands& operands,
                              const Places<float>& places) {
    const int64_t c = shape.group_channels(), k = shape.group_filters();
    const int64_t column = c * shape.filters, row = shape.columns.taps * column;
    return {.window = phase.window(),
            .images = shape.images,
            .groups = shape.groups,
            .x = {operands.in<float>(0), k, shape.filters},
            .b = operands.in<float>(1) + phase.rows.last_tap * row + phase.columns.last_tap * column,
            .ldb = shape.filters,
            .b_row = -phase.rows.tap_stride * row,
            .b_column = -phase.columns.tap_stride * column,
            .b_group = k,
            .transpose_b = true,
            .prepared = prepared_floats(operands),
            .n = c,
            .y = places};
  }

  static PatchProduct whole(const ConvShape& shape, const Operands& operands) {
    const Phase phase = {adjoint_phase(shape.rows, 0), adjoint_phase(shape.columns, 0)};
    return patches(shape, phase, operands, dense_places(operands.out<float>(0), phase.window(), shape.channels));
  }

  ConvShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(conv2dGradInput, Conv2dGradInput)

}  // namespace convolt
