// Groups that are so simple that a product can do them in registers.
#pragma once

#include <optional>

#include "elementwise/bytecode.h"

namespace convolt {

// y = clip(x [+ residual] + bias) by the positions of its inputs; residual -1 stands for none.
struct ClipPattern {
  int residual = -1, bias = -1;
  float low, high;
};

// The pattern of a checked group that does nothing else to `x`, a matrix in whose place it writes y.
std::optional<ClipPattern> clip_of(const Bytecode& code, const Operands& operands, const Tensor& x);

}  // namespace convolt
