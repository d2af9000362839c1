// The sizes of a window that slides over images [N, H, W, C].
#pragma once

#include "gemm/window.h"
#include "kernels/kernel.h"

namespace convolt {

// One axis of the image: `input` elements give `output` positions of a window of `taps`.
struct SlidingAxis {
  int64_t input = 0, output = 0, taps = 0;
  int64_t stride = 1, dilation = 1;
  int64_t before = 0, after = 0;  // padding

  // Positions at which the window lies inside the padded input.
  int64_t whole_positions() const { return floor_div(input + before + after - dilation * (taps - 1) - 1, stride) + 1; }
  WindowAxis window() const { return {input, output, taps, stride, dilation, -before}; }
};

struct WindowShape {
  SlidingAxis rows, columns;

  // Reads one number per axis, in the order rows, columns.
  void read(AttributeReader& read, int64_t SlidingAxis::*member);
  // Reads top, bottom, left, right.
  void read_padding(AttributeReader& read);
  // Takes H and W of images and of what the window makes of them; false when a size or attribute makes no sense.
  bool set_sizes(const Shape& input, const Shape& output);

  Window window() const { return {rows.window(), columns.window()}; }
};

// Reads window, stride and padding.
WindowShape read_window(AttributeReader& read);
// `images` and `pooled` have the same images and channels, and every window of `shape` has an element of its image.
Status expect_pool(const char* op, WindowShape shape, const Tensor& images, const Tensor& pooled);

}  // namespace convolt
