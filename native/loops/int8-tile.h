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

#if defined(__AVX512BW__)
template <int kVectors, bool kAdds>
inline __attribute__((always_inline)) void finish_lines(const Int8Rows& g, const Ints (*sums)[kVectors],
                                                        const Floats* scale, int64_t begin, int64_t count) {
  const FinishLine<kAdds> finish(g.result);
  const auto store_line = [&](const Ints* line, uint8_t* to, const uint8_t* with) {
    __m512i rounded[4];
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
      if (v >= kVectors) {
        rounded[v] = rounded[0];
        continue;
      }
      Floats t = __builtin_convertvector(line[v], Floats) * scale[v];
      if constexpr (kAdds) t = t + finish.numbers.addend(with + v * kLanes, g.columns - v * kLanes);
      rounded[v] = to_nearest(t);
    }
    // Packing mixes the vectors in parts of four bytes.
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    store_line_of_bytes(to, _mm512_maskz_permutexvar_epi32(0xffff, order, finish.pack(rounded)), g.columns);
  };
  uint8_t* const y = static_cast<uint8_t*>(g.y);
  const uint8_t* const addend = g.addend;
  const int64_t ldy = g.ldy, last = g.rows - 1;
  for (int64_t r = 0; r < count; ++r) {
    const int64_t at = (begin + r < last ? begin + r : last) * ldy;
    store_line(sums[r], y + at, addend + at);
  }
}
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
#if defined(__AVX512BW__)
  if (g.result.is_bytes && g.result.fits_int32 && kVectors > 1) {
    if (addend != nullptr) return finish_lines<kVectors, true>(g, sums, scale, begin, count);
    return finish_lines<kVectors, false>(g, sums, scale, begin, count);
  }
#endif
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

// Rows [begin, begin + kRows) of y; rows behind the last one are the last one again.
template <int kVectors, int kRows>
__attribute__((noinline)) void tile(const Int8Rows& g, int64_t begin) {
  const uint8_t* x[kRows];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) x[r] = g.x + g.pixel[begin + r < g.rows ? begin + r : g.rows - 1];
  Ints sums[kRows][kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[r][v] = load<Ints>(g.bias + v * kLanes);
  }
  // Addends arrive while the sums are made.
  for (int64_t r = begin; g.addend != nullptr && r < begin + kRows && r < g.rows; ++r) {
    __builtin_prefetch(g.addend + r * g.ldy);
  }
  const int8_t* w = g.w;
  for (int64_t s = 0; s < g.segments; ++s) {
    const int64_t end = g.segment[s] + 4 * g.quads;
    for (int64_t k = g.segment[s]; k < end; k += 4, w += kVectors * kLanes * 4) {
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
  }
  Ints kept[kRows][kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) kept[r][v] = sums[r][v];
  }
  finish_rows<kVectors>(g, kept, begin, kRows);
}

template <int kVectors>
void rows(const Int8Rows& g) {
  constexpr int kRows = kTileRows[kVectors];
  int64_t begin = 0;
  if (g.rows == 1) return tile<kVectors, 1>(g, 0);
  for (; begin + kRows < g.rows; begin += kRows) tile<kVectors, kRows>(g, begin);
  // The last tile begins earlier, where it can, rather than to be smaller.
  tile<kVectors, kRows>(g, g.rows > kRows ? g.rows - kRows : 0);
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
