// Vectors of this ISA's width, written with the compiler's vector extension, and loops over channels in such vectors.
#pragma once

#include <cstdint>

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

template <typename V, typename T>
inline __attribute__((always_inline)) V load(const T* from) {
  V value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

template <typename V, typename T>
inline __attribute__((always_inline)) void store(T* to, V value) {
  __builtin_memcpy(to, &value, sizeof value);
}

// Calls body(F{}, c) for every whole vector of channels, then for every single channel that is left.
template <typename Body>
inline __attribute__((always_inline)) void for_channels(int64_t channels, const Body& body) {
  int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) body(Floats{}, c);
  for (; c < channels; ++c) body(0.0f, c);
}

}  // namespace convolt::CONVOLT_ISA
