// Averages of rectangles of an image, and their adjoint. How an axis is cut into bins is left to the caller.
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

// y[n, i, j, c] = sum of x[n, h, w, c] over the elements of bins i and j / their count.
template <typename Bins>
void average(const Operands& operands, const Bins& rows, const Bins& columns) {
  const Shape& x = operands.inputs[0].shape;
  const Shape& y = operands.outputs[0].shape;
  const int64_t channels = x[3];
  for_ranges(operands.pool, y[0] * y[1], items_per_task(y[2] * channels), [&](int64_t begin, int64_t end, int) {
    float* to = operands.out<float>(0) + begin * y[2] * channels;
    for (int64_t line = begin; line < end; ++line) {
      const Range down = rows.elements(line % y[1]);
      const float* from = operands.in<float>(0) + (line / y[1] * x[1] + down.begin) * x[2] * channels;
      for (int64_t j = 0; j < y[2]; ++j, to += channels) {
        const Range across = columns.elements(j);
        const WindowRun run = {.positions = 1,
                               .step = 0,
                               .rows = down.size(),
                               .columns = across.size(),
                               .tap_row = x[2] * channels,
                               .tap_column = channels,
                               .channels = channels};
        const auto count = static_cast<float>(rows.count(line % y[1]) * columns.count(j));
        loops().average_windows(to, from + across.begin * channels, &run, 1.0f / count);
      }
    }
  });
}

// gx[n, h, w, c] = sum over the outputs i, j that hold h and w of gy[n, i, j, c] / their count.
template <typename Bins>
void average_grad(const Operands& operands, const Bins& rows, const Bins& columns) {
  const Shape& y = operands.inputs[0].shape;
  const Shape& x = operands.outputs[0].shape;
  const int64_t channels = x[3];
  for_ranges(operands.pool, x[0] * x[1], items_per_task(x[2] * channels), [&](int64_t begin, int64_t end, int) {
    float* to = operands.out<float>(0) + begin * x[2] * channels;
    loops().fill(to, 0.0f, (end - begin) * x[2] * channels);
    for (int64_t line = begin; line < end; ++line) {
      const Range down = rows.outputs(line % x[1]);
      for (int64_t w = 0; w < x[2]; ++w, to += channels) {
        const Range across = columns.outputs(w);
        for (int64_t i = down.begin; i < down.end; ++i) {
          for (int64_t j = across.begin; j < across.end; ++j) {
            const float* from = operands.in<float>(0) + ((line / x[1] * y[1] + i) * y[2] + j) * channels;
            loops().add_scaled(to, 1.0f / static_cast<float>(rows.count(i) * columns.count(j)), from, channels);
          }
        }
      }
    }
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
