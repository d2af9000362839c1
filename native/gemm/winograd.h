// Convolution by a 3 x 3 window of stride 1 in the algorithm F(4 x 4, 3 x 3) of Winograd (Lavin and Gray 2015): 36
// products of matrices in the place of 144. Also its gradients: the one to the input is the same with turned weights,
// the one to the weights is F(3 x 3, 4 x 4).
#pragma once

#include "base/thread_pool.h"
#include "gemm/winograd-tiles.h"
#include "kernels/kernel.h"

namespace convolt {

// y [images, positions, positions, filters] = x [images, length, length, channels] by w [3, 3, channels, filters].
struct Winograd {
  WinogradTiles tiles;
  int64_t channels, filters;
  const float* x;
  float* y;
};

// True where it is quicker than summing the products as written.
bool winograd_is_quicker(const WinogradTiles& tiles, int64_t channels, int64_t filters);

// Weights, transformed: for every panel of filters 36 planes [channels, width].
int64_t winograd_filter_floats(int64_t channels, int64_t filters);
void winograd_filter(const float* w, int64_t channels, int64_t filters, float* planes, ThreadPool& pool);

int64_t winograd_floats(const Winograd& product, int threads);
// `tail` may be nullptr; it is called for winograd_ranges() ranges.
void winograd(const Winograd& product, const float* filter, float* workspace, Tail* tail, ThreadPool& pool);
int64_t winograd_ranges(const Winograd& product);

// w = the gradient of the weights, from x and g [images, positions, positions, filters].
struct WinogradWeights {
  WinogradTiles tiles;
  int64_t channels, filters;
  const float* x;
  const float* g;
  float* w;
};

int64_t winograd_weights_floats(const WinogradWeights& product, int threads);
void winograd_weights(const WinogradWeights& product, float* workspace, ThreadPool& pool);

}  // namespace convolt
