// The sizes of a convolution, checked, and the phases in which its adjoint visits the input.
#include "kernels/conv-shape.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace convolt {

ConvShape::ConvShape(AttributeReader& reader, bool has_algorithm) {
  read(reader, &SlidingAxis::stride);
  read_padding(reader);
  read(reader, &SlidingAxis::dilation);
  groups = reader.integer();
  if (!has_algorithm) return;
  algorithm = static_cast<ConvAlgorithm>(std::clamp<int64_t>(reader.integer(), 0, 2));
}

bool ConvShape::set(const Shape& x, const Shape& w, const Shape& y) {
  images = x[0];
  channels = x[3];
  filters = y[3];
  rows.taps = w[0];
  columns.taps = w[1];
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();  // BLAS counts in 32 bits
  return set_sizes(x, y) && groups > 0 && y[0] == x[0] && w[3] == y[3] && w[2] * groups == x[3] && w[3] % groups == 0 &&
         rows.output == rows.whole_positions() && columns.output == columns.whole_positions() &&
         input_pixels() <= kMost && output_pixels() <= kMost && w.product(0, 3) <= kMost;
}

ConvShape ConvShape::with(const Tensor& x, const Tensor& w, const Tensor& y) const {
  ConvShape shape = *this;
  shape.set(x.shape, w.shape, y.shape);
  return shape;
}

bool ConvShape::is_pointwise() const {
  const auto is_plain = [](const SlidingAxis& a) {
    return a.taps == 1 && a.stride == 1 && a.before == 0 && a.after == 0;
  };
  return is_plain(rows) && is_plain(columns);
}

Status expect_conv(const char* op, ConvShape shape, const Tensor& x, const Tensor& w, const Tensor& y) {
  CONVOLT_TRY(expect_dtype(op, "the images", x, DType::kFloat32));
  CONVOLT_TRY(expect_dtype(op, "the weights", w, DType::kFloat32));
  CONVOLT_TRY(expect_dtype(op, "the output", y, DType::kFloat32));
  return expect_conv_sizes(op, shape, x, w, y);
}

Status expect_conv_sizes(const char* op, ConvShape shape, const Tensor& x, const Tensor& w, const Tensor& y) {
  CONVOLT_TRY(expect_rank(op, "the images", x, 4));
  CONVOLT_TRY(expect_rank(op, "the weights", w, 4));
  CONVOLT_TRY(expect_rank(op, "the output", y, 4));
  if (shape.set(x.shape, w.shape, y.shape)) return Status::ok();
  return {Code::kShape, std::string(op) + ": expected images, weights and output to fit together but got " +
                            x.shape.to_string() + ", " + w.shape.to_string() + " and " + y.shape.to_string()};
}

// Output o and tap u meet at input i = o * s + u * d - p. For the inputs i = phase + s * q the taps that meet an output
// are u0, u0 + s/gcd, ...; taken from the last to the first, they meet ascending outputs, d/gcd apart.
AdjointPhase adjoint_phase(const SlidingAxis& axis, int64_t phase) {
  const int64_t common = std::gcd(axis.stride, axis.dilation);
  const int64_t tap_stride = axis.stride / common;
  const auto reach = [&](int64_t tap) { return phase + axis.before - tap * axis.dilation; };
  int64_t first_tap = 0;
  while (first_tap < tap_stride && reach(first_tap) % axis.stride != 0) ++first_tap;
  const bool meets = first_tap < tap_stride && first_tap < axis.taps;
  const int64_t taps = meets ? (axis.taps - 1 - first_tap) / tap_stride + 1 : 0;
  const int64_t last_tap = meets ? first_tap + (taps - 1) * tap_stride : 0;
  return {.window = {.length = axis.output,
                     .positions = std::max<int64_t>(0, ceil_div(axis.input - phase, axis.stride)),
                     .taps = taps,
                     .step = 1,
                     .tap_step = axis.dilation / common,
                     .first = floor_div(reach(last_tap), axis.stride)},
          .last_tap = last_tap,
          .tap_stride = tap_stride};
}

}  // namespace convolt
