// Convolution of every channel with a filter of its own, and its gradients.
#pragma once

#include "base/thread_pool.h"
#include "gemm/window.h"

namespace convolt {

// y[p, c] = sum over u, v of x(p, u, v)[c] * w(u, v)[c] for every position p of every image.
struct Depthwise {
  Window window;
  int64_t images;
  int64_t channels;
  const float* x;
  const float* w;           // of tap (0, 0)
  int64_t w_row, w_column;  // floats from one tap to the next
  Places<float> y;
};
void depthwise(const Depthwise& d, ThreadPool& pool);

// w(u, v)[c] = sum over positions p of x(p, u, v)[c] * gy[p, c].
struct DepthwiseWeights {
  Window window;
  int64_t images;
  int64_t channels;
  const float* x;
  const float* gy;
  float* w;

  int64_t size() const { return window.taps() * channels; }
};
// `workspace` has `depthwise_weights_workspace` bytes.
void depthwise_weights(const DepthwiseWeights& d, ThreadPool& pool, void* workspace);
int64_t depthwise_weights_workspace(const DepthwiseWeights& d);

}  // namespace convolt
