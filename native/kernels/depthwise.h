// Convolution of every channel with a filter of its own, and its gradients.
#pragma once

#include "base/thread_pool.h"
#include "gemm/after-rows.h"
#include "gemm/window.h"
#include "kernels/window-line.h"

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
// Row i of positions of one image; `past_caches`: the result is not read soon.
void depthwise_row(const Depthwise& d, int64_t image, int64_t i, bool past_caches);

// Images [images, rows, columns, channels] that are written row by row.
struct DepthwiseImages {
  int64_t images, rows, columns, channels;

  int64_t lines() const { return images * rows; }
  int64_t grain() const { return items_per_task(columns * channels); }
  int64_t ranges() const { return ceil_div(lines(), grain()); }
  int64_t bytes() const { return lines() * columns * channels * static_cast<int64_t>(sizeof(float)); }
};

// Calls write_row(image, row, past_caches) for all rows, cut into tasks, and `after` for ranges() ranges of pixels.
template <typename WriteRow>
void depthwise(const DepthwiseImages& y, ThreadPool& pool, const AfterRows& after, const WriteRow& write_row) {
  const bool past_caches = !after && y.bytes() >= kBeyondCaches;
  for_ranges(&pool, y.lines(), y.grain(), [&](int64_t begin, int64_t end, int thread) {
    for (int64_t line = begin; line < end; ++line) write_row(line / y.rows, line % y.rows, past_caches);
    after(begin / y.grain(), begin * y.columns, end * y.columns, thread);
  });
}

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
