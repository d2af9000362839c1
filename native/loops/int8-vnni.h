// The loops that replace those of the ISA avx512 on processors with VNNI.
#pragma once

#include "loops/int8-rows.h"

namespace convolt::avx512 {

bool int8_sums_pairs_vnni();
void int8_rows_vnni(const Int8Rows& g);
void int8_depthwise_vnni(const Int8DepthwiseLine& g);

}  // namespace convolt::avx512
