// The gradient of a convolution to its input as a product whose rows are added to patches. It is better than
// `patch_product` where the input has few channels, which make that one's matrix too narrow, and images enough to be
// shared by the threads.
#pragma once

#include "base/thread_pool.h"
#include "gemm/window.h"

namespace convolt {

struct PatchScatter {
  Window window;
  int64_t images, groups;
  int64_t channels, filters;  // of one group
  const float* gy;            // [images, positions, groups * filters]
  const float* w;             // [taps * channels, groups * filters]
  float* gx;                  // [images, rows.length, columns.length, groups * channels]
};

// True where it is worth while: by shape only.
bool suits_patch_scatter(int64_t images, int64_t channels);

int64_t patch_scatter_workspace(const PatchScatter& scatter, int threads);

// gx = 0, then gx's patch at each position += gy[position, :] * w^T
void patch_scatter(const PatchScatter& scatter, ThreadPool& pool, void* workspace);

}  // namespace convolt
