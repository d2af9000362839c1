// Products of bytes and int8 weights.
#include "loops/int8-depthwise.h"
#include "loops/int8-tile.h"
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {

int64_t int8_lanes() { return kLanes; }

int64_t int8_block() {
#if defined(__AVX512BW__)
  return kBlock;
#else
  return 0;
#endif
}

int64_t int8_panel() { return kPanelVectors * kLanes; }

bool int8_sums_pairs() { return kSumsPairs; }

void int8_rows(const Int8Rows& g) { rows_of_panel(g); }

void int8_depthwise(const Int8DepthwiseLine& g) { depthwise_line(g); }

}  // namespace convolt::CONVOLT_ISA
