// Each line is copied once, with zeros at both ends; lines above and below the image are zeros.
#include "gemm/padded-lines.h"

#include <algorithm>
#include <cstring>

namespace convolt {
namespace {

constexpr int64_t kLongestPiece = 48;
constexpr int64_t kLeastPositions = 8;  // of a line

// Joins the looked-at channels of neighbouring pixels.
void copy_pixels(const Images& x, const float* from, int64_t count, float* to) {
  if (x.channels == x.pixel) {
    std::memcpy(to, from, static_cast<size_t>(count * x.channels) * sizeof(float));
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = 0; j < x.channels; ++j) to[i * x.channels + j] = from[i * x.pixel + j];
  }
}

}  // namespace

bool PaddedLines::is_suited() const {
  return window.rows.tap_step == 1 && window.columns.tap_step == 1 && piece() <= kLongestPiece &&
         window.columns.positions >= kLeastPositions;
}

int64_t PaddedLines::floats(int64_t positions) const {
  const int64_t lines = std::min(window.rows.positions, ceil_div(positions, window.columns.positions) + 1);
  return ((lines - 1) * window.rows.step + window.rows.taps) * row();
}

void PaddedLines::copy(int64_t image, Range lines, float* to) const {
  const auto& [height, width] = window;
  const int64_t c = x.channels, pixels = row() / c;
  const int64_t left = std::clamp<int64_t>(-width.first, 0, pixels);
  const int64_t right = std::clamp<int64_t>(width.length - width.first, left, pixels);
  const float* from = x.data + (image * height.length * width.length + width.first + left) * x.pixel;
  const int64_t last = height.element(lines.end - 1, height.taps - 1);
  for (int64_t h = height.element(lines.begin, 0); h <= last; ++h, to += row()) {
    if (h < 0 || h >= height.length) {
      std::fill_n(to, row(), 0.0f);
      continue;
    }
    std::fill_n(to, left * c, 0.0f);
    copy_pixels(x, from + h * width.length * x.pixel, right - left, to + left * c);
    std::fill_n(to + right * c, (pixels - right) * c, 0.0f);
  }
}

}  // namespace convolt
