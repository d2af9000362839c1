// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw (2011), and the draws made of its words.
#include "loops/loops.h"
#include "loops/math.h"

namespace convolt::CONVOLT_ISA {
namespace {

// The upper 24 bits as a number in [0, 1).
CONVOLT_INLINE float unit(uint32_t word) { return static_cast<float>(static_cast<int32_t>(word >> 8)) * 0x1p-24f; }

// sin and cos of 2 pi u, u in [0, 1): 4 u = q + r with |r| <= 1/2, so that the angle r pi / 2 needs no reduction.
CONVOLT_INLINE float sine_of_turns(float u, float* cosine) {
  int32_t q;
  const float r = 4.0f * u - nearest(4.0f * u, &q);
  const float t = r * 0x1.921fb6p0f;
  const float z = t * t;
  const float s = t + t * z * (-1.6666654611e-1f + z * (8.3321608736e-3f - z * 1.9515295891e-4f));
  const float c = 1.0f - 0.5f * z + z * z * (4.166664568e-2f - z * (1.388731625e-3f - z * 2.443315712e-5f));
  const float turned_c = q & 1 ? s : c;
  const float turned_s = q & 1 ? c : s;
  *cosine = (q + 1) & 2 ? -turned_c : turned_c;
  return q & 2 ? -turned_s : turned_s;
}

}  // namespace

// words[4 b ... 4 b + 3] = Philox of the key and the counter, whose lower 64 bits are counter + b. Ten rounds of
//   (c0, c1, c2, c3) = (high(M1 c2) ^ c1 ^ k0, low(M1 c2), high(M0 c0) ^ c3 ^ k1, low(M0 c0));  k += (W0, W1)
void philox(uint32_t* __restrict words, int64_t blocks, const uint32_t* counter, const uint32_t* key) {
  const uint64_t first = static_cast<uint64_t>(counter[1]) << 32 | counter[0];
  const uint32_t fixed2 = counter[2];
  const uint32_t fixed3 = counter[3];
  const uint32_t key0 = key[0];
  const uint32_t key1 = key[1];
  for (int64_t b = 0; b < blocks; ++b) {
    const uint64_t number = first + static_cast<uint64_t>(b);
    uint32_t c0 = static_cast<uint32_t>(number);
    uint32_t c1 = static_cast<uint32_t>(number >> 32);
    uint32_t c2 = fixed2;
    uint32_t c3 = fixed3;
    uint32_t k0 = key0;
    uint32_t k1 = key1;
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
      const uint64_t product0 = uint64_t{0xD2511F53u} * c0;
      const uint64_t product1 = uint64_t{0xCD9E8D57u} * c2;
      c0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ k0;
      c1 = static_cast<uint32_t>(product1);
      c2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ k1;
      c3 = static_cast<uint32_t>(product0);
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    words[4 * b] = c0;
    words[4 * b + 1] = c1;
    words[4 * b + 2] = c2;
    words[4 * b + 3] = c3;
  }
}

// y = (word >> 8) / 2^24
void uniform_of_words(float* __restrict y, const uint32_t* __restrict words, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = unit(words[i]);
}

// Box and Muller (1958), of each pair of words: r = sqrt(-2 log(u0 + 2^-24)), t = 2 pi u1; y = (r cos t, r sin t)
void normal_of_words(float* __restrict y, const uint32_t* __restrict words, int64_t pairs) {
  for (int64_t i = 0; i < pairs; ++i) {
    const float radius = __builtin_sqrtf(-2.0f * log(unit(words[2 * i]) + 0x1p-24f));
    float cosine;
    const float sine = sine_of_turns(unit(words[2 * i + 1]), &cosine);
    y[2 * i] = radius * cosine;
    y[2 * i + 1] = radius * sine;
  }
}

}  // namespace convolt::CONVOLT_ISA
