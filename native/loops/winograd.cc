// The transforms of the Winograd algorithms over vectors of channels. Lines of pixels are transformed down their
// columns first, into a strip of six rows, and then along the rows: neighbouring tiles share the first half of the
// work.
#include "loops/loops.h"
#include "loops/winograd-matrices.h"

namespace convolt::CONVOLT_ISA {
namespace {

template <int N>
struct Constant {
  static constexpr int value = N;
};

// Calls body with the constant `side`, 2 to 5.
template <typename Body>
CONVOLT_INLINE void with_side(int64_t side, const Body& body) {
  if (side == 2) return body(Constant<2>());
  if (side == 3) return body(Constant<3>());
  side == 4 ? body(Constant<4>()) : body(Constant<5>());
}

// Meanwhile the kNew rows that the next line of tiles reads first are fetched, `ahead` floats behind the last ones.
template <int kFrom, int kNew, typename Line>
CONVOLT_INLINE void rows_to_strip(float* strip, int64_t strip_row, const float* const* rows, int64_t ahead, int64_t n,
                                  const Line& line) {
  for_channels(n, [&](auto like, int64_t i) {
    using F = decltype(like);
    F from[kFrom], to[6];
#pragma GCC unroll 6
    for (int r = 0; r < kFrom; ++r) {
      from[r] = load<F>(rows[r] + i);
      if (r >= kFrom - kNew) __builtin_prefetch(rows[r] + i + ahead);
    }
    line(from, to);
#pragma GCC unroll 6
    for (int r = 0; r < 6; ++r) store(strip + r * strip_row + i, to[r]);
  });
}

constexpr int64_t kLine = 16;  // floats of a line of the cache

template <int kFrom, int kNew, typename Line>
CONVOLT_INLINE void strip_to_planes(float* planes, int64_t plane, int64_t to_tile, const float* strip,
                                    int64_t strip_row, int64_t strip_pixel, int64_t tiles, int64_t n,
                                    const Line& line) {
  for (int64_t t = 0; t < tiles; ++t) {
    for (int64_t i = 0; i < 6; ++i) {
      const float* x = strip + i * strip_row + kNew * t * strip_pixel;
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
template <int kTo, typename F>
CONVOLT_INLINE void planes_to_square(const float* planes, int64_t plane, F (&square)[kTo][kTo]) {
  F half[kTo][6];
#pragma GCC unroll 6
  for (int j = 0; j < 6; ++j) {
    F from[6], to[kTo];
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) from[i] = load<F>(planes + (6 * i + j) * plane);
    output_line(from, to);
#pragma GCC unroll 6
    for (int i = 0; i < kTo; ++i) half[i][j] = to[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < kTo; ++i) output_line(half[i], square[i]);
}

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

template <int kSide>
CONVOLT_INLINE void output(float* y, int64_t y_row, int64_t y_pixel, int64_t rows, int64_t columns, const float* planes,
                           int64_t plane, int64_t from_tile, int64_t tiles, int64_t n) {
  for (int64_t t = 0; t < tiles; ++t, planes += from_tile, y += kSide * y_pixel, columns -= kSide) {
    const int64_t across = columns < kSide ? columns : kSide;
    if (t + 1 < tiles) {  // what the next tile writes
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = kSide; j < 2 * kSide; ++j) {
          for (int64_t c = 0; c < n; c += kLine) __builtin_prefetch(y + i * y_row + j * y_pixel + c, 1);
        }
      }
    }
    for_channels(n, [&](auto like, int64_t c) {
      using F = decltype(like);
      F square[kSide][kSide];
      planes_to_square(planes + c, plane, square);
      if (rows == kSide && across == kSide) {
#pragma GCC unroll 6
        for (int i = 0; i < kSide; ++i) {
#pragma GCC unroll 6
          for (int j = 0; j < kSide; ++j) store(y + i * y_row + j * y_pixel + c, square[i][j]);
        }
      } else {
        for (int64_t i = 0; i < rows; ++i) {
          for (int64_t j = 0; j < across; ++j) store(y + i * y_row + j * y_pixel + c, square[i][j]);
        }
      }
    });
  }
}

template <int kTaps>
CONVOLT_INLINE void filter(float* planes, int64_t plane, int64_t to_row, const float* w, int64_t w_tap, int64_t w_row,
                           int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r, w += w_row, planes += to_row) {
    for_channels(n, [&](auto like, int64_t c) {
      using F = decltype(like);
      using D = typename DoublesOf<F>::Type;  // thirds and fifteenths are not exact: a third of the error is from here
      D half[kTaps][6];                       // [column of the taps][row of the planes]
#pragma GCC unroll 6
      for (int v = 0; v < kTaps; ++v) {
        D column[kTaps];
#pragma GCC unroll 6
        for (int u = 0; u < kTaps; ++u) column[u] = widened(load<F>(w + (kTaps * u + v) * w_tap + c));
        filter_line(column, half[v]);
      }
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) {
        D row[kTaps], to[6];
#pragma GCC unroll 6
        for (int v = 0; v < kTaps; ++v) row[v] = half[v][i];
        filter_line(row, to);
#pragma GCC unroll 6
        for (int j = 0; j < 6; ++j) store(planes + (6 * i + j) * plane + c, narrowed(to[j]));
      }
    });
  }
}

template <int kTaps>
CONVOLT_INLINE void taps(float* w, int64_t w_tap, int64_t w_row, const float* planes, int64_t plane, int64_t from_row,
                         int64_t rows, int64_t n, bool add) {
  for (int64_t r = 0; r < rows; ++r, w += w_row, planes += from_row) {
    for_channels(n, [&](auto like, int64_t c) {
      using F = decltype(like);
      F square[kTaps][kTaps];
      planes_to_square(planes + c, plane, square);
#pragma GCC unroll 6
      for (int u = 0; u < kTaps; ++u) {
#pragma GCC unroll 6
        for (int v = 0; v < kTaps; ++v) {
          float* to = w + (kTaps * u + v) * w_tap + c;
          store(to, add ? load<F>(to) + square[u][v] : square[u][v]);
        }
      }
    });
  }
}

}  // namespace

