// Winograd's algorithms apply to square windows of two to five taps and stride 1; where they do, a measured rule or the
// user decides.
#include "kernels/conv-winograd.h"

namespace convolt {
namespace {

bool is_suited(const ConvShape& shape) {
  const auto slides_by_one = [](const SlidingAxis& axis) { return axis.stride == 1 && axis.dilation == 1; };
  const int64_t taps = shape.rows.taps;
  return shape.groups == 1 && taps >= 2 && taps <= 5 && shape.columns.taps == taps && slides_by_one(shape.rows) &&
         slides_by_one(shape.columns) && shape.images > 0;
}

template <typename IsQuicker>
bool takes(const ConvShape& shape, const IsQuicker& is_quicker) {
  if (shape.algorithm == ConvAlgorithm::kDirect || !is_suited(shape)) return false;
  return shape.algorithm == ConvAlgorithm::kWinograd || is_quicker();
}

WinogradTiles tiles_of(const ConvShape& shape) {
  const auto axis = [](const SlidingAxis& a) { return WinogradAxis{a.input, a.output, a.before}; };
  return {shape.images, axis(shape.rows), axis(shape.columns), shape.rows.taps};
}

// Input h meets output i at tap u = h - i + before: position h reads outputs h + before - taps + 1, ..., h + before.
WinogradTiles adjoint_tiles_of(const ConvShape& shape) {
  const auto axis = [](const SlidingAxis& a) { return WinogradAxis{a.output, a.input, a.taps - 1 - a.before}; };
  return {shape.images, axis(shape.rows), axis(shape.columns), shape.rows.taps};
}

}  // namespace

bool takes_winograd(const ConvShape& shape, bool prepared) {
  return takes(shape, [&] { return winograd_is_quicker(tiles_of(shape), shape.channels, shape.filters, prepared); });
}

bool takes_winograd_adjoint(const ConvShape& shape) {
  return takes(shape,
               [&] { return winograd_is_quicker(adjoint_tiles_of(shape), shape.filters, shape.channels, false); });
}

bool takes_winograd_weights(const ConvShape& shape) {
  return takes(shape, [&] { return winograd_is_quicker(tiles_of(shape), shape.channels, shape.filters, false); });
}

Winograd winograd_of(const ConvShape& shape, const Operands& operands) {
  return {.tiles = tiles_of(shape),
          .filter = {shape.rows.taps, shape.channels, shape.filters, operands.in<float>(1), false},
          .x = operands.in<float>(0),
          .y = operands.out<float>(0)};
}

Winograd winograd_adjoint_of(const ConvShape& shape, const Operands& operands) {
  return {.tiles = adjoint_tiles_of(shape),
          .filter = {shape.rows.taps, shape.filters, shape.channels, operands.in<float>(1), true},
          .x = operands.in<float>(0),
          .y = operands.out<float>(0)};
}

WinogradWeights winograd_weights_of(const ConvShape& shape, const Operands& operands) {
  return {.tiles = tiles_of(shape),
          .channels = shape.channels,
          .filters = shape.filters,
          .x = operands.in<float>(0),
          .g = operands.in<float>(1),
          .w = operands.out<float>(0)};
}

}  // namespace convolt
