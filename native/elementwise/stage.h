// Brings operands that blocks cannot use as they lie in memory into blocks of floats, and results back.
#pragma once

#include <span>

#include "base/tensor.h"
#include "elementwise/layout.h"
#include "loops/loops.h"

namespace convolt {

// y = the part of `source` from element `offset` on, expanded along the runs that stand still. `rows` is the number of
// rows of the block; no runs at all mean one element.
void stage(const Loops& loops, float* y, const Tensor& source, int64_t offset, std::span<const Run> runs, int64_t rows);

// Elements [offset, offset + n) of `target` = x.
void unstage(const Loops& loops, const Tensor& target, int64_t offset, const float* x, int64_t n);

}  // namespace convolt
