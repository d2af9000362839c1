// Weights are transformed a few rows of channels at a time, turned and transposed before where they must be.
#include "gemm/winograd-filter.h"

#include <cstring>

#include "loops/loops.h"

namespace convolt {

namespace {

constexpr int64_t kRowsPerTask = 32;
constexpr int64_t kRowsTurned = 16;  // at once
constexpr int64_t kMostTaps = 5;
constexpr int64_t kMostWidth = 32;  // of a panel

// The taps of some rows turned and transposed: [taps x taps, rows, panel.used].
void turn(const WinogradFilter& filter, const Panel& panel, Range rows, float* taps) {
  const int64_t square = filter.taps * filter.taps;
  for (int64_t tap = 0; tap < square; ++tap) {
    loops().pack_transposed(
        taps + tap * rows.size() * panel.used, panel.used,
        filter.w + ((square - 1 - tap) * filter.filters + panel.first) * filter.channels + rows.begin, filter.channels,
        panel.used, rows.size());
  }
}

}  // namespace

void winograd_filter_rows(const WinogradFilter& filter, const Panel& panel, Range rows, const WinogradPlanes& shape,
                          float* planes) {
  if (panel.used < panel.width) {
    for (int64_t f = 0; f < kWinogradPlanes; ++f) {
      std::memset(planes + f * shape.plane, 0, static_cast<size_t>(rows.size() * panel.width) * sizeof(float));
    }
  }
  if (!filter.turned) {
    loops().winograd_filter(filter.taps, planes, shape.plane, panel.width,
                            filter.w + rows.begin * filter.filters + panel.first, filter.channels * filter.filters,
                            filter.filters, rows.size(), panel.used);
    return;
  }
  float taps[kMostTaps * kMostTaps * kRowsTurned * kMostWidth];
  for (int64_t row = rows.begin; row < rows.end; row += kRowsTurned) {
    const Range part = {row, std::min(row + kRowsTurned, rows.end)};
    turn(filter, panel, part, taps);
    loops().winograd_filter(filter.taps, planes + (row - rows.begin) * panel.width, shape.plane, panel.width, taps,
                            part.size() * panel.used, panel.used, part.size(), panel.used);
  }
}

void winograd_filter(const WinogradFilter& filter, float* planes, ThreadPool& pool) {
  const Panels panels(filter.filters);
  const int64_t pieces = ceil_div(filter.channels, kRowsPerTask);
  pool.parallel_for(panels.count() * pieces, [&](int64_t task, int) {
    const Panel panel = panels[task / pieces];
    const int64_t first = task % pieces * kRowsPerTask;
    winograd_filter_rows(filter, panel, {first, std::min(first + kRowsPerTask, filter.channels)},
                         WinogradPlanes(filter.channels, panel.width),
                         planes + task / pieces * filter.panel_floats() + first * panel.width);
  });
}

}  // namespace convolt
