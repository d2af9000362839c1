// A filter of int8 weights for each of 64 channels at once: rows are joined by shuffles, in whose order the sums stay
// until packing undoes it.
#pragma once

#include "loops/int8-line.h"

#if defined(__AVX512BW__)
namespace convolt::CONVOLT_ISA {
namespace {

inline constexpr int64_t kBlock = 64;

// The bytes of four rows side by side, in four vectors: vector i holds channels 4 i to 4 i + 3 of every sixteen.
struct Joined {
  __m512i part[4];
};

inline __attribute__((always_inline)) Joined joined(__m512i r0, __m512i r1, __m512i r2, __m512i r3) {
  const __m512i low = _mm512_unpacklo_epi8(r0, r1), high = _mm512_unpackhi_epi8(r0, r1);
  const __m512i more_low = _mm512_unpacklo_epi8(r2, r3), more_high = _mm512_unpackhi_epi8(r2, r3);
  return {{_mm512_unpacklo_epi16(low, more_low), _mm512_unpackhi_epi16(low, more_low),
           _mm512_unpacklo_epi16(high, more_high), _mm512_unpackhi_epi16(high, more_high)}};
}

// to[p] = pixel first + p of a quad of rows, for `pixels` of them.
inline __attribute__((always_inline)) void join_pixels(const Int8DepthwiseLine& g, Joined* to,
                                                       const uint8_t* const* rows, int64_t first, int64_t pixels,
                                                       int64_t c, __mmask64 channels) {
  const uint8_t *r0 = rows[0] + c, *r1 = rows[1] + c, *r2 = rows[2] + c, *r3 = rows[3] + c;
  const __m512i padding = _mm512_set1_epi8(static_cast<char>(g.padding));
  for (int64_t p = 0; p < pixels; ++p) {
    if (first + p < 0 || first + p >= g.length) {
      to[p] = {{padding, padding, padding, padding}};
      continue;
    }
    const int64_t at = (first + p) * g.channels;
    const auto load_row = [&](const uint8_t* row) { return _mm512_maskz_loadu_epi8(channels, row + at); };
    to[p] = joined(load_row(r0), load_row(r1), load_row(r2), load_row(r3));
  }
}

// Positions [begin, end) of n channels from c on; kTaps columns of one quad of rows stay in registers, if it is not 0.
template <int kTaps, bool kAdds>
inline __attribute__((always_inline)) void filter_block(const Int8DepthwiseLine& g, const Joined* from, int64_t pixels,
                                                        const int32_t* block, int64_t begin, int64_t end, int64_t c,
                                                        int64_t n) {
  const FinishLine<kAdds> finish(g.result);
  const auto vectors = [](const int32_t* at, Ints* to) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) to[i] = load<Ints>(at + i * kLanes);
  };
  Ints bias[4], kept[kTaps + 1][4], scale[4];
  vectors(block, bias);
  vectors(block + kBlock, scale);
  const int32_t* weights = block + 2 * kBlock;
#pragma GCC unroll 4
  for (int v = 0; v < kTaps; ++v) vectors(weights + v * kBlock, kept[v]);
  const int64_t step = g.step, tap_step = g.tap_step, channels = g.channels;
  uint8_t* const y = static_cast<uint8_t*>(g.y);
  for (int64_t j = begin; j < end; ++j) {
    Ints sums[4] = {bias[0], bias[1], bias[2], bias[3]};
    const Joined* at = from + (j - begin) * step;
    const auto add = [&](const Joined& bytes, const Ints* w) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) sums[i] = dot(sums[i], reinterpret_cast<Ints>(bytes.part[i]), w[i]);
    };
    if constexpr (kTaps > 0) {
#pragma GCC unroll 4
      for (int v = 0; v < kTaps; ++v) add(at[v * tap_step], kept[v]);
    } else {
      const int32_t* w = weights;
      for (int64_t quad = 0; quad < g.quads; ++quad, at += pixels) {
        for (int64_t v = 0; v < g.taps; ++v, w += kBlock) {
          Ints next[4];
          vectors(w, next);
          add(at[v * tap_step], next);
        }
      }
    }
    Joined addend = {};
    if constexpr (kAdds) {
      const __m512i none = _mm512_setzero_si512();
      const __mmask64 mask = n == kBlock ? ~__mmask64{0} : (__mmask64{1} << n) - 1;
      addend = joined(_mm512_maskz_loadu_epi8(mask, g.addend + j * channels + c), none, none, none);
    }
    __m512i rounded[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      Floats t = __builtin_convertvector(sums[i], Floats) * reinterpret_cast<Floats>(scale[i]);
      if constexpr (kAdds) {
        const Ints above = reinterpret_cast<Ints>(addend.part[i]) - finish.numbers.add_zero;
        t = t + __builtin_convertvector(above, Floats) * finish.numbers.add_scale;
      }
      rounded[i] = to_nearest(t);
    }
    store_line_of_bytes(y + j * channels + c, finish.pack(rounded), n);
  }
}

// A line in strips, so that joined rows stay in the first-level cache.
template <bool kAdds>
__attribute__((noinline)) void depthwise_blocks(const Int8DepthwiseLine& g) {
  Joined* const scratch = reinterpret_cast<Joined*>(g.scratch);
  const int64_t block_size = (2 + g.quads * g.taps) * kBlock;
  const int32_t* block = g.blocks;
  for (int64_t next = 0; next < g.channels; next += kBlock, block += block_size) {
    // The last block begins early enough to be whole, if there are that many channels.
    const int64_t c = next + kBlock > g.channels && g.channels > kBlock ? g.channels - kBlock : next;
    const int64_t n = g.channels - c < kBlock ? g.channels - c : kBlock;
    const __mmask64 mask = n == kBlock ? ~__mmask64{0} : (__mmask64{1} << n) - 1;
    for (int64_t begin = 0; begin < g.positions; begin += kInt8Strip) {
      const int64_t end = begin + kInt8Strip < g.positions ? begin + kInt8Strip : g.positions;
      const int64_t first = g.first + begin * g.step;
      const int64_t pixels = (end - begin - 1) * g.step + (g.taps - 1) * g.tap_step + 1;
      for (int64_t quad = 0; quad < g.quads; ++quad) {
        join_pixels(g, scratch + quad * pixels, g.rows + 4 * quad, first, pixels, c, mask);
      }
      if (g.quads == 1 && g.taps == 3) {
        filter_block<3, kAdds>(g, scratch, pixels, block, begin, end, c, n);
      } else {
        filter_block<0, kAdds>(g, scratch, pixels, block, begin, end, c, n);
      }
    }
  }
}

}  // namespace
}  // namespace convolt::CONVOLT_ISA
#endif
