// What products of bits take from a kernel's operands: bits, weights and, as the result asks, two vectors of filters.
#pragma once

#include "gemm/binary-product.h"
#include "kernels/kernel.h"

namespace convolt {

// Checks the vectors and the output of `filters` filters: x and w are inputs 0 and 1. `bits` is the last axis of these.
Status expect_binary(const char* op, const Operands& operands, BinaryResult result, int64_t channels, int64_t filters);

BinaryOutput binary_output(const Operands& operands, BinaryResult result);

BinaryResult read_binary_result(AttributeReader& read);

}  // namespace convolt
