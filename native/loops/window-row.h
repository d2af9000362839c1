// Rows of positions of a sliding window, those at the edges of the image included. Plain data: sources of every ISA
// include it.
#pragma once

#include <cstdint>

namespace convolt {

// Tap (u, v) of position j reads pixel first + j * step + v * tap_step of a row of the image, u * tap_row floats from
// the first such row. Pixels outside of [0, pixels) are padding.
struct WindowRow {
  int64_t positions, first, step;
  int64_t whole_begin, whole_end;  // positions whose columns of taps are all inside
  int64_t pixels;
  int64_t rows, columns;  // taps
  int64_t tap_step, tap_row;
  int64_t channels;    // floats of a pixel
  int64_t image_row;   // floats of a row of the image
  int64_t ahead;       // floats to the rows of the image that the next row of positions reads first
  int64_t rows_ahead;  // number of these
};

// The rows of positions [begin, end) of an image: row u of taps of row i reads row first + i * step + u * tap_step of
// the image. Rows outside of [0, rows) are padding.
struct WindowRows {
  int64_t begin, end;
  int64_t first, step, tap_step;
  int64_t rows;
};

}  // namespace convolt
