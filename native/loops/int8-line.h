// The bytes of four vectors of sums at once, which saturate on their way: for processors with AVX-512.
#pragma once

#include "loops/int8-lanes.h"

#if defined(__AVX512BW__)
namespace convolt::CONVOLT_ISA {
namespace {

inline __attribute__((always_inline)) __m512i to_nearest(Floats t) {
  return _mm512_maskz_cvtps_epi32(0xffff, reinterpret_cast<__m512>(t));
}

// The first n of 64 bytes.
inline __attribute__((always_inline)) void store_line_of_bytes(uint8_t* to, __m512i bytes, int64_t n) {
  if (n == 64) {
    _mm512_storeu_si512(to, bytes);
  } else {
    _mm512_mask_storeu_epi8(to, (uint64_t{1} << n) - 1, bytes);
  }
}

template <bool kAdds>
struct FinishLine {
  explicit FinishLine(const Int8Result& r)
      : zero(_mm512_set1_epi16(static_cast<int16_t>(r.zero))),
        low(_mm512_set1_epi8(static_cast<char>(static_cast<int32_t>(r.low) + r.zero))),
        high(_mm512_set1_epi8(static_cast<char>(static_cast<int32_t>(r.high) + r.zero))),
        is_saturated(r.zero == 0 && r.low == 0 && r.high == 255),
        numbers(r) {}

  // Rounded numbers as bytes: in each quarter of the result, that quarter of the four vectors.
  inline __attribute__((always_inline)) __m512i pack(const __m512i* rounded) const {
    const __m512i words = _mm512_packs_epi32(rounded[0], rounded[1]);
    const __m512i more = _mm512_packs_epi32(rounded[2], rounded[3]);
    if (is_saturated) return _mm512_packus_epi16(words, more);
    const __m512i bytes = _mm512_packus_epi16(_mm512_adds_epi16(words, zero), _mm512_adds_epi16(more, zero));
    return _mm512_min_epu8(_mm512_max_epu8(bytes, low), high);
  }

  __m512i zero, low, high;
  bool is_saturated;  // packing alone keeps the bounds
  Finish<true, kAdds> numbers;
};

}  // namespace
}  // namespace convolt::CONVOLT_ISA
#endif
