// Sums of products of bits become what a layer gives.
#include "loops/loops.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace convolt::CONVOLT_ISA {

void give_sums(int32_t* y, const SumRows& sums, const int32_t* __restrict border) {
  for (int64_t p = 0; p < sums.count; ++p, y += sums.filters) {
    const int32_t* __restrict differ = sums.differ + p * sums.row;
    int32_t* __restrict to = y;
    for (int64_t k = 0; k < sums.filters; ++k) to[k] = border[k] - 2 * differ[k];
  }
}

void give_scaled(float* y, const SumRows& sums, const int32_t* __restrict border, const float* __restrict scale,
                 const float* __restrict offset) {
  for (int64_t p = 0; p < sums.count; ++p, y += sums.filters) {
    const int32_t* __restrict differ = sums.differ + p * sums.row;
    float* __restrict to = y;
    for (int64_t k = 0; k < sums.filters; ++k) {
      to[k] = static_cast<float>(border[k] - 2 * differ[k]) * scale[k] + offset[k];
    }
  }
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

namespace {

// Eight bits, and sixteen where vectors are that long.
inline uint8_t reached_eight(const int32_t* differ, const int32_t* limit) {
#if defined(__AVX2__)
  const __m256i sum = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(differ));
  const __m256i most = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(limit));
  return static_cast<uint8_t>(~_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(sum, most))));
#else
  unsigned reached = 0;
  for (int i = 0; i < 8; ++i) reached |= static_cast<unsigned>(differ[i] <= limit[i]) << i;
  return static_cast<uint8_t>(reached);
#endif
}

#if defined(__AVX512F__)
inline uint16_t reached_sixteen(const int32_t* differ, const int32_t* limit) {
  return _mm512_cmple_epi32_mask(_mm512_loadu_si512(differ), _mm512_loadu_si512(limit));
}
#endif

}  // namespace

void give_bits(uint8_t* y, const SumRows& sums, const int32_t* limit, const uint8_t* flips) {
  const int64_t bytes = (sums.filters + 7) / 8;
  for (int64_t p = 0; p < sums.count; ++p, y += bytes) {
    const int32_t* differ = sums.differ + p * sums.row;
    int64_t b = 0;
#if defined(__AVX512F__)
    for (; b + 2 <= bytes; b += 2) {
      uint16_t flip;
      __builtin_memcpy(&flip, flips + b, 2);
      flip ^= reached_sixteen(differ + 8 * b, limit + 8 * b);
      __builtin_memcpy(y + b, &flip, 2);
    }
#endif
    for (; b < bytes; ++b) y[b] = reached_eight(differ + 8 * b, limit + 8 * b) ^ flips[b];
  }
}

}  // namespace convolt::CONVOLT_ISA
