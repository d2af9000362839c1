// A filter of int8 weights for each channel: four rows of an image side by side make one dot product per column.
#pragma once

#include "loops/int8-depthwise-block.h"

namespace convolt::CONVOLT_ISA {
namespace {

// joined[p] = n <= kLanes bytes from channel c on of pixel first + p of four rows.
inline __attribute__((always_inline)) void join_rows(const Int8DepthwiseLine& g, Ints* joined,
                                                     const uint8_t* const* rows, int64_t c, int64_t n) {
  const uint8_t *r0 = rows[0] + c, *r1 = rows[1] + c, *r2 = rows[2] + c, *r3 = rows[3] + c;
  const Ints padding = Ints{} + static_cast<int32_t>(static_cast<uint32_t>(g.padding) * 0x01010101u);
  const int64_t begin = g.first < 0 ? -g.first : 0;
  const int64_t end = g.length - g.first < g.pixels ? g.length - g.first : g.pixels;
  int64_t p = 0;
  for (; p < begin && p < g.pixels; ++p) joined[p] = padding;
  for (; p < end; ++p) {
    const int64_t at = (g.first + p) * g.channels;
    joined[p] = load_bytes(r0 + at, n) | load_bytes(r1 + at, n) << 8 | load_bytes(r2 + at, n) << 16 |
                load_bytes(r3 + at, n) << 24;
  }
  for (; p < g.pixels; ++p) joined[p] = padding;
}

// All positions of the n channels from c on. kTaps columns of one quad of rows stay in registers, if it is not 0.
template <int kTaps>
inline __attribute__((always_inline)) void filter_channels(const Int8DepthwiseLine& g, const Ints* joined, int64_t c,
                                                           int64_t n) {
  const Ints bias = load<Ints>(g.bias + c);
  const Floats scale = load<Floats>(g.scale + c);
  const auto weights = [&](int64_t quad, int64_t tap) {
    return load<Ints>(reinterpret_cast<const int32_t*>(g.w) + (quad * g.taps + tap) * g.channels + c);
  };
  Ints kept[kTaps + 1];
  for (int v = 0; v < kTaps; ++v) kept[v] = weights(0, v);
  void* const y = g.y;
  const uint8_t* const addend = g.addend;
  const int64_t positions = g.positions, step = g.step, tap_step = g.tap_step, channels = g.channels;
  with_finish(g.result, addend != nullptr, [&](const auto& finish) {
    for (int64_t j = 0; j < positions; ++j) {
      Ints sum = bias;
      const Ints* from = joined + j * step;
      if constexpr (kTaps > 0) {
        for (int v = 0; v < kTaps; ++v) sum = dot(sum, from[v * tap_step], kept[v]);
      } else {
        for (int64_t quad = 0; quad < g.quads; ++quad, from += g.pixels) {
          for (int64_t v = 0; v < g.taps; ++v) sum = dot(sum, from[v * tap_step], weights(quad, v));
        }
      }
      finish.store(sum, scale, y, addend, j * channels + c, n);
    }
  });
}

inline __attribute__((always_inline)) void depthwise_line(const Int8DepthwiseLine& g) {
#if defined(__AVX512BW__)
  // Where half of the only block would be empty, single vectors are as quick.
  if (g.blocks != nullptr && g.channels > kBlock / 2 && g.result.is_bytes && g.result.fits_int32) {
    return g.addend != nullptr ? depthwise_blocks<true>(g) : depthwise_blocks<false>(g);
  }
#endif
  Ints* joined = reinterpret_cast<Ints*>(g.scratch);
  for (int64_t next = 0; next < g.channels; next += kLanes) {
    // The last vector begins early enough to be whole, if there are that many channels.
    const int64_t c = next + kLanes > g.channels && g.channels > kLanes ? g.channels - kLanes : next;
    const int64_t n = g.channels - c;
    for (int64_t quad = 0; quad < g.quads; ++quad) {
      join_rows(g, joined + quad * g.pixels, g.rows + 4 * quad, c, n >= kLanes ? kLanes : n);
    }
    if (g.quads == 1 && g.taps == 3 && n >= kLanes) {
      filter_channels<3>(g, joined, c, kLanes);
    } else {
      filter_channels<0>(g, joined, c, n);
    }
  }
}

}  // namespace
}  // namespace convolt::CONVOLT_ISA
