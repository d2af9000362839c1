// The adjoint of im2row: rows of a matrix added to the patches of an image from which im2row would take them.
#pragma once

#include "gemm/window.h"

namespace convolt {

// One channel-last image of which `channels` neighbouring channels are added to.
struct PatchedImage {
  float* data;  // the first of these channels of the first pixel
  int64_t channels;
  int64_t pixel;  // floats from one pixel to the next
};

// x[element(i, u), element(j, v), c] += rows[p, (u, v, c)] for the positions p = i * window.columns.positions + j of a
// range; padding takes nothing.
void row2im(const PatchedImage& x, const Window& window, Range positions, const float* rows);

}  // namespace convolt
