// Gradients of pools: what every pixel of a window gets from the gradient of its result.
#include "loops/lanes.h"
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {

uint32_t largest_index(const int32_t* index, int64_t channels, int64_t n, int64_t positions) {
  uint32_t largest = 0;
  for (int64_t j = 0; j < positions; ++j, index += channels) {
    for (int64_t c = 0; c < n; ++c) {
      const auto place = static_cast<uint32_t>(index[c]);
      largest = place > largest ? place : largest;
    }
  }
  return largest;
}

void scatter_to_pixels(float* gx, const float* gy, const int32_t* index, int64_t channels, int64_t n,
                       int64_t positions) {
  for (int64_t j = 0; j < positions; ++j, gy += channels, index += channels) {
    for (int64_t c = 0; c < n; ++c) gx[index[c] * channels + c] += gy[c];
  }
}

void combine(float* y, int64_t copies, const float* const* x, const float* a, int64_t terms, int64_t n, bool add) {
  for_overlapping_channels(n, [&](auto like, int64_t c, int64_t seen) {
    using F = decltype(like);
    F total{};
    for (int64_t k = 0; k < terms; ++k) total += load<F>(x[k] + c) * a[k];
    for (int64_t i = 0; i < copies; ++i) {
      float* to = y + i * n + c;
      if (add) {
        store_unseen(to, load<F>(to) + total, seen);
      } else {
        store(to, total);
      }
    }
  });
}

}  // namespace convolt::CONVOLT_ISA
