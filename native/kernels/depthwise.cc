// Convolution of every channel with a filter of its own: rows of positions go to the loops.
#include "kernels/depthwise.h"

#include <algorithm>

#include "gemm/partials.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kMostChunks = 16;
constexpr int64_t kBandFloats = int64_t{24} << 10;  // of positions over which sums stay in registers

int64_t chunks_of(const DepthwiseWeights& d) {
  const int64_t lines = d.images * d.window.rows.positions;
  const int64_t line = d.window.columns.positions * d.window.taps() * d.channels;
  return std::clamp<int64_t>(ceil_div(lines, items_per_task(line)), 1, kMostChunks);
}

// Calls body(image, rows of positions) for pieces of `lines`, rows of all images, of at most `most` rows.
template <typename Body>
void for_bands(Range lines, int64_t rows, int64_t most, const Body& body) {
  for (int64_t line = lines.begin; line < lines.end;) {
    const int64_t i = line % rows;
    const int64_t count = std::min({most, rows - i, lines.end - line});
    body(line / rows, Range{i, i + count});
    line += count;
  }
}

}  // namespace

void depthwise_row(const Depthwise& d, int64_t image, int64_t i, bool past_caches) {
  const WindowLine line = window_line(d.window, d.images, d.channels, image * d.window.rows.positions + i);
  loops().depthwise_row(d.y.at(image, i, 0), d.y.column, d.x + line.top * line.row.image_row, &line.row,
                        d.w + line.down.begin * d.w_row, d.w_row, d.w_column, past_caches, {});
}

void depthwise_weights(const DepthwiseWeights& d, ThreadPool& pool, void* workspace) {
  const WindowAxis &rows = d.window.rows, &columns = d.window.columns;
  const int64_t chunks = chunks_of(d), lines = d.images * rows.positions;
  const int64_t x_image = rows.length * columns.length * d.channels, gy_image = d.window.positions() * d.channels;
  const int64_t band = std::max<int64_t>(1, kBandFloats / std::max<int64_t>(1, columns.positions * d.channels));
  auto* partials = static_cast<float*>(workspace);  // of all chunks but the first
  pool.parallel_for(chunks, [&](int64_t chunk, int) {
    float* w = chunk ? partials + (chunk - 1) * d.size() : d.w;
    loops().fill(w, 0.0f, d.size());
    for_bands(cut(lines, chunks, chunk), rows.positions, band, [&](int64_t image, Range part) {
      WindowRow row = window_line(d.window, d.images, d.channels, part.begin).row;
      row.rows = rows.taps;
      const WindowRows bands = {.begin = part.begin,
                                .end = part.end,
                                .first = rows.first,
                                .step = rows.step,
                                .tap_step = rows.tap_step,
                                .rows = rows.length};
      loops().depthwise_weights(w, d.x + image * x_image, d.gy + image * gy_image, &bands, &row);
    });
  });
  add_partials(d.w, d.channels, partials, chunks - 1, d.window.taps(), d.channels, pool);
}

int64_t depthwise_weights_workspace(const DepthwiseWeights& d) {
  return (chunks_of(d) - 1) * d.size() * static_cast<int64_t>(sizeof(float));
}

}  // namespace convolt
