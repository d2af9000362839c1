// Patches of images as rows of a matrix, so that convolution becomes a product.
#pragma once

#include <cstdint>

#include "gemm/window.h"

namespace convolt {

// Channel-last images in a row, of which `channels` neighbouring channels are looked at.
struct Images {
  const float* data;  // the first looked-at channel of the first pixel
  int64_t channels;
  int64_t pixel;  // floats from one pixel to the next
};

// rows[p, (u, v, c)] = x[image, element(i, u), element(j, v), c], or 0 in the padding, for the positions
// p = (image * window.rows.positions + i) * window.columns.positions + j of a range.
void im2row(const Images& x, const Window& window, Range positions, float* rows);

}  // namespace convolt
