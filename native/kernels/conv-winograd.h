// Which convolutions and gradients are computed by Winograd's algorithms, and their operands.
#pragma once

#include "gemm/winograd.h"
#include "kernels/conv-shape.h"
#include "kernels/product-operands.h"

namespace convolt {

// True where the algorithm applies and is wanted, or is the quicker one if the choice is ours. `prepared`: the weights
// will have been transformed once for all runs.
bool takes_winograd(const ConvShape& shape, bool prepared);
bool takes_winograd_adjoint(const ConvShape& shape);
bool takes_winograd_weights(const ConvShape& shape);

// The operands of conv2d, conv2dGradInput and conv2dGradWeights.
Winograd winograd_of(const ConvShape& shape, const Operands& operands);
Winograd winograd_adjoint_of(const ConvShape& shape, const Operands& operands);
WinogradWeights winograd_weights_of(const ConvShape& shape, const Operands& operands);

}  // namespace convolt
