// Products of rows of bits, counted word by word.
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {

void count_differing_bits(int32_t* differ, const uint64_t* x, const uint64_t* w, int64_t filters, int64_t words) {
  for (int64_t k = 0; k < filters; ++k, w += words) {
    int64_t count = 0;
    for (int64_t i = 0; i < words; ++i) count += __builtin_popcountll(x[i] ^ w[i]);
    differ[k] = static_cast<int32_t>(count);
  }
}

}  // namespace convolt::CONVOLT_ISA
