// One row of positions of a window over images, as the loops take it.
#pragma once

#include "base/caches.h"
#include "gemm/window.h"
#include "kernels/ranges.h"
#include "loops/window-row.h"

namespace convolt {

// Images of fewer floats than this are near enough, so that nothing need be fetched ahead.
inline constexpr int64_t kNearFloats = int64_t{128} << 10;

struct WindowLine {
  int64_t image, i;  // row i of positions
  Range down;        // rows of taps inside the image
  int64_t top;       // row that the first of them reads, counted over all images
  WindowRow row;
};

// Line i + image * rows of positions.
inline WindowLine window_line(const Window& window, int64_t images, int64_t channels, int64_t line) {
  const auto& [rows, columns] = window;
  const int64_t image = line / rows.positions, i = line % rows.positions, image_row = columns.length * channels;
  const Range down = rows.taps_inside(i);
  const Range whole = columns.taps > 0 ? columns.positions_inside() : Range{0, columns.positions};
  const int64_t top = image * rows.length + (down.size() > 0 ? rows.element(i, down.begin) : 0);
  const int64_t next = image * rows.length + rows.element(i, rows.taps - 1) + 1;
  const bool fetches = images * rows.length * image_row >= kNearFloats && down.size() > 0 && next > top &&
                       next + rows.step <= images * rows.length;
  return {.image = image,
          .i = i,
          .down = down,
          .top = top,
          .row = {.positions = columns.positions,
                  .first = columns.first,
                  .step = columns.step,
                  .whole_begin = whole.begin,
                  .whole_end = whole.end,
                  .pixels = columns.length,
                  .rows = down.size(),
                  .columns = columns.taps,
                  .tap_step = columns.tap_step,
                  .tap_row = rows.tap_step * image_row,
                  .channels = channels,
                  .image_row = image_row,
                  .ahead = (next - top) * image_row,
                  .rows_ahead = fetches ? rows.step : 0}};
}

// Calls body(WindowLine) for all rows of positions of all images, cut into tasks.
template <typename Body>
void for_window_lines(ThreadPool* pool, const Window& window, int64_t images, int64_t channels, const Body& body) {
  constexpr int64_t kMostTasks = 64;
  const int64_t lines = images * window.rows.positions;
  const int64_t grain = std::max(items_per_task(window.columns.positions * channels), lines / kMostTasks);
  for_ranges(pool, lines, grain, [&](int64_t begin, int64_t end, int) {
    for (int64_t line = begin; line < end; ++line) body(window_line(window, images, channels, line));
  });
}

}  // namespace convolt
