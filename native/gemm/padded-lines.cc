// Each line is copied once, with zeros at both ends; lines above and below the image are zeros.
#include "gemm/padded-lines.h"

#include <algorithm>
#include <cstring>

namespace convolt {
namespace {

constexpr int64_t kLongestPiece = 48;
constexpr int64_t kLeastPositions = 8;  // of a line

}  // namespace

bool PaddedLines::is_suited() const {
  return x.channels == x.pixel && window.rows.tap_step == 1 && window.columns.tap_step == 1 &&
         piece() <= kLongestPiece && window.columns.positions >= kLeastPositions;
}

int64_t PaddedLines::floats(int64_t positions) const {
  const int64_t lines = std::min(window.rows.positions, ceil_div(positions, window.columns.positions) + 1);
  return ((lines - 1) * window.rows.step + window.rows.taps) * row();
}

void PaddedLines::copy(int64_t image, Range lines, float* to) const {
  const auto& [height, width] = window;
  const int64_t c = x.channels, pixels = row() / c;
  const Range inside = {std::clamp<int64_t>(-width.first, 0, pixels),
                        std::clamp<int64_t>(width.length - width.first, 0, pixels)};
  const float* from = x.data + image * height.length * width.length * c + std::max<int64_t>(0, width.first) * c;
  for (int64_t h = height.element(lines.begin, 0); h <= height.element(lines.end - 1, height.taps - 1);
       ++h, to += row()) {
    if (h < 0 || h >= height.length || inside.begin >= inside.end) {
      std::fill_n(to, row(), 0.0f);
      continue;
    }
    std::fill_n(to, inside.begin * c, 0.0f);
    std::memcpy(to + inside.begin * c, from + h * width.length * c,
                static_cast<size_t>(inside.size() * c) * sizeof(float));
    std::fill_n(to + inside.end * c, (pixels - inside.end) * c, 0.0f);
  }
}

}  // namespace convolt
