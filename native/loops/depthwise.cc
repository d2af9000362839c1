// Convolution of every channel with a filter of its own, over vectors of channels.
#include "loops/lanes.h"
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {
namespace {

// y[j, c] = sum over u, v of x(j, u, v)[c] * w(u, v)[c] for kCount neighbouring positions, which share loads of w.
template <int kCount>
inline __attribute__((always_inline)) void convolve(float* y, int64_t y_step, const float* x, const WindowRun& r,
                                                    const float* w, int64_t w_row, int64_t w_column) {
  for_channels(r.channels, [&](auto like, int64_t c) {
    using F = decltype(like);
    F total[kCount] = {};
    for (int64_t u = 0; u < r.rows; ++u) {
      const float* from = x + u * r.tap_row + c;
      const float* weight = w + u * w_row + c;
      for (int64_t v = 0; v < r.columns; ++v, from += r.tap_column, weight += w_column) {
        const F factor = load<F>(weight);
        for (int j = 0; j < kCount; ++j) total[j] += load<F>(from + j * r.step) * factor;
      }
    }
    for (int j = 0; j < kCount; ++j) store(y + j * y_step + c, total[j]);
  });
}

}  // namespace

void depthwise_windows(float* y, int64_t y_step, const float* x, const WindowRun* run, const float* w, int64_t w_row,
                       int64_t w_column) {
  constexpr int kTogether = 4;
  const WindowRun r = *run;
  int64_t j = 0;
  for (; j + kTogether <= r.positions; j += kTogether) {
    convolve<kTogether>(y + j * y_step, y_step, x + j * r.step, r, w, w_row, w_column);
  }
  for (; j < r.positions; ++j) convolve<1>(y + j * y_step, y_step, x + j * r.step, r, w, w_row, w_column);
}

// w(u, v)[c] += sum over j of x(j, u, v)[c] * gy[j, c].
void depthwise_weights(float* w, int64_t w_row, int64_t w_column, const float* x, const WindowRun* run,
                       const float* gy) {
  const WindowRun r = *run;
  for (int64_t u = 0; u < r.rows; ++u) {
    for (int64_t v = 0; v < r.columns; ++v) {
      const float* source = x + u * r.tap_row + v * r.tap_column;
      float* weight = w + u * w_row + v * w_column;
      for_channels(r.channels, [&](auto like, int64_t c) {
        using F = decltype(like);
        F even = load<F>(weight + c), odd{};
        int64_t j = 0;
        for (; j + 2 <= r.positions; j += 2) {
          even += load<F>(source + j * r.step + c) * load<F>(gy + j * r.channels + c);
          odd += load<F>(source + (j + 1) * r.step + c) * load<F>(gy + (j + 1) * r.channels + c);
        }
        if (j < r.positions) even += load<F>(source + j * r.step + c) * load<F>(gy + j * r.channels + c);
        store(weight + c, even + odd);
      });
    }
  }
}

}  // namespace convolt::CONVOLT_ISA
