// A number that a loop uses again and again: what depends on it alone is computed once, before the loop.
#pragma once

#include "loops/math.h"

namespace convolt::CONVOLT_ISA {

struct Scalar {
  CONVOLT_INLINE Scalar of(float value) {
    const float magnitude = __builtin_fabsf(value);
    const float scale = magnitude < 0x1p-64f ? 0x1p64f : magnitude > 0x1p64f ? 0x1p-64f : 1.0f;
    return {value, scale, scale * value, 1.0f / (scale * value)};
  }
  __attribute__((always_inline)) operator float() const { return value; }

  float value;
  float scale;    // a power of two: neither `scaled` nor its inverse leaves the normal numbers
  float scaled;   // scale value
  float inverse;  // 1 / scaled
};

CONVOLT_INLINE float divided(float x, float y) { return x / y; }

// x / y without a division: the quotient by the inverse, and its remainder, which a fused multiply-add gives exactly.
CONVOLT_INLINE float divided(float x, const Scalar& y) {
#ifdef __FMA__
  const float dividend = x * y.scale;
  const float q = dividend * y.inverse;
  const float remainder = __builtin_fmaf(-q, y.scaled, dividend);
  const float lost = __builtin_fabsf(remainder);  // NaN or infinite where the quotient is not a number to be corrected
  return (lost > 0.0f) & (lost <= kLargestFloat) ? __builtin_fmaf(remainder, y.inverse, q) : q;
#else
  return x / y.value;
#endif
}

}  // namespace convolt::CONVOLT_ISA
