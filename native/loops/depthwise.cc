// Convolution of every channel with a filter of its own.
#include "loops/loops.h"
#include "loops/window-strips.h"

namespace convolt::CONVOLT_ISA {
namespace {

template <bool kStream>
struct Convolution {
  static constexpr int kMost = 8;
  template <typename F>
  using Result = F;

  float* y;
  int64_t y_step;
  const float* w;
  int64_t w_row, w_column;
  ColumnClip clip;

  template <typename F>
  F begin(int64_t, const Taps&) const {
    return F{};
  }
  template <typename F>
  F tap(int64_t u, int64_t v, int64_t c) const {
    return load<F>(w + u * w_row + v * w_column + c);
  }
  template <typename F>
  void add(F& total, F x, F factor, int64_t) const {
    total += x * factor;
  }
  template <typename F>
  void finish(F total, int64_t j, int64_t c, const Taps&) const {
    store_or_stream<kStream>(y + j * y_step + c, clip.bias ? clipped(total, clip, c) : total);
  }
};

}  // namespace

void depthwise_row(float* y, int64_t y_step, const float* x, const WindowRow* row, const float* w, int64_t w_row,
                   int64_t w_column, bool past_caches, const ColumnClip& clip) {
  const bool stream = past_caches && may_stream(y, y_step, row->channels);
  fold_row<Convolution>(stream, x, *row, y, y_step, w, w_row, w_column, clip);
}

}  // namespace convolt::CONVOLT_ISA
