// Sums of products of bits become what a layer gives.
#include "loops/loops.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace convolt::CONVOLT_ISA {

void give_sums(int32_t* __restrict y, const int32_t* __restrict differ, const int32_t* __restrict border, int64_t n) {
  for (int64_t k = 0; k < n; ++k) y[k] = border[k] - 2 * differ[k];
}

void give_scaled(float* __restrict y, const int32_t* __restrict differ, const int32_t* __restrict border,
                 const float* __restrict scale, const float* __restrict offset, int64_t n) {
  for (int64_t k = 0; k < n; ++k) y[k] = static_cast<float>(border[k] - 2 * differ[k]) * scale[k] + offset[k];
}

void find_limits(int32_t* __restrict limit, const int32_t* __restrict border, const int32_t* __restrict threshold,
                 int64_t n) {
  constexpr int32_t kMost = 1 << 30;  // no sum is as large; differences with larger numbers would wrap
  for (int64_t k = 0; k < n; ++k) {
    int32_t t = threshold[k] < kMost ? threshold[k] : kMost;
    t = t > -kMost ? t : -kMost;
    limit[k] = (border[k] - t) >> 1;
  }
}

void give_bits(uint8_t* y, const int32_t* differ, const int32_t* limit, const uint8_t* flips, int64_t bytes) {
  int64_t b = 0;
#if defined(__AVX512F__)
  for (; b + 2 <= bytes; b += 2) {
    const __mmask16 reached =
        _mm512_cmple_epi32_mask(_mm512_loadu_si512(differ + 8 * b), _mm512_loadu_si512(limit + 8 * b));
    uint16_t flip;
    __builtin_memcpy(&flip, flips + b, 2);
    flip ^= reached;
    __builtin_memcpy(y + b, &flip, 2);
  }
#endif
  for (; b < bytes; ++b) {
#if defined(__AVX2__)
    const __m256i sum = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(differ + 8 * b));
    const __m256i most = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(limit + 8 * b));
    const unsigned passed = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(sum, most)));
    y[b] = static_cast<uint8_t>(~passed ^ flips[b]);
#else
    unsigned reached = 0;
    for (int i = 0; i < 8; ++i) reached |= static_cast<unsigned>(differ[8 * b + i] <= limit[8 * b + i]) << i;
    y[b] = static_cast<uint8_t>(reached ^ flips[b]);
#endif
  }
}

}  // namespace convolt::CONVOLT_ISA
