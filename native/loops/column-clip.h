// What follows a product or a filter in registers. Plain data: sources of every ISA include it.
#pragma once

namespace convolt {

// y = min(max(y + residual + bias, low), high), with a bias for each column; the residual has y's rows, if there is
// one.
struct ColumnClip {
  const float* bias = nullptr;  // nullptr: nothing follows
  float low = 0, high = 0;
  const float* residual = nullptr;
};

}  // namespace convolt
