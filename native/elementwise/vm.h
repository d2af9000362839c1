// The block interpreter: runs the passes of a fused group over memory, block by block, all registers in the first-level
// cache.
#pragma once

#include "elementwise/pass.h"

namespace convolt {

// Scratch bytes that `run_pass` needs with `threads` threads.
int64_t pass_workspace(const Pass& pass, int threads);

// Runs one pass; `operands` are those that it was bound to, except for where they lie.
void run_pass(const Pass& pass, const Operands& operands);

}  // namespace convolt
