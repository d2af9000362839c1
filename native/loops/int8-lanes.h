// Sums of four products of bytes, and the rounding of sums to bytes, in vectors of this ISA's width. The names are
// each source's own, since some sources may use more of the processor than others.
#pragma once

#include "loops/int8-rows.h"
#include "loops/lanes.h"

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace convolt::CONVOLT_ISA {
namespace {

// In kRounder + t = 1.5 * 2^23 + t the last bit counts 1: the sum is rounded to a whole number, ties to even.
inline constexpr float kRounder = 12582912.0f;
inline constexpr int32_t kRounderBits = 0x4b400000;

typedef uint8_t ByteLanes __attribute__((vector_size(kLanes)));
typedef int32_t LooseInt __attribute__((aligned(1), may_alias));
typedef uint8_t LooseByteLanes __attribute__((vector_size(kLanes), aligned(1), may_alias));

// acc[i] + sum over t < 4 of a[i, t] * w[i, t], where a are unsigned and w signed bytes. Without instructions of its
// own, x86 sums pairs of products in 16 bits, which is exact while no two weights of one sign sum to more than 128.
inline __attribute__((always_inline)) Ints dot(Ints acc, Ints a, Ints w) {
#if defined(__AVX512VNNI__)
  return reinterpret_cast<Ints>(
      _mm512_dpbusd_epi32(reinterpret_cast<__m512i>(acc), reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(w)));
#elif defined(__AVX512BW__)
  const __m512i pairs = _mm512_maddubs_epi16(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(w));
  return acc + reinterpret_cast<Ints>(_mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
#elif defined(__AVX2__)
  const __m256i pairs = _mm256_maddubs_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(w));
  return acc + reinterpret_cast<Ints>(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
#elif defined(__SSSE3__)
  const __m128i pairs = _mm_maddubs_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(w));
  return acc + reinterpret_cast<Ints>(_mm_madd_epi16(pairs, _mm_set1_epi16(1)));
#elif defined(__ARM_FEATURE_MATMUL_INT8)
  return reinterpret_cast<Ints>(
      vusdotq_s32(reinterpret_cast<int32x4_t>(acc), reinterpret_cast<uint8x16_t>(a), reinterpret_cast<int8x16_t>(w)));
#elif defined(__ARM_FEATURE_DOTPROD)
  // a = (a - 128) + 128: both parts are signed bytes, the second one negated
  const int8x16_t signed_a = vreinterpretq_s8_u8(veorq_u8(reinterpret_cast<uint8x16_t>(a), vdupq_n_u8(0x80)));
  const int32x4_t rest = vdotq_s32(vdupq_n_s32(0), vdupq_n_s8(-128), reinterpret_cast<int8x16_t>(w));
  return reinterpret_cast<Ints>(
      vsubq_s32(vdotq_s32(reinterpret_cast<int32x4_t>(acc), signed_a, reinterpret_cast<int8x16_t>(w)), rest));
#elif defined(__ARM_NEON)
  const int16x8_t a_low = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(reinterpret_cast<uint8x16_t>(a))));
  const int16x8_t a_high = vreinterpretq_s16_u16(vmovl_high_u8(reinterpret_cast<uint8x16_t>(a)));
  const int16x8_t w_low = vmovl_s8(vget_low_s8(reinterpret_cast<int8x16_t>(w)));
  const int16x8_t w_high = vmovl_high_s8(reinterpret_cast<int8x16_t>(w));
  const int32x4_t low = vpaddq_s32(vmull_s16(vget_low_s16(a_low), vget_low_s16(w_low)), vmull_high_s16(a_low, w_low));
  const int32x4_t high =
      vpaddq_s32(vmull_s16(vget_low_s16(a_high), vget_low_s16(w_high)), vmull_high_s16(a_high, w_high));
  return acc + reinterpret_cast<Ints>(vpaddq_s32(low, high));
#else
  for (int i = 0; i < kLanes; ++i) {
    for (int t = 0; t < 32; t += 8) acc[i] += ((a[i] >> t) & 0xff) * static_cast<int8_t>(w[i] >> t);
  }
  return acc;
#endif
}

// True where `dot` is exact only for small weights.
#if defined(__SSSE3__) && !defined(__AVX512VNNI__)
inline constexpr bool kSumsPairs = true;
#else
inline constexpr bool kSumsPairs = false;
#endif

