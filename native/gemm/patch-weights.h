// Sums of outer products of patches and gradients: the algorithm of a convolution's gradient to its weights.
#pragma once

#include "base/thread_pool.h"
#include "gemm/im2row.h"

namespace convolt {

// w[(u, v, c), g, :] = sum over positions p of patch(x, p, g)[u, v, c] * gy[p, g, :].
struct PatchWeights {
  Window window;
  int64_t images;
  int64_t groups;
  Images x;         // of the first group; the next one begins x.channels further
  const float* gy;  // [positions, groups * n]
  float* w;         // [taps * x.channels, groups * n]
  int64_t n;        // channels of gy in a group

  int64_t positions() const { return images * window.positions(); }
  int64_t depth() const { return window.taps() * x.channels; }
  int64_t size() const { return depth() * groups * n; }
};

// `workspace` has `patch_weights_workspace` bytes.
void patch_weights(const PatchWeights& weights, ThreadPool& pool, void* workspace);
int64_t patch_weights_workspace(const PatchWeights& weights, int threads);

}  // namespace convolt
