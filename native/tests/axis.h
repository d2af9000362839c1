// One axis of images under a sliding window.
#pragma once

#include <cstdint>

namespace convolt {

struct Axis {
  int64_t input, taps, stride = 1, dilation = 1, before = 0, after = 0;
  int64_t output() const { return (input + before + after - dilation * (taps - 1) - 1) / stride + 1; }
};

inline Axis same(int64_t input, int64_t taps, int64_t stride = 1, int64_t dilation = 1) {
  const int64_t padding = dilation * (taps - 1);
  return {input, taps, stride, dilation, padding / 2, padding - padding / 2};
}

}  // namespace convolt
