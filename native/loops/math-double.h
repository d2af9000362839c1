// Elementary functions whose argument needs more bits than a float has: computed in double, rounded once at the end.
#pragma once

#include "loops/math.h"

namespace convolt::CONVOLT_ISA {

// The whole number next to x, |x| < 2^51.
CONVOLT_INLINE double nearest(double x) { return (x + 0x1.8p52) - 0x1.8p52; }
// 2^n for n in [-1022, 1023], n given as a whole double.
CONVOLT_INLINE double power_of_two(double n) {
  const int64_t whole = __builtin_bit_cast(int64_t, n + 0x1.8p52) - __builtin_bit_cast(int64_t, 0x1.8p52);
  return __builtin_bit_cast(double, (whole + 1023) << 52);
}

// sin(r + quarter * pi/2), |r| <= pi/4.
CONVOLT_INLINE float sin_of_parts(float r, int32_t quarter) {
  const float z = r * r;
  float s = 0x1.6cd878p-19f;
  s = s * z - 0x1.a00f9ep-13f;
  s = s * z + 0x1.11110ep-7f;
  s = s * z - 0x1.555556p-3f;
  float c = 0x1.98e616p-16f;
  c = c * z - 0x1.6c06dcp-10f;
  c = c * z + 0x1.55553cp-5f;
  c = c * z - 0.5f;
  const float y = quarter & 1 ? c * z + 1.0f : s * z * r + r;
  return quarter & 2 ? -y : y;
}

// x = n pi/2 + r, with pi/2 in two doubles of which the first has few bits. A second pass keeps r small where |x| is
// too large for the first to be exact.
CONVOLT_INLINE float sin_shifted(float x, int32_t shift) {
  const double wide = x;
  const double n = nearest(wide * 0x1.45f306dc9c883p-1);
  double r = (wide - n * 0x1.921fb5p0) - n * 0x1.110b4611a6263p-26;
  r -= nearest(r * 0x1.45f306dc9c883p-1) * 0x1.921fb54442d18p0;
  const double turns = n - 4.0 * nearest(n * 0.25);
  const float reduced = static_cast<float>(r);
  const float y = sin_of_parts(limited(reduced, -0.8f, 0.8f), static_cast<int32_t>(turns) + shift);
  return __builtin_fabsf(x) <= kLargestFloat ? y : kNaN;
}

CONVOLT_INLINE float sin(float x) { return sin_shifted(x, 0); }
CONVOLT_INLINE float cos(float x) { return sin_shifted(x, 1); }

// log2(x) of a positive finite number: x = 2^k m, s = (m - 1) / (m + 1), log m = 2 (s + s^3/3 + s^5/5 + ...).
CONVOLT_INLINE double log2_wide(float x) {
  const bool tiny = x < kSmallestNormal;
  int32_t k;
  const double f = fraction_of(tiny ? x * 0x1p23f : x, &k);
  const double s = f / (f + 2.0);
  const double z = s * s;
  double p = 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  return (s + s * z * p) * (2 * 1.44269504088896340736) + (tiny ? k - 23 : k);
}

// 2^t, by the series of e^(f ln2) for |f| <= 1/2.
CONVOLT_INLINE double exp2_wide(double t) {
  const double above = t < -200.0 ? -200.0 : t;
  const double kept = above > 200.0 ? 200.0 : above;
  const double n = nearest(kept);
  const double f = (kept - n) * 0.69314718055994530942;
  double p = 1.0 / 362880;
  p = p * f + 1.0 / 40320;
  p = p * f + 1.0 / 5040;
  p = p * f + 1.0 / 720;
  p = p * f + 1.0 / 120;
  p = p * f + 1.0 / 24;
  p = p * f + 1.0 / 6;
  p = p * f + 0.5;
  p = p * f + 1.0;
  p = p * f + 1.0;
  return p * power_of_two(n);
}

// |x|^y = 2^(y log2 |x|); below 0 only whole powers exist, and odd ones keep the sign.
CONVOLT_INLINE float pow(float x, float y) {
  const float magnitude = __builtin_fabsf(x);
  const bool ordinary = (magnitude > 0.0f) & (magnitude <= kLargestFloat);
  const double finite = exp2_wide(y * log2_wide(ordinary ? magnitude : 1.0f));
  const float grown = y > 0.0f ? magnitude : 1.0f / magnitude;  // of 0 and infinity
  const float positive = ordinary ? static_cast<float>(finite) : x != x ? x : y != y ? y : grown;
  const bool whole = __builtin_floorf(y) == y;
  const bool odd = whole & (__builtin_floorf(0.5f * y) != 0.5f * y);
  const bool negative = bits_of(x) < 0;
  const float signed_power = negative & odd ? -positive : positive;
  const bool imaginary = (x < 0.0f) & (magnitude <= kLargestFloat) & !whole;
  const float power = imaginary ? kNaN : signed_power;
  const bool minus_one = (x == -1.0f) & (__builtin_fabsf(y) == kInfinity);
  return (y == 0.0f) | (x == 1.0f) | minus_one ? 1.0f : power;
}

// x - y floor(x / y).
CONVOLT_INLINE float mod(float x, float y) {
  const double quotient = __builtin_floor(static_cast<double>(x) / static_cast<double>(y));
  return quotient == 0.0 ? x : static_cast<float>(x - quotient * y);
}

}  // namespace convolt::CONVOLT_ISA