void winograd_input_rows(int64_t side, float* strip, int64_t strip_row, const float* const* rows, int64_t ahead,
                         int64_t n) {
  with_side(side, [&](auto s) { rows_to_strip<6, s.value>(strip, strip_row, rows, ahead, n, kInput); });
}

void winograd_input_columns(int64_t side, float* planes, int64_t plane, int64_t to_tile, const float* strip,
                            int64_t strip_row, int64_t strip_pixel, int64_t tiles, int64_t n) {
  with_side(side, [&](auto s) {
    strip_to_planes<6, s.value>(planes, plane, to_tile, strip, strip_row, strip_pixel, tiles, n, kInput);
  });
}

void winograd_gradient_rows(int64_t side, float* strip, int64_t strip_row, const float* const* rows, int64_t ahead,
                            int64_t n) {
  with_side(side, [&](auto s) { rows_to_strip<s.value, s.value>(strip, strip_row, rows, ahead, n, kFilter); });
}

void winograd_gradient_columns(int64_t side, float* planes, int64_t plane, int64_t to_tile, const float* strip,
                               int64_t strip_row, int64_t strip_pixel, int64_t tiles, int64_t n) {
  with_side(side, [&](auto s) {
    strip_to_planes<s.value, s.value>(planes, plane, to_tile, strip, strip_row, strip_pixel, tiles, n, kFilter);
  });
}

void winograd_output(int64_t side, float* y, int64_t y_row, int64_t y_pixel, int64_t rows, int64_t columns,
                     const float* planes, int64_t plane, int64_t from_tile, int64_t tiles, int64_t n) {
  with_side(side,
            [&](auto s) { output<s.value>(y, y_row, y_pixel, rows, columns, planes, plane, from_tile, tiles, n); });
}

void winograd_filter(int64_t taps, float* planes, int64_t plane, int64_t to_row, const float* w, int64_t w_tap,
                     int64_t w_row, int64_t rows, int64_t n) {
  with_side(taps, [&](auto t) { filter<t.value>(planes, plane, to_row, w, w_tap, w_row, rows, n); });
}

void winograd_taps(int64_t count, float* w, int64_t w_tap, int64_t w_row, const float* planes, int64_t plane,
                   int64_t from_row, int64_t rows, int64_t n, bool add) {
  with_side(count, [&](auto t) { taps<t.value>(w, w_tap, w_row, planes, plane, from_row, rows, n, add); });
}

}  // namespace convolt::CONVOLT_ISA
