// The transforms of the Winograd algorithms over vectors of channels. Lines of pixels are transformed down their
// columns first, into a strip of six rows, and then along the rows: neighbouring tiles share the first half of the
// work.
#include "loops/loops.h"
#include "loops/winograd-matrices.h"

namespace convolt::CONVOLT_ISA {
namespace {

// Meanwhile the four rows that the next line of tiles reads first are fetched, `ahead` floats behind the last four.
template <int kFrom, typename Line>
CONVOLT_INLINE void rows_to_strip(float* strip, int64_t strip_row, const float* const* rows, int64_t ahead, int64_t n,
                                  const Line& line) {
  for_channels(n, [&](auto like, int64_t i) {
    using F = decltype(like);
    F from[kFrom], to[6];
#pragma GCC unroll 6
    for (int r = 0; r < kFrom; ++r) {
      from[r] = load<F>(rows[r] + i);
      if (r >= kFrom - 4) __builtin_prefetch(rows[r] + i + ahead);
    }
    line(from, to);
#pragma GCC unroll 6
    for (int r = 0; r < 6; ++r) store(strip + r * strip_row + i, to[r]);
  });
}

constexpr int64_t kLine = 16;  // floats of a line of the cache

template <int kFrom, typename Line>
CONVOLT_INLINE void strip_to_planes(float* planes, int64_t plane, int64_t to_tile, const float* strip,
                                    int64_t strip_row, int64_t strip_pixel, int64_t tiles, int64_t n,
                                    const Line& line) {
  for (int64_t t = 0; t < tiles; ++t) {
    for (int64_t i = 0; i < 6; ++i) {
      const float* x = strip + i * strip_row + 4 * t * strip_pixel;
      float* y = planes + 6 * i * plane + t * to_tile;
      for_channels(n, [&](auto like, int64_t c) {
        using F = decltype(like);
        F from[kFrom], to[6];
#pragma GCC unroll 6
        for (int j = 0; j < kFrom; ++j) from[j] = load<F>(x + j * strip_pixel + c);
        line(from, to);
#pragma GCC unroll 6
        for (int j = 0; j < 6; ++j) store(y + j * plane + c, to[j]);
      });
    }
  }
}

// The kTo x kTo numbers that the planes come to at channel c.
template <int kTo, typename F, typename Line>
CONVOLT_INLINE void planes_to_square(const float* planes, int64_t plane, F (&square)[kTo][kTo], const Line& line) {
  F half[kTo][6];
#pragma GCC unroll 6
  for (int j = 0; j < 6; ++j) {
    F from[6], to[kTo];
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) from[i] = load<F>(planes + (6 * i + j) * plane);
    line(from, to);
#pragma GCC unroll 6
    for (int i = 0; i < kTo; ++i) half[i][j] = to[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < kTo; ++i) line(half[i], square[i]);
}

typedef double Doubles __attribute__((vector_size(kLanes * 8)));

// The float64 numbers that go with a float or a vector of floats.
template <typename F>
struct DoublesOf;
template <>
struct DoublesOf<float> {
  using Type = double;
};
template <>
struct DoublesOf<Floats> {
  using Type = Doubles;
};
CONVOLT_INLINE double widened(float x) { return x; }
CONVOLT_INLINE Doubles widened(Floats x) { return __builtin_convertvector(x, Doubles); }
CONVOLT_INLINE float narrowed(double x) { return static_cast<float>(x); }
CONVOLT_INLINE Floats narrowed(Doubles x) { return __builtin_convertvector(x, Floats); }

constexpr auto kInput = [](const auto& from, auto& to) { input_line(from, to); };
constexpr auto kFilter = [](const auto& from, auto& to) { filter_line(from, to); };
constexpr auto kOutput = [](const auto& from, auto& to) { output_line(from, to); };
constexpr auto kGradient = [](const auto& from, auto& to) { gradient_line(from, to); };
constexpr auto kTaps = [](const auto& from, auto& to) { taps_line(from, to); };

}  // namespace

void winograd_input_rows(float* strip, int64_t strip_row, const float* const* rows, int64_t ahead, int64_t n) {
  rows_to_strip<6>(strip, strip_row, rows, ahead, n, kInput);
}

void winograd_input_columns(float* planes, int64_t plane, int64_t to_tile, const float* strip, int64_t strip_row,
                            int64_t strip_pixel, int64_t tiles, int64_t n) {
  strip_to_planes<6>(planes, plane, to_tile, strip, strip_row, strip_pixel, tiles, n, kInput);
}

void winograd_gradient_rows(float* strip, int64_t strip_row, const float* const* rows, int64_t ahead, int64_t n) {
  rows_to_strip<4>(strip, strip_row, rows, ahead, n, kGradient);
}

void winograd_gradient_columns(float* planes, int64_t plane, int64_t to_tile, const float* strip, int64_t strip_row,
                               int64_t strip_pixel, int64_t tiles, int64_t n) {
  strip_to_planes<4>(planes, plane, to_tile, strip, strip_row, strip_pixel, tiles, n, kGradient);
}

void winograd_output(float* y, int64_t y_row, int64_t y_pixel, int64_t rows, int64_t columns, const float* planes,
                     int64_t plane, int64_t from_tile, int64_t tiles, int64_t n) {
  for (int64_t t = 0; t < tiles; ++t, planes += from_tile, y += 4 * y_pixel, columns -= 4) {
    const int64_t across = columns < 4 ? columns : 4;
    if (t + 1 < tiles) {  // what the next tile writes
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = 4; j < 8; ++j) {
          for (int64_t c = 0; c < n; c += kLine) __builtin_prefetch(y + i * y_row + j * y_pixel + c, 1);
        }
      }
    }
    for_channels(n, [&](auto like, int64_t c) {
      using F = decltype(like);
      F square[4][4];
      planes_to_square(planes + c, plane, square, kOutput);
      if (rows == 4 && across == 4) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
#pragma GCC unroll 4
          for (int j = 0; j < 4; ++j) store(y + i * y_row + j * y_pixel + c, square[i][j]);
        }
      } else {
        for (int64_t i = 0; i < rows; ++i) {
          for (int64_t j = 0; j < across; ++j) store(y + i * y_row + j * y_pixel + c, square[i][j]);
        }
      }
    });
  }
}

