// Folds blocks of a pass down to the elements that a reduction keeps.
#pragma once

#include <span>

#include "elementwise/layout.h"
#include "elementwise/opcodes.h"

namespace convolt {

// Folds the runs of a block that stand still away. The result lies in one of the two scratch blocks, or is `x` itself
// where there is nothing to fold; it has `*kept` elements.
const float* fold_block(const Fold& fold, OpcodeLoop join, const float* x, std::span<const Run> runs, int64_t rows,
                        float* const scratch[2], int64_t* kept);

}  // namespace convolt
