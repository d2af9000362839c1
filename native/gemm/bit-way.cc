// Counting the bits of whole vectors is quickest where the processor can, table lookup comes next.
#include "gemm/bit-way.h"

#include "base/cpu.h"
#include "loops/loops.h"

namespace convolt {

const BitLoops& bit_way(int64_t words) {
  constexpr int64_t kMostBits = 65535;  // that the sums of lookups hold
  if (const BitLoops* way = loops().bit_popcount(); way && has_vector_popcount()) return *way;
  if (const BitLoops* way = loops().bit_lookup(); way && 64 * words <= kMostBits) return *way;
  return *loops().bit_words();
}

}  // namespace convolt
