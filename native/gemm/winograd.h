// Convolution by a square window of two to five taps and stride 1 in the algorithms F(side x side, taps x taps) of
// Winograd (Lavin and Gray 2015) with six points: 36 products of matrices in the place of 144 for three taps, of 100
// for two or five. Also its gradients: the one to the input is the same with turned weights, the one to the weights is
// F(taps x taps, side x side).
#pragma once

#include "base/thread_pool.h"
#include "gemm/after-rows.h"
#include "gemm/winograd-filter.h"
#include "gemm/winograd-tiles.h"

namespace convolt {

// y [images, positions, positions, filters] = x [images, length, length, channels] by the weights of the filter.
struct Winograd {
  WinogradTiles tiles;
  WinogradFilter filter;
  const float* x;
  float* y;
};

// True where it is quicker than summing the products as written; `prepared`: the weights are transformed already.
bool winograd_is_quicker(const WinogradTiles& tiles, int64_t channels, int64_t filters, bool prepared);

// `prepared` are the transformed weights or nullptr; `after` is called for winograd_ranges() ranges of pixels.
void winograd(const Winograd& product, const float* prepared, ThreadPool& pool, float* workspace,
              const AfterRows& after = {});
int64_t winograd_floats(const Winograd& product, bool prepared, int threads);
int64_t winograd_ranges(const Winograd& product);

// w [taps, taps, channels, filters] = the gradient of the weights, from x and g [images, positions, positions,
// filters].
struct WinogradWeights {
  WinogradTiles tiles;
  int64_t channels, filters;
  const float* x;
  const float* g;
  float* w;
};

void winograd_weights(const WinogradWeights& product, ThreadPool& pool, float* workspace);
int64_t winograd_weights_floats(const WinogradWeights& product, int threads);

}  // namespace convolt
