// A window on its way over an image: which elements each of its positions reads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "gemm/cut.h"

namespace convolt {

// One axis. At position i, tap t reads element first + i * step + t * tap_step; outside of [0, length) is padding.
struct WindowAxis {
  int64_t length;
  int64_t positions;
  int64_t taps;
  int64_t step;
  int64_t tap_step;
  int64_t first;

  int64_t element(int64_t position, int64_t tap) const { return first + position * step + tap * tap_step; }

  // The taps that read inside the image at `position`.
  Range taps_inside(int64_t position) const {
    const int64_t start = element(position, 0);
    const int64_t begin = std::clamp<int64_t>(ceil_div(-start, tap_step), 0, taps);
    return {begin, std::clamp<int64_t>(ceil_div(length - start, tap_step), begin, taps)};
  }

  // The positions at which every tap reads inside the image.
  Range positions_inside() const {
    const int64_t begin = std::max<int64_t>(0, ceil_div(-first, step));
    const int64_t end = std::min(positions, ceil_div(length - element(0, taps - 1), step));
    return begin < end ? Range{begin, end} : Range{0, 0};
  }

  // Calls body(positions, taps) for runs of neighbouring positions of `part` whose taps inside the image are the same.
  template <typename Body>
  void for_each_run(Range part, Body&& body) const {
    const Range all = positions_inside();
    const Range inside = {std::clamp(all.begin, part.begin, part.end), std::clamp(all.end, part.begin, part.end)};
    for (int64_t i = part.begin; i < inside.begin; ++i) body(Range{i, i + 1}, taps_inside(i));
    if (inside.size() > 0) body(inside, Range{0, taps});
    for (int64_t i = inside.end; i < part.end; ++i) body(Range{i, i + 1}, taps_inside(i));
  }
  template <typename Body>
  void for_each_run(Body&& body) const {
    for_each_run({0, positions}, body);
  }
};

struct Window {
  WindowAxis rows;
  WindowAxis columns;

  int64_t positions() const { return rows.positions * columns.positions; }
  int64_t taps() const { return rows.taps * columns.taps; }
};

// Where the result for each position of a window lies, in floats from one to the next.
template <typename T>
struct Places {
  T* data;  // position (0, 0) of the first image
  int64_t image, row, column;

  T* at(int64_t n, int64_t i, int64_t j) const { return data + n * image + i * row + j * column; }
};

// Positions of whole images one after the other, `pixel` floats each.
template <typename T>
Places<T> dense_places(T* data, const Window& window, int64_t pixel) {
  return {data, window.positions() * pixel, window.columns.positions * pixel, pixel};
}

}  // namespace convolt
