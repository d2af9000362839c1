// The product of patches and a matrix: the algorithm of convolution and of its gradient to the input.
#pragma once

#include "base/thread_pool.h"
#include "gemm/after-rows.h"
#include "gemm/im2row.h"

namespace convolt {

// y[p, g, :] = patch(x, p, g) * op(b[g]) for every position p of every image and every group g of channels.
struct PatchProduct {
  Window window;
  int64_t images;
  int64_t groups;
  Images x;  // of the first group; the next one begins x.channels further

  // op(b) is [taps * x.channels, n], tap by tap, of which tap (u, v) begins u * b_row + v * b_column floats from b.
  const float* b;
  int64_t ldb, b_row, b_column;
  int64_t b_group;  // floats from one group to the next
  bool transpose_b;
  const float* prepared;  // what `prepare_patch_product` made of b, or nullptr

  int64_t n;  // channels of y in a group; the next group begins n further
  Places<float> y;

  int64_t positions() const { return images * window.positions(); }
  int64_t depth() const { return window.taps() * x.channels; }
};

// `workspace` has `patch_product_workspace` bytes. `after` is called for `patch_product_ranges` ranges of positions.
void patch_product(const PatchProduct& product, ThreadPool& pool, void* workspace, const AfterRows& after = {});
int64_t patch_product_workspace(const PatchProduct& product, int threads);

// b packed once, for a product whose b never changes.
int64_t prepared_patch_product_bytes(const PatchProduct& product);
void prepare_patch_product(const PatchProduct& product, ThreadPool& pool, void* prepared);

int64_t patch_product_ranges(const PatchProduct& product);

}  // namespace convolt
