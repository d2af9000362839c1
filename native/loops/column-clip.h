// What follows a product or a filter in registers. Plain data: sources of every ISA include it.
#pragma once

namespace convolt {

// A number for each column is added, and the sum is kept between low and high.
struct ColumnClip {
  const float* bias = nullptr;  // nullptr: nothing follows
  float low = 0, high = 0;
};

}  // namespace convolt
