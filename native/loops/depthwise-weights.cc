// Gradient of a depthwise convolution to its weights: sums for a patch of taps stay in registers over rows of
// positions.
#include "loops/lanes.h"
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {
namespace {

constexpr int kMostColumns = 5;  // of a patch of one row
constexpr int64_t kLine = 16;    // floats of a line of the cache

inline __attribute__((always_inline)) bool is_inside(int64_t i, int64_t length) {
  return static_cast<uint64_t>(i) < static_cast<uint64_t>(length);
}

// sums[u][v] += x(j, u, v) * gy for one position, whose tap (0, 0) reads `pixel`; from[u] is nullptr for padding.
template <bool kAllRows, bool kAllColumns, int kRows, int kColumns, typename F>
inline __attribute__((always_inline)) void add(F (&sums)[kRows][kColumns], const float* const (&from)[kRows],
                                               const WindowRow& r, int64_t pixel, F gy) {
#pragma GCC unroll 8
  for (int u = 0; u < kRows; ++u) {
    if (!kAllRows && from[u] == nullptr) continue;
#pragma GCC unroll 8
    for (int v = 0; v < kColumns; ++v) {
      const int64_t at = pixel + v * r.tap_step;
      if (!kAllColumns && !is_inside(at, r.pixels)) continue;
      sums[u][v] += load<F>(from[u] + at * r.channels) * gy;
    }
  }
}

// Fetches what the position below reads first, before it is asked for.
inline __attribute__((always_inline)) void fetch(const WindowRow& r, const float* below, int64_t pixel,
                                                 const float* gy) {
  __builtin_prefetch(gy + r.positions * r.channels, 0, 2);
  for (int64_t row = 0; row < r.step; ++row) {
    for (int64_t p = pixel; p < pixel + r.step; ++p) {
      __builtin_prefetch(below + (row * r.pixels + p) * r.channels, 0, 2);
    }
  }
}

// Adds the products of a row of positions; `below` is the first row of the image that the next one reads first, or
// nullptr.
template <bool kAllRows, int kRows, int kColumns, typename F>
inline __attribute__((always_inline)) void add_row(F (&sums)[kRows][kColumns], const float* const (&from)[kRows],
                                                   const WindowRow& r, int64_t pixel, const float* gy,
                                                   const float* below) {
  int64_t j = 0;
  for (; j < r.whole_begin; ++j, pixel += r.step, gy += r.channels) {
    add<kAllRows, false>(sums, from, r, pixel, load<F>(gy));
  }
  for (; j < r.whole_end; ++j, pixel += r.step, gy += r.channels) {
    add<kAllRows, true>(sums, from, r, pixel, load<F>(gy));
    if (below != nullptr) fetch(r, below, pixel, gy);
  }
  for (; j < r.positions; ++j, pixel += r.step, gy += r.channels) {
    add<kAllRows, false>(sums, from, r, pixel, load<F>(gy));
  }
}

// Taps (u0, v0), ..., (u0 + kRows - 1, v0 + kColumns - 1).
template <int kRows, int kColumns>
void add_patch(float* w, const float* x, const float* gy, const WindowRows& rows, const WindowRow& r, int64_t u0,
               int64_t v0) {
  const int64_t x_row = r.pixels * r.channels, gy_row = r.positions * r.channels, w_row = r.columns * r.channels;
  w += u0 * w_row + v0 * r.channels;
  const int64_t pixel = r.first + v0 * r.tap_step;
  for_overlapping_channels(r.channels, [&](auto like, int64_t c, int64_t seen) {
    using F = decltype(like);
    F sums[kRows][kColumns] = {};  // of these rows alone: sums of sums round less
    for (int64_t i = rows.begin; i < rows.end; ++i) {
      const float* from[kRows];
      bool all = true;
      for (int u = 0; u < kRows; ++u) {
        const int64_t row = rows.first + i * rows.step + (u0 + u) * rows.tap_step;
        const bool inside = is_inside(row, rows.rows);
        from[u] = inside ? x + row * x_row + c : nullptr;
        all = all && inside;
      }
      const int64_t next = rows.first + i * rows.step + (u0 + kRows - 1) * rows.tap_step + 1;
      const float* below = c % kLine == 0 && next + rows.step <= rows.rows ? x + next * x_row + c : nullptr;
      if (all) {
        add_row<true>(sums, from, r, pixel, gy + i * gy_row + c, below);
      } else {
        add_row<false>(sums, from, r, pixel, gy + i * gy_row + c, below);
      }
    }
    for (int u = 0; u < kRows; ++u) {
      for (int v = 0; v < kColumns; ++v) {
        float* to = w + u * w_row + v * r.channels + c;
        store_unseen(to, load<F>(to) + sums[u][v], seen);
      }
    }
  });
}

using AddPatch = void (*)(float*, const float*, const float*, const WindowRows&, const WindowRow&, int64_t, int64_t);

}  // namespace

void depthwise_weights(float* w, const float* x, const float* gy, const WindowRows* rows, const WindowRow* row) {
  if (row->rows == 3 && row->columns == 3) return add_patch<3, 3>(w, x, gy, *rows, *row, 0, 0);
  static constexpr AddPatch kPatches[kMostColumns + 1] = {nullptr,         add_patch<1, 1>, add_patch<1, 2>,
                                                          add_patch<1, 3>, add_patch<1, 4>, add_patch<1, 5>};
  for (int64_t u = 0; u < row->rows; ++u) {
    for (int64_t v = 0; v < row->columns; v += kMostColumns) {
      const int64_t left = row->columns - v;
      kPatches[left < kMostColumns ? left : kMostColumns](w, x, gy, *rows, *row, u, v);
    }
  }
}

}  // namespace convolt::CONVOLT_ISA