// kLanes bytes as integers. (The compiler's own conversion of bytes in memory takes them one by one.)
inline __attribute__((always_inline)) Ints widen(const uint8_t* from) {
#if defined(__AVX512F__)
  return reinterpret_cast<Ints>(
      _mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
#elif defined(__AVX2__)
  return reinterpret_cast<Ints>(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
#elif defined(__SSE4_1__)
  return reinterpret_cast<Ints>(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(*reinterpret_cast<const LooseInt*>(from))));
#else
  return __builtin_convertvector(*reinterpret_cast<const LooseByteLanes*>(from), Ints);
#endif
}

// Stores kLanes integers of 0 to 255 as bytes.
inline __attribute__((always_inline)) void narrow(uint8_t* to, Ints bytes) {
#if defined(__AVX512F__)
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                   _mm512_maskz_cvtepi32_epi8(0xffff, reinterpret_cast<__m512i>(bytes)));
#elif defined(__AVX2__)
  const __m256i whole = reinterpret_cast<__m256i>(bytes);
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(words, words));
#elif defined(__SSE2__)
  const __m128i words = _mm_packs_epi32(reinterpret_cast<__m128i>(bytes), reinterpret_cast<__m128i>(bytes));
  *reinterpret_cast<LooseInt*>(to) = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
#else
  *reinterpret_cast<LooseByteLanes*>(to) = __builtin_convertvector(bytes, ByteLanes);
#endif
}

// The bytes from[0 ... n - 1] as integers; the other lanes are 0.
inline __attribute__((always_inline)) Ints load_bytes(const uint8_t* from, int64_t n) {
  if (n >= kLanes) return widen(from);
#if defined(__AVX512BW__) && defined(__AVX512VL__)
  const __mmask16 few = static_cast<__mmask16>((1 << n) - 1);
  return reinterpret_cast<Ints>(_mm512_maskz_cvtepu8_epi32(0xffff, _mm_maskz_loadu_epi8(few, from)));
#endif
  uint8_t bytes[kLanes] = {};
  __builtin_memcpy(bytes, from, n);
  return widen(bytes);
}

// Makes results of sums, in one of their four forms, and stores n <= kLanes of them at y[at] and behind.
template <bool kIsBytes, bool kAdds>
struct Finish {
  explicit Finish(const Int8Result& r)
      : low(Floats{} + r.low),
        high(Floats{} + r.high),
        zero(Ints{} + (r.zero - kRounderBits)),
        add_zero(Ints{} + r.add_zero),
        add_scale(Floats{} + r.add_scale) {}

  inline __attribute__((always_inline)) void store(Ints sum, Floats scale, void* y, const uint8_t* addend, int64_t at,
                                                   int64_t n) const {
    Floats t = __builtin_convertvector(sum, Floats) * scale;
    if constexpr (kAdds) t = t + this->addend(addend + at, n);
    t = low > t ? low : t;
    t = high < t ? high : t;
    if constexpr (!kIsBytes) {
      float* to = static_cast<float*>(y) + at;
      if (n >= kLanes) {
        CONVOLT_ISA::store(to, t);
      } else {
        __builtin_memcpy(to, &t, n * sizeof(float));
      }
    } else {
      const Ints rounded = reinterpret_cast<Ints>(t + kRounder) + zero;
      uint8_t* to = static_cast<uint8_t*>(y) + at;
      if (n >= kLanes) {
        narrow(to, rounded);
      } else {
        uint8_t bytes[kLanes];
        narrow(bytes, rounded);
        __builtin_memcpy(to, bytes, n);
      }
    }
  }

  inline __attribute__((always_inline)) Floats addend(const uint8_t* from, int64_t n) const {
    return __builtin_convertvector(load_bytes(from, n) - add_zero, Floats) * add_scale;
  }

  Floats low, high;
  Ints zero, add_zero;
  Floats add_scale;
};

// Calls body with what finishes such results.
template <typename Body>
inline __attribute__((always_inline)) void with_finish(const Int8Result& result, bool adds, const Body& body) {
  if (result.is_bytes) {
    adds ? body(Finish<true, true>(result)) : body(Finish<true, false>(result));
  } else {
    adds ? body(Finish<false, true>(result)) : body(Finish<false, false>(result));
  }
}

}  // namespace
}  // namespace convolt::CONVOLT_ISA
