// Convolution of every channel with a filter of its own: runs of positions that share their taps go to the loops.
#include "kernels/depthwise.h"

#include <algorithm>

#include "gemm/partials.h"
#include "kernels/ranges.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kMostChunks = 16;

// Calls body(run, x, taps_above, taps_left, position) for the runs of one row of positions.
template <typename Body>
void for_runs(const Window& window, int64_t channels, const float* x, int64_t line, const Body& body) {
  const auto& [rows, columns] = window;
  const int64_t i = line % rows.positions;
  const float* image = x + line / rows.positions * rows.length * columns.length * channels;
  const Range down = rows.taps_inside(i);
  columns.for_each_run([&](Range positions, Range across) {
    const WindowRun run = {.positions = positions.size(),
                           .step = columns.step * channels,
                           .rows = down.size(),
                           .columns = across.size(),
                           .tap_row = rows.tap_step * columns.length * channels,
                           .tap_column = columns.tap_step * channels,
                           .channels = channels};
    const int64_t row = rows.element(i, down.begin);
    const int64_t column = columns.element(positions.begin, across.begin);
    body(run, image + (row * columns.length + column) * channels, down.begin, across.begin, positions.begin);
  });
}

int64_t chunks_of(const DepthwiseWeights& d) {
  const int64_t lines = d.images * d.window.rows.positions;
  const int64_t line = d.window.columns.positions * d.window.taps() * d.channels;
  return std::clamp<int64_t>(ceil_div(lines, items_per_task(line)), 1, kMostChunks);
}

}  // namespace

void depthwise(const Depthwise& d, ThreadPool& pool) {
  const int64_t rows = d.window.rows.positions;
  const int64_t grain = items_per_task(d.window.columns.positions * d.channels);
  for_ranges(&pool, d.images * rows, grain, [&](int64_t begin, int64_t end, int) {
    for (int64_t line = begin; line < end; ++line) {
      for_runs(d.window, d.channels, d.x, line,
               [&](const WindowRun& run, const float* x, int64_t above, int64_t left, int64_t j) {
                 loops().depthwise_windows(d.y.at(line / rows, line % rows, j), d.y.column, x, &run,
                                           d.w + above * d.w_row + left * d.w_column, d.w_row, d.w_column);
               });
    }
  });
}

void depthwise_weights(const DepthwiseWeights& d, ThreadPool& pool, void* workspace) {
  const int64_t chunks = chunks_of(d);
  auto* partials = static_cast<float*>(workspace);  // of all chunks but the first
  pool.parallel_for(chunks, [&](int64_t chunk, int) {
    float* w = chunk ? partials + (chunk - 1) * d.size() : d.w;
    loops().fill(w, 0.0f, d.size());
    const Range lines = cut(d.images * d.window.rows.positions, chunks, chunk);
    for (int64_t line = lines.begin; line < lines.end; ++line) {
      const float* gy = d.gy + line * d.window.columns.positions * d.channels;
      for_runs(d.window, d.channels, d.x, line,
               [&](const WindowRun& run, const float* x, int64_t above, int64_t left, int64_t j) {
                 const int64_t w_row = d.window.columns.taps * d.channels;
                 loops().depthwise_weights(w + above * w_row + left * d.channels, w_row, d.channels, x, &run,
                                           gy + j * d.channels);
               });
    }
  });
  add_partials(d.w, d.channels, partials, chunks - 1, d.window.taps(), d.channels, pool);
}

int64_t depthwise_weights_workspace(const DepthwiseWeights& d) {
  return (chunks_of(d) - 1) * d.size() * static_cast<int64_t>(sizeof(float));
}

}  // namespace convolt
