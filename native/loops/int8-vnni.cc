// Products of bytes and int8 weights on processors of the ISA avx512 that sum four products in one instruction.
#if defined(__AVX512BW__)
#include "loops/int8-vnni.h"
#include "loops/int8-depthwise.h"
#include "loops/int8-tile.h"

namespace convolt::CONVOLT_ISA {

bool int8_sums_pairs_vnni() { return kSumsPairs; }

void int8_rows_vnni(const Int8Rows& g) { rows_of_panel(g); }

void int8_depthwise_vnni(const Int8DepthwiseLine& g) { depthwise_line(g); }

}  // namespace convolt::CONVOLT_ISA
#endif
