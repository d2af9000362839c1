// Chooses the table of loops that this processor runs.
#include "base/cpu.h"
#include "loops/int8-vnni.h"
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

#ifdef CONVOLT_HAS_AVX512
namespace {

const Loops& vnni_loops() {
  static const Loops table = [] {
    Loops loops = avx512::kLoops;
    loops.int8_sums_pairs = avx512::int8_sums_pairs_vnni;
    loops.int8_rows = avx512::int8_rows_vnni;
    loops.int8_depthwise = avx512::int8_depthwise_vnni;
    return loops;
  }();
  return table;
}

}  // namespace
#endif

const Loops& loops_of(Isa isa) {
#ifdef CONVOLT_HAS_AVX512
  if (isa == Isa::kAvx512Vnni) return vnni_loops();
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
