// A product on the calling thread by our own register tiles.
#pragma once

#include "gemm/sgemm.h"

namespace convolt {

// Floats of scratch memory that `block_product` packs op(B) into, block by block.
inline constexpr int64_t kBlockScratch = int64_t{64} << 10;

// C = op(A) * op(B), or C += with `accumulate`. A and B may not both be transposed.
void block_product(const Gemm& g, float* scratch);

}  // namespace convolt
