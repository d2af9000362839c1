// Vectors of this ISA's width, written with the compiler's vector extension, and loops over channels in such vectors.
#pragma once

#include <cstdint>

#include "loops/column-clip.h"

namespace convolt::CONVOLT_ISA {

#if defined(__AVX512F__)
inline constexpr int kLanes = 16;
#elif defined(__AVX2__)
inline constexpr int kLanes = 8;
#else
inline constexpr int kLanes = 4;
#endif

typedef float Floats __attribute__((vector_size(kLanes * 4)));
typedef int32_t Ints __attribute__((vector_size(kLanes * 4)));

// The integers that go with a float or a vector of floats.
template <typename F>
struct IntsOf;
template <>
struct IntsOf<float> {
  using Type = int32_t;
};
template <>
struct IntsOf<Floats> {
  using Type = Ints;
};

// A value of type V at any address of memory. (A copy by __builtin_memcpy would keep 64-byte vectors in memory.)
template <typename V>
struct Loose {
  typedef V Type __attribute__((may_alias));
};
template <>
struct Loose<Floats> {
  typedef float Type __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
};
template <>
struct Loose<Ints> {
  typedef int32_t Type __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
};

template <typename V, typename T>
inline __attribute__((always_inline)) V load(const T* from) {
  return *reinterpret_cast<const typename Loose<V>::Type*>(from);
}

template <typename V, typename T>
inline __attribute__((always_inline)) void store(T* to, V value) {
  *reinterpret_cast<typename Loose<V>::Type*>(to) = value;
}

// Column c of what a clip follows, and those behind it.
template <typename F>
inline __attribute__((always_inline)) F clipped(F value, const ColumnClip& clip, int64_t c) {
  const F low = F{} + clip.low, high = F{} + clip.high, sum = value + load<F>(clip.bias + c);
  const F raised = low > sum ? low : sum;
  return high < raised ? high : raised;
}

// Calls body(F{}, c) for every whole vector of channels, then for every single channel that is left.
template <typename Body>
inline __attribute__((always_inline)) void for_channels(int64_t channels, const Body& body) {
  int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) body(Floats{}, c);
  for (; c < channels; ++c) body(0.0f, c);
}

// Calls body(F{}, c, seen) for vectors that cover all channels: the last one begins early enough to be whole, so that
// its first `seen` channels are covered twice. Fewer channels than a vector holds are taken one by one.
template <typename Body>
inline __attribute__((always_inline)) void for_overlapping_channels(int64_t channels, const Body& body) {
  if (channels < kLanes) {
    for (int64_t c = 0; c < channels; ++c) body(0.0f, c, int64_t{0});
    return;
  }
  for (int64_t c = 0; c < channels; c += kLanes) {
    const int64_t seen = c + kLanes > channels ? c + kLanes - channels : 0;
    body(Floats{}, c - seen, seen);
  }
}

// Stores all lanes but the first `seen`, for sums over such channels.
inline __attribute__((always_inline)) void store_unseen(float* to, Floats value, int64_t seen) {
  Ints lane;
  for (int i = 0; i < kLanes; ++i) lane[i] = i;
  store(to, lane >= static_cast<int32_t>(seen) ? value : load<Floats>(to));
}
inline __attribute__((always_inline)) void store_unseen(float* to, float value, int64_t) { *to = value; }

}  // namespace convolt::CONVOLT_ISA
