// Are all numbers finite? A float is not when all bits of its exponent are set.
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {

bool all_finite(const float* x, int64_t n) {
  uint32_t found = 0;
  for (int64_t i = 0; i < n; ++i) {
    uint32_t bits;
    __builtin_memcpy(&bits, x + i, sizeof bits);
    found |= (bits & 0x7f800000u) == 0x7f800000u ? 1u : 0u;
  }
  return found == 0;
}

}  // namespace convolt::CONVOLT_ISA
