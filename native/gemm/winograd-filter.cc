// The transformed weights of a Winograd convolution, in the panels that its products read.
#include <cstring>

#include "gemm/winograd.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kRowsPerTask = 32;

}  // namespace

int64_t winograd_filter_floats(int64_t channels, int64_t filters) {
  const Panels panels(filters);
  return panels.count() * WinogradPlanes(channels, 2 * panels.lanes).floats();
}

void winograd_filter(const float* w, int64_t channels, int64_t filters, float* planes, ThreadPool& pool) {
  const Panels panels(filters);
  const int64_t panel_floats = WinogradPlanes(channels, 2 * panels.lanes).floats();
  const int64_t pieces = ceil_div(channels, kRowsPerTask);
  pool.parallel_for(panels.count() * pieces, [&](int64_t task, int) {
    const Panel panel = panels[task / pieces];
    const Range rows = {task % pieces * kRowsPerTask, std::min((task % pieces + 1) * kRowsPerTask, channels)};
    const WinogradPlanes shape(channels, panel.width);
    float* to = planes + task / pieces * panel_floats + rows.begin * panel.width;
    if (panel.used < panel.width) {
      for (int64_t f = 0; f < kWinogradPlanes; ++f) {
        std::memset(to + f * shape.plane, 0, static_cast<size_t>(rows.size() * panel.width) * sizeof(float));
      }
    }
    loops().winograd_filter(to, shape.plane, panel.width, w + rows.begin * filters + panel.first, channels * filters,
                            filters, rows.size(), panel.used);
  });
}

}  // namespace convolt
