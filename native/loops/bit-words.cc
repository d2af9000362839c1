// Products of rows of bits word by word: what every other way must equal.
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {
namespace {

constexpr int kGroup = 8;

int64_t packed_words(int64_t words) { return kGroup * words; }

// packed[i, k] = word i of filter k
void pack(uint64_t* packed, const uint64_t* filters, int64_t words) {
  for (int64_t i = 0; i < words; ++i) {
    for (int64_t k = 0; k < kGroup; ++k) packed[i * kGroup + k] = filters[k * words + i];
  }
}

int64_t spread_words(int64_t, int64_t) { return 0; }
void spread(uint64_t*, const uint64_t*, int64_t, int64_t) {}

void multiply(const BitProduct& product) {
  const int64_t words = product.words;
  for (int64_t g = 0; g < product.groups; ++g) {
    const uint64_t* filters = product.filters + g * packed_words(words);
    for (int64_t p = 0; p < product.count; ++p) {
      const uint64_t* patch = product.patches + p * words;
      int64_t differ[kGroup] = {};
      for (int64_t i = 0; i < words; ++i) {
        for (int k = 0; k < kGroup; ++k) differ[k] += __builtin_popcountll(patch[i] ^ filters[i * kGroup + k]);
      }
      int32_t* to = product.differ + p * product.differ_row + g * kGroup;
      for (int k = 0; k < kGroup; ++k) to[k] = static_cast<int32_t>(differ[k]);
    }
  }
}

}  // namespace

const BitLoops* bit_words() {
  static constexpr BitLoops kLoops = {kGroup, packed_words, pack, spread_words, spread, multiply};
  return &kLoops;
}

}  // namespace convolt::CONVOLT_ISA
