// Neighbouring positions of a sliding window that read the same taps. Plain data: sources of every ISA include it.
#pragma once

#include <cstdint>

namespace convolt {

// The element that tap (u, v) of position j reads begins u * tap_row + v * tap_column + j * step floats from the first.
struct WindowRun {
  int64_t positions;
  int64_t step;
  int64_t rows, columns;  // taps
  int64_t tap_row, tap_column;
  int64_t channels;
};

}  // namespace convolt
