// Which of the ways to multiply rows of bits suits a processor and a product.
#pragma once

#include "loops/bit-product.h"

namespace convolt {

// Rows of `words` words.
const BitLoops& bit_way(int64_t words);

}  // namespace convolt
