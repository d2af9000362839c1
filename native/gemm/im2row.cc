// Patches of images as rows of a matrix: runs of channels are copied, padding is written as zeros.
#include "gemm/im2row.h"

#include <cstring>

namespace convolt {
namespace {

constexpr size_t kVector = 4 * sizeof(float);

inline void copy_vector(float* to, const float* from) { std::memcpy(to, from, kVector); }

// Copies n floats; short runs by two overlapping halves, since calling memcpy costs more than the copy.
inline void copy_run(float* to, const float* from, int64_t n) {
  if (n > 16) {
    std::memcpy(to, from, static_cast<size_t>(n) * sizeof(float));
  } else if (n > 8) {
    copy_vector(to, from);
    copy_vector(to + 4, from + 4);
    copy_vector(to + n - 8, from + n - 8);
    copy_vector(to + n - 4, from + n - 4);
  } else if (n >= 4) {
    copy_vector(to, from);
    copy_vector(to + n - 4, from + n - 4);
  } else {
    for (int64_t i = 0; i < n; ++i) to[i] = from[i];
  }
}

inline void zero_run(float* to, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = 0.0f;
}

// Taps `inside` of one row of the window, of which tap 0 would be at `from`; zeros for the others.
inline void copy_taps(const Images& x, const WindowAxis& axis, Range inside, const float* from, float* to) {
  const int64_t channels = x.channels;
  zero_run(to, inside.begin * channels);
  const float* source = from + inside.begin * axis.tap_step * x.pixel;
  float* target = to + inside.begin * channels;
  if (axis.tap_step == 1 && channels == x.pixel) {
    copy_run(target, source, inside.size() * channels);
  } else {
    for (int64_t tap = 0; tap < inside.size(); ++tap) {
      copy_run(target + tap * channels, source + tap * axis.tap_step * x.pixel, channels);
    }
  }
  zero_run(to + inside.end * channels, (axis.taps - inside.end) * channels);
}

}  // namespace

void im2row(const Images& x, const Window& window, Range positions, float* rows) {
  const auto& [height, width] = window;
  const int64_t tap_row = width.taps * x.channels;
  const Range inner = width.positions_inside();
  for (int64_t p = positions.begin; p < positions.end;) {
    const int64_t line = p / width.positions;
    const int64_t begin = p % width.positions;
    const int64_t end = std::min(width.positions, begin + positions.end - p);
    const int64_t i = line % height.positions;
    const float* image = x.data + line / height.positions * height.length * width.length * x.pixel;
    const Range taps = height.taps_inside(i);
    for (int64_t j = begin; j < end; ++j, rows += height.taps * tap_row) {
      const bool whole = inner.begin <= j && j < inner.end;
      const Range columns = whole ? Range{0, width.taps} : width.taps_inside(j);
      zero_run(rows, taps.begin * tap_row);
      for (int64_t tap = taps.begin; tap < taps.end; ++tap) {
        const float* from = image + (height.element(i, tap) * width.length + width.element(j, 0)) * x.pixel;
        copy_taps(x, width, columns, from, rows + tap * tap_row);
      }
      zero_run(rows + taps.end * tap_row, (height.taps - taps.end) * tap_row);
    }
    p += end - begin;
  }
}

}  // namespace convolt
