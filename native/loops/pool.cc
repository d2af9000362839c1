// Maxima and averages of windows.
#include "loops/loops.h"
#include "loops/window-strips.h"

namespace convolt::CONVOLT_ISA {
namespace {

// The maximum and the place of the first maximal element; NaN is above everything.
template <bool kStream>
struct Maximum {
  static constexpr int kMost = 4;
  template <typename F>
  struct Result {
    F best;
    typename IntsOf<F>::Type place;
  };

  float* y;
  int32_t* index;
  WindowRow row;
  int64_t place;  // of pixel 0 in the row of the image that the first taps read

  template <typename F>
  Result<F> begin(int64_t, const Taps& taps) const {
    return {F{} - __builtin_inff(), typename IntsOf<F>::Type{} + static_cast<int32_t>(taps.begin)};
  }
  // Its place, counted from the pixel that tap (0, 0) of the position reads.
  template <typename F>
  auto tap(int64_t u, int64_t v, int64_t) const {
    return typename IntsOf<F>::Type{} + static_cast<int32_t>(u * row.pixels + v);
  }
  template <typename F, typename I>
  void add(Result<F>& result, F x, I tap, int64_t) const {
    const auto better = (!(x <= result.best)) & (result.best == result.best);
    result.best = better ? x : result.best;
    result.place = better ? tap : result.place;
  }
  template <typename F>
  void finish(const Result<F>& result, int64_t j, int64_t c, const Taps&) const {
    const auto pixel = static_cast<int32_t>(place + row.first + j * row.step);
    store_or_stream<kStream>(y + j * row.channels + c, result.best);
    store_or_stream<kStream>(index + j * row.channels + c, result.place + pixel);
  }
};

// The maximum alone.
template <bool kStream>
struct Largest {
  static constexpr int kMost = 8;
  template <typename F>
  using Result = F;

  float* y;
  WindowRow row;

  template <typename F>
  F begin(int64_t, const Taps&) const {
    return F{} - __builtin_inff();
  }
  template <typename F>
  char tap(int64_t, int64_t, int64_t) const {
    return 0;
  }
  template <typename F>
  void add(F& best, F x, char, int64_t) const {
    best = ((!(x <= best)) & (best == best)) ? x : best;
  }
  template <typename F>
  void finish(F best, int64_t j, int64_t c, const Taps&) const {
    store_or_stream<kStream>(y + j * row.channels + c, best);
  }
};

// The sum over the taps inside the image, divided by what counts as the window's size.
template <bool kStream>
struct Average {
  static constexpr int kMost = 4;
  template <typename F>
  using Result = F;

  float* y;
  WindowRow row;
  int64_t rows_counted;
  int64_t padding;  // negative: not counted

  template <typename F>
  F begin(int64_t, const Taps&) const {
    return F{};
  }
  template <typename F>
  char tap(int64_t, int64_t, int64_t) const {
    return 0;
  }
  template <typename F>
  void add(F& total, F x, char, int64_t) const {
    total += x;
  }
  template <typename F>
  void finish(F total, int64_t j, int64_t c, const Taps& taps) const {
    const int64_t room = row.pixels + padding - (row.first + j * row.step);
    const int64_t columns = padding < 0 ? taps.end - taps.begin : room < row.columns ? room : row.columns;
    store_or_stream<kStream>(y + j * row.channels + c, total * (1.0f / static_cast<float>(rows_counted * columns)));
  }
};

}  // namespace

void max_windows(float* y, int32_t* index, const float* x, const WindowRow* row, int64_t place, bool past_caches) {
  const bool stream = past_caches && may_stream(y, row->channels, row->channels);
  if (index == nullptr) return fold_row<Largest>(stream, x, *row, y, *row);
  fold_row<Maximum>(stream && may_stream(index, row->channels, row->channels), x, *row, y, index, *row, place);
}

void average_windows(float* y, const float* x, const WindowRow* row, int64_t rows_counted, int64_t padding,
                     bool past_caches) {
  const bool stream = past_caches && may_stream(y, row->channels, row->channels);
  fold_row<Average>(stream, x, *row, y, *row, rows_counted, padding);
}

}  // namespace convolt::CONVOLT_ISA
