// Tiles of a product of bytes and int8 weights whose sums stay in registers.
#pragma once

#include "loops/int8-line.h"

namespace convolt::CONVOLT_ISA {
namespace {

// Vectors of columns of a panel, at most, and the rows that go with each number of them.
#if defined(__AVX512F__)
inline constexpr int kPanelVectors = 4;
inline constexpr int kTileRows[] = {0, 8, 8, 8, 6};
#elif defined(__ARM_NEON)
inline constexpr int kPanelVectors = 4;
inline constexpr int kTileRows[] = {0, 8, 8, 6, 4};
#else
inline constexpr int kPanelVectors = 2;
inline constexpr int kTileRows[] = {0, 6, 4};
#endif

// Stores the results of the sums of `count` rows from `begin` on; rows behind the last one are the last one again.
template <int kVectors>
__attribute__((noinline)) void finish_rows(const Int8Rows& g, const Ints (*sums)[kVectors], int64_t begin,
                                           int64_t count) {
  void* const y = g.y;
  const uint8_t* const addend = g.addend;
  const int64_t ldy = g.ldy, columns = g.columns, last = g.rows - 1;
  Floats scale[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) scale[v] = load<Floats>(g.scale + v * kLanes);
  with_finish(g.result, addend != nullptr, [&](const auto& finish) {
    for (int64_t r = 0; r < count; ++r) {
      const int64_t row = begin + r < last ? begin + r : last;
#pragma GCC unroll 4
      for (int v = 0; v + 1 < kVectors; ++v) {
        finish.store(sums[r][v], scale[v], y, addend, row * ldy + v * kLanes, kLanes);
      }
      const int64_t v = kVectors - 1;
      finish.store(sums[r][v], scale[v], y, addend, row * ldy + v * kLanes, columns - v * kLanes);
    }
  });
}

// The sums of rows [begin, begin + kRows); rows behind the last one are the last one again. The first segment is summed in
// kRows parts, and between(r) is called after each, whose work then runs beside the sums.
template <int kVectors, int kRows, typename Between>
inline __attribute__((always_inline)) void sum_tile(const Int8Rows& g, int64_t begin, Ints (*kept)[kVectors],
                                                    const Between& between) {
  const uint8_t* x[kRows];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) x[r] = g.x + g.pixel[begin + r < g.rows ? begin + r : g.rows - 1];
  Ints sums[kRows][kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[r][v] = load<Ints>(g.bias + v * kLanes);
  }
  const int8_t* w = g.w;
  const auto add = [&](int64_t k, int64_t end) __attribute__((always_inline)) {
    for (; k < end; k += 4, w += kVectors * kLanes * 4) {
      Ints weights[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        weights[v] = *reinterpret_cast<const Ints*>(w + v * kLanes * 4);
      }
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const Ints bytes = Ints{} + *reinterpret_cast<const LooseInt*>(x[r] + k);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sums[r][v] = dot(sums[r][v], bytes, weights[v]);
      }
    }
  };
  int64_t next = g.segment[0];
  const int64_t last = next + 4 * g.quads, part = 4 * ((g.quads + kRows - 1) / kRows);
#pragma GCC unroll 1
  for (int r = 0; r < kRows; ++r) {
    const int64_t end = next + part < last ? next + part : last;
    add(next, end);
    next = end;
    between(r);
  }
  for (int64_t s = 1; s < g.segments; ++s) add(g.segment[s], g.segment[s] + 4 * g.quads);
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) kept[r][v] = sums[r][v];
  }
}

// Calls body with the first row of each tile. The last tile begins earlier, where it can, rather than to be smaller.
template <int kRows, typename Body>
inline __attribute__((always_inline)) void each_tile(int64_t rows, const Body& body) {
  for (int64_t begin = 0; begin < rows; begin += kRows) {
    body(begin + kRows > rows && rows > kRows ? rows - kRows : begin);
  }
}

template <int kVectors, int kRows>
__attribute__((noinline)) void tiles(const Int8Rows& g) {
  each_tile<kRows>(g.rows, [&](int64_t begin) {
    Ints kept[kRows][kVectors];
    sum_tile<kVectors, kRows>(g, begin, kept, [](int) {});
    finish_rows<kVectors>(g, kept, begin, kRows);
  });
}

#if defined(__AVX512BW__)
// Each tile's sums become bytes while those of the next one are made.
template <int kVectors, int kRows, bool kAdds>
__attribute__((noinline)) void tiles_of_bytes(const Int8Rows& g) {
  const FinishLine<kAdds> finish(g.result);
  uint8_t* const y = static_cast<uint8_t*>(g.y);
  const uint8_t* const addend = g.addend;
  const int64_t ldy = g.ldy, last = g.rows - 1;
  Ints kept[kRows][kVectors] = {};
  int64_t before = -1;
  const auto finish_row = [&](int r) __attribute__((always_inline)) {
    const int64_t at = (before + r < last ? before + r : last) * ldy;
    finish.template store_line<kVectors>(kept[r], g.scale, y + at, addend + at, g.columns);
  };
  each_tile<kRows>(g.rows, [&](int64_t begin) {
    sum_tile<kVectors, kRows>(g, begin, kept, [&](int r) __attribute__((always_inline)) {
      if (before >= 0) finish_row(r);
    });
    before = begin;
    for (int r = 0; kAdds && r < kRows; ++r) {
      __builtin_prefetch(addend + (begin + r < last ? begin + r : last) * ldy);
    }
  });
#pragma GCC unroll 1
  for (int r = 0; r < kRows; ++r) finish_row(r);
}
#endif

template <int kVectors, int kRows>
inline __attribute__((always_inline)) void rows_in_tiles(const Int8Rows& g) {
#if defined(__AVX512BW__)
  if (g.result.is_bytes && g.result.fits_int32) {
    if (g.addend != nullptr) return tiles_of_bytes<kVectors, kRows, true>(g);
    return tiles_of_bytes<kVectors, kRows, false>(g);
  }
#endif
  tiles<kVectors, kRows>(g);
}

template <int kVectors>
void rows(const Int8Rows& g) {
  if (g.rows == 1) return rows_in_tiles<kVectors, 1>(g);
  rows_in_tiles<kVectors, kTileRows[kVectors]>(g);
}

inline __attribute__((always_inline)) void rows_of_panel(const Int8Rows& g) {
  if (g.rows == 0) return;
  switch ((g.columns + kLanes - 1) / kLanes) {
    case 1:
      return rows<1>(g);
    case 2:
      return rows<2>(g);
#if defined(__AVX512F__) || defined(__ARM_NEON)
    case 3:
      return rows<3>(g);
    default:
      return rows<4>(g);
#else
    default:
      return rows<2>(g);
#endif
  }
}

}  // namespace
}  // namespace convolt::CONVOLT_ISA
