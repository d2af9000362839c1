// Products of rows of bits with an instruction that counts the bits of eight words at once (AVX-512 VPOPCNTDQ): eight
// filters are the lanes of a vector, a word of a patch meets them all.
#include "loops/loops.h"

#if defined(__AVX512BW__)
#include <immintrin.h>

namespace convolt::CONVOLT_ISA {
namespace {

constexpr int kGroup = 8;
constexpr int kMostGroups = 4, kMostPatches = 4;  // whose sums are in registers
constexpr int64_t kDeep = 64;                     // words after which filters would leave the nearest cache

typedef int64_t Words __attribute__((vector_size(64)));
typedef int32_t Numbers __attribute__((vector_size(32), aligned(4), may_alias));

int64_t packed_words(int64_t words) { return kGroup * words; }

// packed[i, k] = word i of filter k
void pack(uint64_t* packed, const uint64_t* filters, int64_t words) {
  for (int64_t i = 0; i < words; ++i) {
    for (int64_t k = 0; k < kGroup; ++k) packed[i * kGroup + k] = filters[k * words + i];
  }
}

int64_t spread_words(int64_t, int64_t) { return 0; }
void spread(uint64_t*, const uint64_t*, int64_t, int64_t) {}

// Patches p, p + 1, ... times groups g, g + 1, ... over the words [begin, end); added to what is there from the second
// part on.
template <int kPatches, int kGroups>
void tile(const BitProduct& product, int64_t p, int64_t g, int64_t begin, int64_t end) {
  const uint64_t* patch = product.patches + p * product.words;
  const uint64_t* filters = product.filters + g * kGroup * product.words;
  __m512i sum[kPatches][kGroups];
#pragma GCC unroll 4
  for (int r = 0; r < kPatches; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kGroups; ++v) sum[r][v] = _mm512_setzero_si512();
  }
  for (int64_t i = begin; i < end; ++i) {
    __m512i filter[kGroups];
#pragma GCC unroll 4
    for (int v = 0; v < kGroups; ++v) filter[v] = _mm512_loadu_si512(filters + (v * product.words + i) * kGroup);
#pragma GCC unroll 4
    for (int r = 0; r < kPatches; ++r) {
      const __m512i word = _mm512_set1_epi64(static_cast<int64_t>(patch[r * product.words + i]));
#pragma GCC unroll 4
      for (int v = 0; v < kGroups; ++v) {
        sum[r][v] = _mm512_add_epi64(sum[r][v], _mm512_popcnt_epi64(_mm512_xor_si512(filter[v], word)));
      }
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < kPatches; ++r) {
    int32_t* to = product.differ + (p + r) * product.differ_row + g * kGroup;
#pragma GCC unroll 4
    for (int v = 0; v < kGroups; ++v) {
      Numbers* place = reinterpret_cast<Numbers*>(to + v * kGroup);  // NOLINT: auto would lose the alignment
      const Numbers total = __builtin_convertvector((Words)sum[r][v], Numbers);
      *place = begin > 0 ? *place + total : total;
    }
  }
}

template <int kGroups>
void strip(const BitProduct& product, int64_t g) {
  const int64_t parts = (product.words + kDeep - 1) / kDeep;
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t begin = product.words * part / parts, end = product.words * (part + 1) / parts;
    int64_t p = 0;
    for (; p + kMostPatches <= product.count; p += kMostPatches) tile<kMostPatches, kGroups>(product, p, g, begin, end);
    for (; p < product.count; ++p) tile<1, kGroups>(product, p, g, begin, end);
  }
}

void multiply(const BitProduct& product) {
  int64_t g = 0;
  for (; g + kMostGroups <= product.groups; g += kMostGroups) strip<kMostGroups>(product, g);
  for (; g + 2 <= product.groups; g += 2) strip<2>(product, g);
  if (g < product.groups) strip<1>(product, g);
}

}  // namespace

const BitLoops* bit_popcount() {
  static constexpr BitLoops kLoops = {kGroup, packed_words, pack, spread_words, spread, multiply};
  return &kLoops;
}

}  // namespace convolt::CONVOLT_ISA

#else

namespace convolt::CONVOLT_ISA {
const BitLoops* bit_popcount() { return nullptr; }
}  // namespace convolt::CONVOLT_ISA

#endif
