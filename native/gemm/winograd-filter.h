// The weights of a Winograd convolution, transformed into the panels that its products read.
#pragma once

#include "base/thread_pool.h"
#include "gemm/winograd-tiles.h"

namespace convolt {

// Weights [taps, taps, channels, filters]; or those of the gradient to the input: w [taps, taps, filters, channels] is
// what the convolution itself has, of which every tap is turned to the opposite place and transposed.
struct WinogradFilter {
  int64_t taps, channels, filters;
  const float* w;
  bool turned;

  // Floats of one panel of filters: 36 planes [channels, width].
  int64_t panel_floats() const { return WinogradPlanes(channels, Panels(filters).full).floats(); }
  int64_t floats() const { return Panels(filters).count() * panel_floats(); }
};

// planes[f] [channels of `rows`, panel.width] = G w G^T; planes are shape.plane floats apart.
void winograd_filter_rows(const WinogradFilter& filter, const Panel& panel, Range rows, const WinogradPlanes& shape,
                          float* planes);

// All panels, one after the other.
void winograd_filter(const WinogradFilter& filter, float* planes, ThreadPool& pool);

}  // namespace convolt
