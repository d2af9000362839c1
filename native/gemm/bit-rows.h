// Patches and filters of images of bits as rows of whole words of 64 bits.
#pragma once

#include "gemm/binary-product.h"

namespace convolt {

// Words of the row of a patch or filter: its taps one behind the other, zeros at the end.
int64_t bit_row_words(const BinaryProduct& product);

// rows [positions.size(), bit_row_words()]: the patches at these positions, counted over all images.
void gather_patches(const BinaryProduct& product, Range positions, uint64_t* rows);
// rows [filters.size(), bit_row_words()]; there are zeros for filters behind the last one.
void gather_filters(const BinaryProduct& product, Range filters, uint64_t* rows);
// Bits that are set in one tap of the row of a filter.
int32_t ones_of_tap(const BinaryProduct& product, const uint64_t* filter, int64_t tap);

}  // namespace convolt
