// Elementary functions of one float, branch-free so that loops over them become vector code. Within 2 units in the last
// place of the true value (erf, sin, cos: 3; sin and cos for |x| <= 1e8), with the limits and NaN that IEEE libraries
// give.
#pragma once

#include <cstdint>

#define CONVOLT_INLINE static inline __attribute__((always_inline))

namespace convolt::CONVOLT_ISA {

constexpr float kInfinity = __builtin_inff();
constexpr float kNaN = __builtin_nanf("");
constexpr float kLargestFloat = 0x1.fffffep127f;
constexpr float kSmallestNormal = 0x1p-126f;
constexpr float kLn2High = 0x1.62e4p-1f;  // few bits, so that n * kLn2High is exact
constexpr float kLn2Low = 0x1.7f7d1cp-20f;

CONVOLT_INLINE int32_t bits_of(float x) { return __builtin_bit_cast(int32_t, x); }
CONVOLT_INLINE float float_of(int32_t bits) { return __builtin_bit_cast(float, bits); }
// 2^n for n in [-126, 127].
CONVOLT_INLINE float power_of_two(int32_t n) { return float_of((n + 127) << 23); }
// The whole number next to x, as float and as int, |x| < 2^22: adding 1.5 * 2^23 pushes the fraction out.
CONVOLT_INLINE float nearest(float x, int32_t* n) {
  const float pushed = x + 0x1.8p23f;
  *n = bits_of(pushed) - bits_of(0x1.8p23f);
  return pushed - 0x1.8p23f;
}
CONVOLT_INLINE float limited(float x, float low, float high) {  // keeps NaN
  const float above = x < low ? low : x;
  return above > high ? high : above;
}
CONVOLT_INLINE float with_sign_of(float magnitude, float x) { return __builtin_copysignf(magnitude, x); }

// x = n ln2 + r, |r| <= ln2 / 2.
CONVOLT_INLINE float reduced_by_ln2(float x, int32_t* n) {
  const float whole = nearest(x * 0x1.715476p0f, n);
  return (x - whole * kLn2High) - whole * kLn2Low;
}

// (e^r - 1 - r) / r^2 for |r| <= ln2 / 2.
CONVOLT_INLINE float exp_tail(float r) {
  float p = 0x1.a0d2cep-13f;
  p = p * r + 0x1.6e879cp-10f;
  p = p * r + 0x1.1110e6p-7f;
  p = p * r + 0x1.5554dcp-5f;
  p = p * r + 0x1.555556p-3f;
  return p * r + 0.5f;
}

// e^x = 2^n e^r; 2^n in two factors, so that results below the normal numbers are right too.
CONVOLT_INLINE float exp(float x) {
  int32_t n;
  const float r = reduced_by_ln2(limited(x, -104.0f, 89.0f), &n);
  const float y = 1.0f + (r + r * r * exp_tail(r));
  const int32_t half = n >> 1;
  return y * power_of_two(half) * power_of_two(n - half);
}

// e^x - 1 = 2 (2^(n-1) (e^r - 1) + (2^(n-1) - 1/2)).
CONVOLT_INLINE float expm1(float x) {
  int32_t n;
  const float r = reduced_by_ln2(limited(x, -20.0f, 89.0f), &n);
  const float p = r + r * r * exp_tail(r);
  const float scale = power_of_two(n - 1);
  const float y = 2.0f * (p * scale + (scale - 0.5f));
  return __builtin_fabsf(x) < 1e-7f ? x : y;
}

// log((1 + f) + c) + k ln2 for f in [sqrt(1/2) - 1, sqrt(2) - 1] and a small c: s = f / (2 + f),
// log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)).
CONVOLT_INLINE float log_of_parts(float f, float k, float c) {
  const float s = f / (2.0f + f);
  const float z = s * s;
  const float w = z * z;
  const float r = z * (0x1.555554p-1f + w * 0x1.23d3dcp-2f) + w * (0x1.999c26p-2f + w * 0x1.f13c4cp-3f);
  const float half = 0.5f * f * f;
  return s * (half + r) + (k * 0x1.2fefa2p-17f + c) - half + f + k * 0x1.62e3p-1f;
}

// The split of a positive normal number: u = 2^k (1 + f).
CONVOLT_INLINE float fraction_of(float u, int32_t* k) {
  const auto shifted = static_cast<int32_t>(static_cast<uint32_t>(bits_of(u)) + (0x3f800000u - 0x3f3504f3u));
  *k = (shifted >> 23) - 127;
  return float_of((shifted & 0x7fffff) + 0x3f3504f3) - 1.0f;
}

CONVOLT_INLINE float log_limits(float y, float x) {  // of log(x), where y is right for finite x > 0
  const float high = x < kInfinity ? y : x;
  return x > 0.0f ? high : x == 0.0f ? -kInfinity : kNaN;
}

CONVOLT_INLINE float log(float x) {
  const bool tiny = x < kSmallestNormal;
  int32_t k;
  const float f = fraction_of(tiny ? x * 0x1p23f : x, &k);
  return log_limits(log_of_parts(f, static_cast<float>(tiny ? k - 23 : k), 0.0f), x);
}

// log(1 + x) = log(u) + (1 + x - u) / u with u = 1 + x rounded.
CONVOLT_INLINE float log1p(float x) {
  const float u = 1.0f + x;
  int32_t k;
  const float f = fraction_of(u, &k);
  const float lost = x > 1.0f ? 1.0f - (u - x) : x - (u - 1.0f);
  const float y = log_of_parts(k == 0 ? x : f, static_cast<float>(k), k == 0 ? 0.0f : lost / u);
  return __builtin_fabsf(x) < 1e-7f ? x : log_limits(y, u);
}

// x = n ln2 + r as above, where the last bits of `shifted` give 2^(n + kBias) when they are moved to the exponent.
template <int kBias>
CONVOLT_INLINE float reduced_with_power(float x, float* power) {
  constexpr float kPush = 0x1.8p23f + 127 + kBias;
  const float pushed = x * 0x1.715476p0f + kPush;
  const float whole = pushed - kPush;
  *power = float_of(static_cast<int32_t>(static_cast<uint32_t>(bits_of(pushed)) << 23));
  return (x - whole * kLn2High) - whole * kLn2Low;
}

// e^x for x <= 0 in fewer steps: 2^(n + 64) e^r 2^-64.
CONVOLT_INLINE float exp_of_negative(float x) {
  float power;
  const float r = reduced_with_power<64>(x < -104.0f ? -104.0f : x, &power);
  return (1.0f + (r + r * r * exp_tail(r))) * power * 0x1p-64f;
}

// q = t / (t + 2) with t = e^(2|x|) - 1 = 2^n (e^r - 1) + (2^n - 1); near 0, where rounding t + 2 weighs most,
// t / 2 (1 - q), which is the same.
CONVOLT_INLINE float tanh(float x) {
  const float magnitude = __builtin_fabsf(x);
  float power;
  const float r = reduced_with_power<0>(2.0f * (magnitude > 10.0f ? 10.0f : magnitude), &power);
  const float t = (r + r * r * exp_tail(r)) * power + (power - 1.0f);
  const float q = t / (t + 2.0f), half = 0.5f * t;
  return with_sign_of(magnitude < 0.35f ? half - half * q : q, x);
}

// 1 - q, or e (1 - q) where x < 0, with e = e^-|x| and q = e / (1 + e).
CONVOLT_INLINE float sigmoid(float x) {
  const float e = exp_of_negative(-__builtin_fabsf(x));
  const float q = e / (1.0f + e), scale = x < 0.0f ? e : 1.0f;
  return scale - scale * q;
}

// Near 0 a polynomial; else 1 - e^p(|x|). Coefficients after N. Juffa's erff.
CONVOLT_INLINE float erf(float x) {
  const float t = limited(__builtin_fabsf(x), 0.0f, 4.0f);
  const float s = t * t;
  float far = -0x1.22p-16f * t + 0x1.91cfb2p-12f;
  far = far * s + (-0x1.fd1438p-9f * t + 0x1.8d6342p-6f);
  far = far * t - 0x1.b55cb8p-4f;
  far = far * t - 0x1.450aa0p-1f;
  far = far * t - 0x1.079d0cp-3f;
  far = 1.0f - exp(far * t - t);
  float near = -0x1.38ep-11f;
  near = near * s + 0x1.471a58p-8f;
  near = near * s - 0x1.b691b2p-6f;
  near = near * s + 0x1.ce1c44p-4f;
  near = near * s - 0x1.812700p-2f;
  near = near * s + 0x1.06eba8p-3f;
  return t > 0.927734375f ? with_sign_of(far, x) : near * x + x;
}

}  // namespace convolt::CONVOLT_ISA
