// Maxima and averages of windows, over vectors of channels.
#include "loops/lanes.h"
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {

// y[j, c] = max over u, v of x(j, u, v)[c]; index[j, c] = that of the first maximal element; NaN is above everything.
void max_windows(float* y, int32_t* index, const float* x, const WindowRun* run, int32_t first, int32_t index_step,
                 int32_t index_row) {
  const WindowRun r = *run;
  for (int64_t j = 0; j < r.positions; ++j, y += r.channels, index += r.channels, x += r.step, first += index_step) {
    for_channels(r.channels, [&](auto like, int64_t c) {
      using F = decltype(like);
      using I = typename IntsOf<F>::Type;
      F best = load<F>(x + c);
      I place = I{} + first;
      for (int64_t u = 0; u < r.rows; ++u) {
        const float* from = x + u * r.tap_row + c;
        for (int64_t v = 0; v < r.columns; ++v, from += r.tap_column) {
          const F value = load<F>(from);
          const I here = I{} + static_cast<int32_t>(first + u * index_row + v);
          const auto better = (value > best) | ((value != value) & (best == best));
          best = better ? value : best;
          place = better ? here : place;
        }
      }
      store(y + c, best);
      store(index + c, place);
    });
  }
}

// y[j, c] = scale * sum over u, v of x(j, u, v)[c].
void average_windows(float* y, const float* x, const WindowRun* run, float scale) {
  const WindowRun r = *run;
  for (int64_t j = 0; j < r.positions; ++j, y += r.channels, x += r.step) {
    for_channels(r.channels, [&](auto like, int64_t c) {
      using F = decltype(like);
      F total{};
      for (int64_t u = 0; u < r.rows; ++u) {
        const float* from = x + u * r.tap_row + c;
        for (int64_t v = 0; v < r.columns; ++v, from += r.tap_column) total += load<F>(from);
      }
      store(y + c, total * scale);
    });
  }
}

}  // namespace convolt::CONVOLT_ISA
