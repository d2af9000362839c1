// Products of rows of bits by table lookup, for processors that count no bits in vectors but look up 16 bytes at once.
// Four bits of two patches choose a table whose entry for four bits of a filter holds both counts of differing bits,
// one in either half of a byte: a shuffle and an addition count 8 bits in each byte. With v the sum of three entries
// (at most 12 in a half), low and high the sums over all v:
//   raw = sum of v = low + 16 high, shifted = sum of (v as 16-bit numbers >> 4),
// of which the odd bytes are sums of high halves alone, and an even byte has 16 times the low half of the odd byte next
// to it on top of its own high sum. All of it holds modulo 256, so sums below 256 come out exact without any mask.
#include "loops/loops.h"

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace convolt::CONVOLT_ISA {

#if defined(__AVX2__) || defined(__aarch64__)
namespace {

#if defined(__AVX2__)
constexpr int kBytes = 32;
#else
constexpr int kBytes = 16;
#endif
typedef uint8_t Bytes __attribute__((vector_size(kBytes)));
typedef uint16_t Shorts __attribute__((vector_size(kBytes)));

constexpr int kHalf = kBytes / 2;
constexpr int kMostGroups = 4;
constexpr int kMostPairs = 32;      // of patches whose sums are kept
constexpr int64_t kMostSteps = 63;  // of at most 4 differing bits, so that sums stay below 256
constexpr int64_t kSteps = 16;      // of four bits in a word

struct Tables {
  alignas(64) uint8_t entries[256][16];
};

constexpr Tables make_tables() {
  Tables tables{};
  for (int pair = 0; pair < 256; ++pair) {
    for (int bits = 0; bits < 16; ++bits) {
      const int low = __builtin_popcount((pair & 15) ^ bits), high = __builtin_popcount((pair >> 4) ^ bits);
      tables.entries[pair][bits] = static_cast<uint8_t>(low + 16 * high);
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

inline __attribute__((always_inline)) Bytes table_at(uint16_t offset) {
  const uint8_t* entries = kTables.entries[0] + offset;
#if defined(__AVX2__)
  return (Bytes)_mm256_broadcastsi128_si256(*reinterpret_cast<const __m128i*>(entries));
#else
  return vld1q_u8(entries);
#endif
}

inline __attribute__((always_inline)) Bytes look_up(Bytes table, const uint8_t* index) {
#if defined(__AVX2__)
  return (Bytes)_mm256_shuffle_epi8((__m256i)table, *reinterpret_cast<const __m256i*>(index));
#else
  return vqtbl1q_u8(table, vld1q_u8(index));
#endif
}

// Steps in threes; those behind the last bit find zeros in both operands.
int64_t steps_of(int64_t words) { return (kSteps * words + 2) / 3 * 3; }

int64_t packed_words(int64_t words) { return steps_of(words) * kBytes / 8; }

// packed[s, 2 k] and packed[s, 2 k + 1] = bits 4 s ... 4 s + 3 of filters k and kHalf + k, each in a byte: even and odd
// bytes come apart as filters in order.
void pack(uint64_t* packed, const uint64_t* filters, int64_t words) {
  auto* to = reinterpret_cast<uint8_t*>(packed);
  const int64_t steps = steps_of(words);
  for (int64_t s = 0; s < steps; ++s) {
    for (int64_t k = 0; k < kBytes; ++k, ++to) {
      const int64_t filter = k / 2 + k % 2 * kHalf;
      *to = s < kSteps * words ? filters[filter * words + s / kSteps] >> (s % kSteps * 4) & 15 : 0;
    }
  }
}

int64_t row_of(int64_t words) { return (steps_of(words) + 3) / 4 * 4; }

int64_t spread_words(int64_t count, int64_t words) { return (count + 1) / 2 * row_of(words) / 4; }

// to[s] = where the table is of bits 4 s ... 4 s + 3 of both words.
inline void find_tables(uint16_t* to, uint64_t first, uint64_t second) {
  constexpr uint64_t kLow = 0x0f0f0f0f0f0f0f0f;
  const uint64_t low = (first & kLow) | (second & kLow) << 4, high = (first >> 4 & kLow) | (second & ~kLow);
#if defined(__AVX2__)
  const __m128i pairs = _mm_unpacklo_epi8(_mm_cvtsi64_si128(static_cast<int64_t>(low)),
                                          _mm_cvtsi64_si128(static_cast<int64_t>(high)));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_slli_epi16(_mm256_cvtepu8_epi16(pairs), 4));
#else
  const uint8x8_t lows = vcreate_u8(low), highs = vcreate_u8(high);
  vst1q_u16(to, vshll_n_u8(vzip1_u8(lows, highs), 4));
  vst1q_u16(to + 8, vshll_n_u8(vzip2_u8(lows, highs), 4));
#endif
}

void spread(uint64_t* spread, const uint64_t* patches, int64_t count, int64_t words) {
  auto* to = reinterpret_cast<uint16_t*>(spread);
  const int64_t row = row_of(words);
  for (int64_t p = 0; p < count; p += 2, to += row) {
    const uint64_t* first = patches + p * words;
    const uint64_t* second = p + 1 < count ? first + words : first;
    for (int64_t i = 0; i < words; ++i) find_tables(to + kSteps * i, first[i], second[i]);
    for (int64_t s = kSteps * words; s < row; ++s) to[s] = 0;
  }
}

// Sums of a pair of patches for kGroups groups, as 16-bit numbers.
struct alignas(64) PairSums {
  uint16_t of[2][kMostGroups * kBytes];
};

inline __attribute__((always_inline)) void put(uint16_t* to, Shorts value, bool add) {
  auto* place = reinterpret_cast<Shorts*>(to);
  *place = add ? *place + value : value;
}

// Steps [begin, end) of kPairs pairs, whose rows of table places are `row` apart; filters of one group are `group`
// bytes from those of the next.
template <int kPairs, int kGroups>
inline __attribute__((always_inline)) void tile(PairSums* sums, const uint16_t* places, int64_t row,
                                                const uint8_t* filters, int64_t group, int64_t begin, int64_t end) {
  Bytes raw[kPairs][kGroups], shifted[kPairs][kGroups];
#pragma GCC unroll 4
  for (int t = 0; t < kPairs; ++t) {
#pragma GCC unroll 4
    for (int l = 0; l < kGroups; ++l) raw[t][l] = shifted[t][l] = Bytes{};
  }
  for (int64_t s = begin; s < end; s += 3) {
    Bytes table[kPairs][3];
#pragma GCC unroll 4
    for (int t = 0; t < kPairs; ++t) {
#pragma GCC unroll 3
      for (int u = 0; u < 3; ++u) table[t][u] = table_at(places[t * row + s + u]);
    }
#pragma GCC unroll 4
    for (int l = 0; l < kGroups; ++l) {
      const uint8_t* index = filters + l * group + s * kBytes;
#pragma GCC unroll 4
      for (int t = 0; t < kPairs; ++t) {
        Bytes v = look_up(table[t][0], index);
        v += look_up(table[t][1], index + kBytes);
        v += look_up(table[t][2], index + 2 * kBytes);
        raw[t][l] += v;
        shifted[t][l] += (Bytes)((Shorts)v >> 4);
#if defined(__x86_64__)
        asm("" : "+x"(raw[t][l]), "+x"(shifted[t][l]));  // or sums are gathered in another order, out of registers
#endif
      }
    }
  }
#pragma GCC unroll 4
  for (int t = 0; t < kPairs; ++t) {
#pragma GCC unroll 4
    for (int l = 0; l < kGroups; ++l) {
      const Shorts r = (Shorts)raw[t][l], x = (Shorts)shifted[t][l], byte = Shorts{} + 255;
      const Shorts high_odd = x >> 8, low_odd = ((r >> 8) - (high_odd << 4)) & byte;
      const Shorts high_even = (x - (low_odd << 4)) & byte, low_even = (r - (high_even << 4)) & byte;
      put(sums[t].of[0] + l * kBytes, low_even, begin > 0);
      put(sums[t].of[0] + l * kBytes + kHalf, low_odd, begin > 0);
      put(sums[t].of[1] + l * kBytes, high_even, begin > 0);
      put(sums[t].of[1] + l * kBytes + kHalf, high_odd, begin > 0);
    }
  }
}

// Up to 2 kMostPairs patches from p on, times kGroups groups from g on.
template <int kPairs, int kGroups>
void strip(const BitProduct& product, int64_t p, int64_t g) {
  PairSums sums[kMostPairs];
  const int64_t steps = steps_of(product.words), row = row_of(product.words), group = steps * kBytes;
  const int64_t count = product.count - p < 2 * kMostPairs ? product.count - p : 2 * kMostPairs;
  const int64_t pairs = (count + 1) / 2, threes = steps / 3;
  const int64_t parts = (steps + kMostSteps - 1) / kMostSteps;
  const auto* places = reinterpret_cast<const uint16_t*>(product.patches) + p / 2 * row;
  const auto* filters = reinterpret_cast<const uint8_t*>(product.filters) + g * group;
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t begin = threes * part / parts * 3, end = threes * (part + 1) / parts * 3;
    int64_t t = 0;
    for (; t + kPairs <= pairs; t += kPairs) {
      tile<kPairs, kGroups>(sums + t, places + t * row, row, filters, group, begin, end);
    }
    for (; t < pairs; ++t) tile<1, kGroups>(sums + t, places + t * row, row, filters, group, begin, end);
  }
  for (int64_t r = 0; r < count; ++r) {
    const uint16_t* from = sums[r / 2].of[r % 2];
    int32_t* to = product.differ + (p + r) * product.differ_row + g * kBytes;
    for (int64_t k = 0; k < kGroups * kBytes; ++k) to[k] = from[k];
  }
}

void multiply(const BitProduct& product) {
  for (int64_t p = 0; p < product.count; p += 2 * kMostPairs) {
    int64_t g = 0;
    for (; g + kMostGroups <= product.groups; g += kMostGroups) strip<1, kMostGroups>(product, p, g);
    for (; g + 2 <= product.groups; g += 2) strip<2, 2>(product, p, g);
    if (g < product.groups) strip<2, 1>(product, p, g);
  }
}

}  // namespace

const BitLoops* bit_lookup() {
  static constexpr BitLoops kLoops = {kBytes, packed_words, pack, spread_words, spread, multiply};
  return &kLoops;
}

#else

const BitLoops* bit_lookup() { return nullptr; }

#endif

}  // namespace convolt::CONVOLT_ISA
