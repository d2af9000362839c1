// Chooses the table of loops that this processor runs.
#include "base/cpu.h"
#include "loops/loops.h"

namespace convolt {

namespace generic {
extern const Loops kLoops;
}
namespace avx2 {
extern const Loops kLoops;
}
namespace avx512 {
extern const Loops kLoops;
}

const Loops& loops_of(Isa isa) {
#ifdef CONVOLT_HAS_AVX512
  if (isa == Isa::kAvx512) return avx512::kLoops;
#endif
#ifdef CONVOLT_HAS_AVX2
  if (isa == Isa::kAvx2) return avx2::kLoops;
#endif
  (void)isa;
  return generic::kLoops;
}

const Loops& loops() {
  static const Loops& active = loops_of(active_isa());
  return active;
}

}  // namespace convolt