void winograd_filter(float* planes, int64_t plane, int64_t to_row, const float* w, int64_t w_tap, int64_t w_row,
                     int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r, w += w_row, planes += to_row) {
    for_channels(n, [&](auto like, int64_t c) {
      using F = decltype(like);
      using D = typename DoublesOf<F>::Type;
      D half[3][6];  // [column of the taps][row of the planes]
#pragma GCC unroll 3
      for (int v = 0; v < 3; ++v) {
        D column[3];
#pragma GCC unroll 3
        for (int u = 0; u < 3; ++u) column[u] = widened(load<F>(w + (3 * u + v) * w_tap + c));
        kFilter(column, half[v]);
      }
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) {
        const D row[3] = {half[0][i], half[1][i], half[2][i]};
        D to[6];
        kFilter(row, to);
#pragma GCC unroll 6
        for (int j = 0; j < 6; ++j) store(planes + (6 * i + j) * plane + c, narrowed(to[j]));
      }
    });
  }
}

void winograd_taps(float* w, int64_t w_tap, int64_t w_row, const float* planes, int64_t plane, int64_t from_row,
                   int64_t rows, int64_t n, bool add) {
  for (int64_t r = 0; r < rows; ++r, w += w_row, planes += from_row) {
    for_channels(n, [&](auto like, int64_t c) {
      using F = decltype(like);
      F square[3][3];
      planes_to_square(planes + c, plane, square, kTaps);
#pragma GCC unroll 3
      for (int u = 0; u < 3; ++u) {
#pragma GCC unroll 3
        for (int v = 0; v < 3; ++v) {
          float* to = w + (3 * u + v) * w_tap + c;
          store(to, add ? load<F>(to) + square[u][v] : square[u][v]);
        }
      }
    });
  }
}

}  // namespace convolt::CONVOLT_ISA
