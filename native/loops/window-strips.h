// Walks along a row of positions of a sliding window in strips whose results stay in registers.
#pragma once

#include "loops/lanes.h"
#include "loops/stream.h"
#include "loops/window-row.h"

namespace convolt::CONVOLT_ISA {

// Columns of taps.
struct Taps {
  int64_t begin, end;
};

// Fetches what the positions below those of a strip read, before it is asked for; x is its first pixel there.
inline __attribute__((always_inline)) void fetch(const float* x, const WindowRow& r, int64_t pixels) {
  constexpr int kIntoL2 = 2;
  for (int64_t row = 0; row < r.rows_ahead; ++row) {
    const float* from = x + r.ahead + row * r.image_row;
    for (int64_t p = 0; p < pixels; ++p, from += r.channels) __builtin_prefetch(from, 0, kIntoL2);
  }
}

// kCount positions from j on, which meet the same columns of taps: kColumns of them, or any number if that is 0.
template <int kCount, int kColumns, typename Fold>
void fold_strip(const Fold& shared_fold, const float* x, const WindowRow& shared_row, int64_t j, const Taps& taps) {
  const Fold fold = shared_fold;  // copies stay in registers, whatever is stored
  const WindowRow r = shared_row;
  constexpr int64_t kLine = 16;  // floats of a line of the cache
  const Taps inside = taps;
  const int64_t pixel = r.first + j * r.step + inside.begin * r.tap_step, step = r.step * r.channels;
  for_overlapping_channels(r.channels, [&](auto like, int64_t c, int64_t) {
    using F = decltype(like);
    typename Fold::template Result<F> results[kCount];
#pragma GCC unroll 8
    for (int t = 0; t < kCount; ++t) results[t] = fold.template begin<F>(j + t, inside);
    for (int64_t u = 0; u < r.rows; ++u) {
      const float* from = x + u * r.tap_row + pixel * r.channels + c;
#pragma GCC unroll 4
      for (int64_t v = 0; v < (kColumns > 0 ? kColumns : inside.end - inside.begin);
           ++v, from += r.tap_step * r.channels) {
        const auto tap = fold.template tap<F>(u, inside.begin + v, c);
#pragma GCC unroll 8
        for (int t = 0; t < kCount; ++t) fold.add(results[t], load<F>(from + t * step), tap, j + t);
      }
    }
    if (c % kLine == 0) fetch(x + j * step + c, r, kCount * r.step);
#pragma GCC unroll 8
    for (int t = 0; t < kCount; ++t) fold.finish(results[t], j + t, c, inside);
  });
}

template <int kCount, typename Fold>
void fold_strip(const Fold& fold, const float* x, const WindowRow& r, int64_t j, const Taps& taps) {
  switch (taps.end - taps.begin) {
    case 1:
      return fold_strip<kCount, 1>(fold, x, r, j, taps);
    case 2:
      return fold_strip<kCount, 2>(fold, x, r, j, taps);
    case 3:
      return fold_strip<kCount, 3>(fold, x, r, j, taps);
    default:
      return fold_strip<kCount, 0>(fold, x, r, j, taps);
  }
}

// Positions [begin, end), each with the columns of taps that are inside the image.
template <typename Fold>
void fold_edge(const Fold& fold, const float* x, const WindowRow& r, int64_t begin, int64_t end) {
  for (int64_t j = begin; j < end; ++j) {
    const int64_t pixel = r.first + j * r.step;
    Taps taps = {0, r.columns};
    while (taps.begin < taps.end && pixel + taps.begin * r.tap_step < 0) ++taps.begin;
    while (taps.begin < taps.end && pixel + (taps.end - 1) * r.tap_step >= r.pixels) --taps.end;
    fold_strip<1>(fold, x, r, j, taps);
  }
}

// For every position j of the row and channel c: result = fold.begin<F>(j, columns of taps inside the image), then
// fold.add(result, x(j, u, v)[c], fold.tap<F>(u, v, c), j) for all these taps, then fold.finish(result, j, c, columns).
template <typename Fold>
void fold_row(const Fold& fold, const float* x, const WindowRow& r) {
  const Taps all = {0, r.columns};
  const int64_t end = r.whole_end;
  int64_t j = r.whole_begin;
  fold_edge(fold, x, r, 0, j);
  if constexpr (Fold::kMost >= 8) {
    for (; j + 8 <= end; j += 8) fold_strip<8>(fold, x, r, j, all);
  }
  for (; j + 4 <= end; j += 4) fold_strip<4>(fold, x, r, j, all);
  for (; j + 2 <= end; j += 2) fold_strip<2>(fold, x, r, j, all);
  for (; j < end; ++j) fold_strip<1>(fold, x, r, j, all);
  fold_edge(fold, x, r, end, r.positions);
}

// The same, with results that are stored past the caches or not.
template <template <bool> typename Fold, typename... Operands>
void fold_row(bool past_caches, const float* x, const WindowRow& r, const Operands&... operands) {
  if (past_caches) {
    fold_row(Fold<true>{operands...}, x, r);
    end_streaming();
  } else {
    fold_row(Fold<false>{operands...}, x, r);
  }
}

}  // namespace convolt::CONVOLT_ISA
