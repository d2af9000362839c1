// Rows added to patches, in the order of the positions.
#include "gemm/row2im.h"

#include "loops/loops.h"

namespace convolt {

void row2im(const PatchedImage& x, const Window& window, Range positions, const float* rows) {
  const auto& [height, width] = window;
  const bool joined = width.tap_step == 1 && x.channels == x.pixel;  // neighbouring taps are neighbours in memory
  const auto add = loops().add_to;
  for (int64_t p = positions.begin; p < positions.end; ++p, rows += window.taps() * x.channels) {
    const int64_t i = p / width.positions, j = p % width.positions;
    const Range down = height.taps_inside(i), across = width.taps_inside(j);
    for (int64_t u = down.begin; u < down.end; ++u) {
      float* line = x.data + height.element(i, u) * width.length * x.pixel;
      const float* from = rows + u * width.taps * x.channels;
      if (joined) {
        const int64_t first = across.begin * x.channels;
        add(line + width.element(j, 0) * x.pixel + first, from + first, across.size() * x.channels);
        continue;
      }
      for (int64_t v = across.begin; v < across.end; ++v) {
        add(line + width.element(j, v) * x.pixel, from + v * x.channels, x.channels);
      }
    }
  }
}

}  // namespace convolt
