// The sizes of a convolution: y[n, i, j, k] = sum over u, v, c of x[n, i*s + u*d - p, j*s + v*d - p, c] * w[u, v, c,
// k].
#pragma once

#include "kernels/window-shape.h"

namespace convolt {

// How a convolution is computed; the order equals `algorithms` in lib/ops/conv2d.ts.
enum class ConvAlgorithm : uint8_t { kAuto, kDirect, kWinograd };

// Attributes and sizes of x [N, H, W, C], w [kh, kw, C / groups, K] and y [N, OH, OW, K].
struct ConvShape : WindowShape {
  int64_t groups = 1;
  ConvAlgorithm algorithm = ConvAlgorithm::kAuto;
  int64_t images = 0, channels = 0, filters = 0;

  // Stride, padding (top, bottom, left, right), dilation, groups and, on request, algorithm.
  explicit ConvShape(AttributeReader& reader, bool has_algorithm = true);
  // The same attributes with the sizes of these operands, which fit.
  ConvShape with(const Tensor& x, const Tensor& w, const Tensor& y) const;

  int64_t group_channels() const { return channels / groups; }
  int64_t group_filters() const { return filters / groups; }
  int64_t taps() const { return rows.taps * columns.taps; }
  int64_t input_pixels() const { return images * rows.input * columns.input; }
  int64_t output_pixels() const { return images * rows.output * columns.output; }
  // Every output pixel reads just the input pixel at its own place.
  bool is_pointwise() const;
  // One filter for every channel: no product of matrices, but one of vectors of channels per tap.
  bool is_depthwise() const { return groups == channels && groups == filters; }

 private:
  bool set(const Shape& x, const Shape& w, const Shape& y);
  friend Status expect_conv_sizes(const char*, ConvShape, const Tensor&, const Tensor&, const Tensor&);
};

// Operands of rank four whose sizes fit together.
Status expect_conv_sizes(const char* op, ConvShape shape, const Tensor& x, const Tensor& w, const Tensor& y);
// Float32 operands of rank four whose sizes fit together.
Status expect_conv(const char* op, ConvShape shape, const Tensor& x, const Tensor& w, const Tensor& y);

// The inputs phase, phase + stride, ... of an axis as positions of a window over the output: the adjoint of
// SlidingAxis::window. Tap t of this window is tap last_tap - t * tap_stride of the kernel.
struct AdjointPhase {
  WindowAxis window;
  int64_t last_tap;
  int64_t tap_stride;
};
AdjointPhase adjoint_phase(const SlidingAxis& axis, int64_t phase);

}  // namespace convolt
