// Stores past the caches, for results that are larger than these: nothing is read first and nothing is driven out.
#pragma once

#include "loops/lanes.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace convolt::CONVOLT_ISA {

// True when whole lines of the cache are written: by vectors of `channels` elements, `step` elements apart from y on.
inline __attribute__((always_inline)) bool may_stream(const void* y, int64_t step, int64_t channels) {
  constexpr int64_t kLine = 16;
  return reinterpret_cast<uintptr_t>(y) % (kLine * sizeof(float)) == 0 && step % kLine == 0 && channels % kLine == 0;
}

// Vectors go past the caches if kStream, to addresses that are multiples of their size.
template <bool kStream, typename T, typename V>
inline __attribute__((always_inline)) void store_or_stream(T* to, V value) {
#if defined(__SSE2__)
  if constexpr (kStream && sizeof(V) == sizeof(Floats)) {
#if defined(__AVX512F__)
    return _mm512_stream_si512(reinterpret_cast<__m512i*>(to), reinterpret_cast<__m512i>(value));
#elif defined(__AVX2__)
    return _mm256_stream_si256(reinterpret_cast<__m256i*>(to), reinterpret_cast<__m256i>(value));
#else
    return _mm_stream_si128(reinterpret_cast<__m128i*>(to), reinterpret_cast<__m128i>(value));
#endif
  }
#endif
  store(to, value);
}

// Makes what was streamed visible to other threads before anything that follows.
inline __attribute__((always_inline)) void end_streaming() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

}  // namespace convolt::CONVOLT_ISA
