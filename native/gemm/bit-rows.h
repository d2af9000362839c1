// Patches of images of bits as rows of whole words of 64 bits.
#pragma once

#include "gemm/binary-product.h"

namespace convolt {

// Words of the row of a patch or filter: its taps one behind the other, zeros at the end.
int64_t bit_row_words(const BinaryProduct& product);

// rows [positions.size(), bit_row_words()]: the patches at these positions, counted over all images.
void gather_patches(const BinaryProduct& product, Range positions, uint64_t* rows);
// rows [filters, bit_row_words()], and the bits set in each tap: ones [taps, filters].
void gather_filters(const BinaryProduct& product, uint64_t* rows, int32_t* ones);

}  // namespace convolt
