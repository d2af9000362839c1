// gx[n, h, w, c] = sum over the i, j, u, v with i*s + u*d - p = h and j*s + v*d - p = w of gy[n, i, j, :] * w[u, v, c,
// :]. The inputs of one remainder of h and w by the stride meet the same taps: each such phase is a convolution of gy
// with stride 1, so every element of gx is written by one task and nothing is scattered.
#include <algorithm>
#include <cstring>

#include "base/aligned.h"
#include "gemm/patch-product.h"
#include "gemm/patch-scatter.h"
#include "gemm/sgemm.h"
#include "kernels/conv-shape.h"
#include "kernels/depthwise.h"
#include "kernels/ranges.h"

namespace convolt {
namespace {

struct Phase {
  AdjointPhase rows, columns;
  Window window() const { return {rows.window, columns.window}; }
};

template <typename Body>
void for_each_phase(const ConvShape& shape, const Body& body) {
  for (int64_t i = 0; i < std::min(shape.rows.stride, shape.rows.input); ++i) {
    for (int64_t j = 0; j < std::min(shape.columns.stride, shape.columns.input); ++j) {
      const Phase phase = {adjoint_phase(shape.rows, i), adjoint_phase(shape.columns, j)};
      const int64_t row = shape.columns.input * shape.channels;
      body(phase,
           Places<float>{.data = nullptr,
                         .image = shape.rows.input * row,
                         .row = shape.rows.stride * row,
                         .column = shape.columns.stride * shape.channels},
           i * row + j * shape.channels);
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
    if (shape.is_pointwise()) {
      return sgemm_workspace(shape.input_pixels(), shape.group_channels(), shape.group_filters(), shape.groups);
    }
    if (shape.is_depthwise()) return 0;
    if (scatters(shape)) return patch_scatter_workspace(scatter(shape, operands), threads);
    int64_t most = 0;
    for_each_phase(shape, [&](const Phase& phase, Places<float> places, int64_t) {
      most = std::max(most, patch_product_workspace(product(shape, phase, operands, places), threads));
    });
    return weight_bytes(operands) + most;
  }

  Status run(const Operands& operands) const noexcept override {
    const ConvShape shape = shape_of(operands);
    if (shape.is_pointwise()) {
      run_pointwise(shape, operands);
      return Status::ok();
    }
    if (scatters(shape)) {
      patch_scatter(scatter(shape, operands), *operands.pool, operands.workspace);
      return Status::ok();
    }
    for_each_phase(shape, [&](const Phase& phase, Places<float> places, int64_t first) {
      places.data = operands.out<float>(0) + first;
      if (shape.is_depthwise()) return run_depthwise(shape, phase, operands, places);
      gather_weights(shape, phase, operands);
      patch_product(product(shape, phase, operands, places), *operands.pool,
                    operands.workspace + weight_bytes(operands));
    });
    return Status::ok();
  }

 private:
  ConvShape shape_of(const Operands& operands) const {
    return attributes_.with(operands.outputs[0], operands.inputs[1], operands.inputs[0]);
  }

  static bool scatters(const ConvShape& shape) {
    return !shape.is_depthwise() && suits_patch_scatter(shape.images, shape.group_channels());
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

  static int64_t weight_bytes(const Operands& operands) { return aligned(operands.inputs[1].bytes()); }

  // gx[p, :] = gy[p, :] * w^T
  static void run_pointwise(const ConvShape& shape, const Operands& operands) {
    const int64_t c = shape.group_channels(), k = shape.group_filters();
    sgemm({.m = shape.input_pixels(),
           .n = c,
           .k = k,
           .a = operands.in<float>(0),
           .lda = shape.filters,
           .b = operands.in<float>(1),
           .ldb = shape.filters,
           .c = operands.out<float>(0),
           .ldc = shape.channels,
           .transpose_b = true},
          {.count = shape.groups, .stride_a = k, .stride_b = k, .stride_c = c}, *operands.pool, operands.workspace);
  }

  static void run_depthwise(const ConvShape& shape, const Phase& phase, const Operands& operands,
                            const Places<float>& places) {
    const int64_t column = shape.channels, row = shape.columns.taps * column;
    depthwise({.window = phase.window(),
               .images = shape.images,
               .channels = shape.channels,
               .x = operands.in<float>(0),
               .w = operands.in<float>(1) + phase.rows.last_tap * row + phase.columns.last_tap * column,
               .w_row = -phase.rows.tap_stride * row,
               .w_column = -phase.columns.tap_stride * column,
               .y = places},
              *operands.pool);
  }

  // b[g, c, (u, v, k)] = w[tap u of the phase, tap v of the phase, c, g, k], into the workspace.
  static void gather_weights(const ConvShape& shape, const Phase& phase, const Operands& operands) {
    auto* b = reinterpret_cast<float*>(operands.workspace);
    const int64_t c = shape.group_channels(), k = shape.group_filters();
    const auto [height, width] = phase.window();
    const int64_t depth = height.taps * width.taps * k;
    for_ranges(operands.pool, shape.channels, items_per_task(depth), [&](int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; ++row) {
        float* to = b + row * depth;
        for (int64_t u = 0; u < height.taps; ++u) {
          for (int64_t v = 0; v < width.taps; ++v, to += k) {
            const int64_t tap = (phase.rows.last_tap - u * phase.rows.tap_stride) * shape.columns.taps +
                                phase.columns.last_tap - v * phase.columns.tap_stride;
            const float* from = operands.in<float>(1) + (tap * c + row % c) * shape.filters + row / c * k;
            std::memcpy(to, from, static_cast<size_t>(k) * sizeof(float));
          }
        }
      }
    });
  }

  // gx[p, :] = patch(gy, p) * b^T
  static PatchProduct product(const ConvShape& shape, const Phase& phase, const Operands& operands,
                              const Places<float>& places) {
    const int64_t c = shape.group_channels(), k = shape.group_filters();
    const int64_t depth = phase.window().taps() * k;
    return {.window = phase.window(),
            .images = shape.images,
            .groups = shape.groups,
            .x = {operands.in<float>(0), k, shape.filters},
            .b = reinterpret_cast<const float*>(operands.workspace),
            .ldb = std::max<int64_t>(1, depth),
            .b_group = c * depth,
            .transpose_b = true,
            .n = c,
            .y = places};
  }

  ConvShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(conv2dGradInput, Conv2dGradInput)

}  // namespace convolt
