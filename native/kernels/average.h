// How the axes of images are cut into bins whose elements are averaged, and the adjoint of such averages.
#pragma once

#include <algorithm>

#include "gemm/window.h"
#include "kernels/ranges.h"
#include "kernels/window-shape.h"
#include "loops/loops.h"

namespace convolt {

// Bins: `elements(i)` are those that output i averages, `outputs(e)` those that element e is part of, and `count(i)` is
// what output i divides by.

// The positions of a sliding window; padding is counted on request.
struct SlidingBins {
  SlidingBins(const SlidingAxis& axis, bool count_padding)
      : axis_(axis.window()), end_(axis.input + axis.after), count_padding_(count_padding) {}

  Range elements(int64_t i) const {
    const int64_t start = axis_.element(i, 0);
    return {std::max<int64_t>(0, start), std::min(axis_.length, start + axis_.taps)};
  }
  Range outputs(int64_t e) const {
    const int64_t from = e - axis_.first;
    return {std::max<int64_t>(0, ceil_div(from - axis_.taps + 1, axis_.step)),
            std::min(axis_.positions, floor_div(from, axis_.step) + 1)};
  }
  int64_t count(int64_t i) const {
    const int64_t start = axis_.element(i, 0);
    return count_padding_ ? std::min(start + axis_.taps, end_) - start : elements(i).size();
  }

 private:
  WindowAxis axis_;
  int64_t end_;  // of the padded axis
  bool count_padding_;
};

// Almost equal bins that cover the axis: bin i is [floor(i L / B), ceil((i + 1) L / B)).
struct AdaptiveBins {
  int64_t length, bins;
  Range elements(int64_t i) const { return {i * length / bins, ceil_div((i + 1) * length, bins)}; }
  Range outputs(int64_t e) const { return {e * bins / length, ceil_div((e + 1) * bins, length)}; }
  int64_t count(int64_t i) const { return elements(i).size(); }
};

// gx[n, h, w, c] = sum over the outputs i, j that hold h and w of gy[n, i, j, c] / their count. Neighbouring elements
// of a row that are held by the same outputs are computed together.
template <typename Bins>
void average_grad(const Operands& operands, const Bins& rows, const Bins& columns) {
  constexpr int64_t kMostTerms = 16;  // at once
  const Shape& y = operands.inputs[0].shape;
  const Shape& x = operands.outputs[0].shape;
  const int64_t channels = x[3];
  const auto same = [](Range a, Range b) { return a.begin == b.begin && a.end == b.end; };
  const auto for_line = [&](int64_t line) {
    const Range down = rows.outputs(line % x[1]);
    const float* gy = operands.in<float>(0) + line / x[1] * y[1] * y[2] * channels;
    float* gx = operands.out<float>(0) + line * x[2] * channels;
    for (int64_t w = 0, end; w < x[2]; w = end) {
      const Range across = columns.outputs(w);
      for (end = w + 1; end < x[2] && same(columns.outputs(end), across);) ++end;
      const float* terms[kMostTerms];
      float scales[kMostTerms];
      int64_t count = 0;
      bool add = false;
      const auto flush = [&] {
        loops().combine(gx + w * channels, end - w, terms, scales, count, channels, add);
        add = true;
        count = 0;
      };
      for (int64_t i = down.begin; i < down.end; ++i) {
        for (int64_t j = across.begin; j < across.end; ++j) {
          if (count == kMostTerms) flush();
          terms[count] = gy + (i * y[2] + j) * channels;
          scales[count++] = 1.0f / static_cast<float>(rows.count(i) * columns.count(j));
        }
      }
      flush();
    }
  };
  for_ranges(operands.pool, x[0] * x[1], items_per_task(x[2] * channels), [&](int64_t begin, int64_t end, int) {
    for (int64_t line = begin; line < end; ++line) for_line(line);
  });
}

// Float32 images and what is made of them.
inline Status expect_floats(const char* op, const Operands& operands) {
  CONVOLT_TRY(expect_counts(op, operands, 1, 1));
  CONVOLT_TRY(expect_dtype(op, "the input", operands.inputs[0], DType::kFloat32));
  CONVOLT_TRY(expect_rank(op, "the input", operands.inputs[0], 4));
  CONVOLT_TRY(expect_dtype(op, "the output", operands.outputs[0], DType::kFloat32));
  return expect_rank(op, "the output", operands.outputs[0], 4);
}

}  // namespace convolt
