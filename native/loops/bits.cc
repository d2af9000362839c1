// Signs of floats as bits, and back.
#include "loops/loops.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace convolt::CONVOLT_ISA {
namespace {

// Up to eight signs.
inline uint8_t signs(const float* x, int64_t n) {
  unsigned byte = 0;
  for (int64_t c = 0; c < n; ++c) byte |= static_cast<unsigned>(x[c] >= 0) << c;
  return static_cast<uint8_t>(byte);
}

void pack_row(uint8_t* bits, const float* x, int64_t channels) {
  int64_t b = 0;
#if defined(__AVX512F__)
  for (; 8 * b + 64 <= channels; b += 8) {
    uint64_t word = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const __mmask16 mask = _mm512_cmp_ps_mask(_mm512_loadu_ps(x + 8 * b + 16 * i), _mm512_setzero_ps(), _CMP_GE_OQ);
      word |= static_cast<uint64_t>(mask) << (16 * i);
    }
    __builtin_memcpy(bits + b, &word, 8);
  }
#endif
  for (; 8 * b + 8 <= channels; ++b) {
#if defined(__AVX2__)
    const __m256 reached = _mm256_cmp_ps(_mm256_loadu_ps(x + 8 * b), _mm256_setzero_ps(), _CMP_GE_OQ);
    bits[b] = static_cast<uint8_t>(_mm256_movemask_ps(reached));
#elif defined(__x86_64__)
    const __m128 low = _mm_cmpge_ps(_mm_loadu_ps(x + 8 * b), _mm_setzero_ps());
    const __m128 high = _mm_cmpge_ps(_mm_loadu_ps(x + 8 * b + 4), _mm_setzero_ps());
    bits[b] = static_cast<uint8_t>(_mm_movemask_ps(low) | _mm_movemask_ps(high) << 4);
#else
    bits[b] = signs(x + 8 * b, 8);
#endif
  }
  if (8 * b < channels) bits[b] = signs(x + 8 * b, channels - 8 * b);
}

void unpack_row(float* x, const uint8_t* bits, int64_t channels) {
  int64_t c = 0;
  for (; c + 8 <= channels; c += 8) {
    const unsigned byte = bits[c / 8];
    for (int i = 0; i < 8; ++i) x[c + i] = byte & 1u << i ? 1.0f : -1.0f;
  }
  for (; c < channels; ++c) x[c] = bits[c / 8] >> (c % 8) & 1 ? 1.0f : -1.0f;
}

// Rows of whole bytes are one row.
template <typename Row>
inline void for_rows(int64_t rows, int64_t channels, const Row& row) {
  if (channels % 8 == 0) return row(int64_t{0}, int64_t{0}, rows * channels);
  for (int64_t i = 0; i < rows; ++i) row(i * ((channels + 7) / 8), i * channels, channels);
}

}  // namespace

void pack_bits(uint8_t* bits, const float* x, int64_t rows, int64_t channels) {
  for_rows(rows, channels, [&](int64_t byte, int64_t at, int64_t n) { pack_row(bits + byte, x + at, n); });
}

void unpack_bits(float* x, const uint8_t* bits, int64_t rows, int64_t channels) {
  for_rows(rows, channels, [&](int64_t byte, int64_t at, int64_t n) { unpack_row(x + at, bits + byte, n); });
}

}  // namespace convolt::CONVOLT_ISA
