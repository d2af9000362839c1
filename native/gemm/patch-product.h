// The product of patches and a matrix: the algorithm of convolution and of its gradient to the input.
#pragma once

#include "base/thread_pool.h"
#include "gemm/im2row.h"

namespace convolt {

// y[p, g, :] = patch(x, p, g) * op(b[g]) for every position p of every image and every group g of channels.
struct PatchProduct {
  Window window;
  int64_t images;
  int64_t groups;
  Images x;  // of the first group; the next one begins x.channels further

  const float* b;  // of the first group: op(b) is [taps * x.channels, n]
  int64_t ldb;
  int64_t b_group;  // floats from one group to the next
  bool transpose_b;

  int64_t n;  // channels of y in a group; the next group begins n further
  Places<float> y;

  int64_t positions() const { return images * window.positions(); }
  int64_t depth() const { return window.taps() * x.channels; }
};

// `workspace` has `patch_product_workspace` bytes.
void patch_product(const PatchProduct& product, ThreadPool& pool, void* workspace);
int64_t patch_product_workspace(const PatchProduct& product, int threads);

// How many of `total` patches of `depth` floats are made at once: about as many as the second-level cache holds.
int64_t tile_positions(int64_t depth, int64_t total);

}  // namespace convolt
