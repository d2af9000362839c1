// Softmax and log-softmax of rows, in blocks that stay in the first-level cache.
//   m = max(x);  softmax: y = e^(x - m) / sum(e^(x - m));  logSoftmax: y = (x - m) - log(sum(e^(x - m)))
#include <cstdint>

#include "loops/math.h"

namespace convolt::CONVOLT_ISA {
namespace {

constexpr int kLanes = 16;
constexpr int64_t kBlock = 1024;

float row_max(const float* x, int64_t n) {
  float lanes[kLanes];
  for (int l = 0; l < kLanes; ++l) lanes[l] = x[0];
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int l = 0; l < kLanes; ++l) lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
  }
  float largest = lanes[0];
  for (int l = 1; l < kLanes; ++l) largest = lanes[l] > largest ? lanes[l] : largest;
  for (; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

float row_sum(const float* x, int64_t n) {
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int l = 0; l < kLanes; ++l) lanes[l] += x[i + l];
  }
  float sum = 0;
  for (int l = 0; l < kLanes; ++l) sum += lanes[l];
  for (; i < n; ++i) sum += x[i];
  return sum;
}

// y = x - max(x); y may be x.
void subtract_max(float* y, const float* x, int64_t n) {
  const float largest = row_max(x, n);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] - largest;
}

// y = e^x; y may be x.
void exp_all(float* y, const float* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = exp_f32(x[i]);
}

// Rows that are worked on together, so that short rows still fill the vectors of `exp`.
int64_t rows_per_block(int64_t n) { return n < kBlock ? kBlock / n : 1; }

}  // namespace

void softmax_rows(float* y, const float* x, int64_t rows, int64_t n) {
  const int64_t step = rows_per_block(n);
  for (int64_t row = 0; row < rows; row += step) {
    const int64_t end = row + step < rows ? row + step : rows;
    for (int64_t r = row; r < end; ++r) subtract_max(y + r * n, x + r * n, n);
    exp_all(y + row * n, y + row * n, (end - row) * n);
    for (int64_t r = row; r < end; ++r) {
      const float scale = 1.0f / row_sum(y + r * n, n);
      for (int64_t i = r * n; i < (r + 1) * n; ++i) y[i] *= scale;
    }
  }
}

void log_softmax_rows(float* y, const float* x, int64_t rows, int64_t n) {
  float powers[kBlock];
  const int64_t step = rows_per_block(n);
  for (int64_t row = 0; row < rows; row += step) {
    const int64_t end = row + step < rows ? row + step : rows;
    for (int64_t r = row; r < end; ++r) subtract_max(y + r * n, x + r * n, n);
    if (n <= kBlock) exp_all(powers, y + row * n, (end - row) * n);
    for (int64_t r = row; r < end; ++r) {
      float sum = 0;
      if (n <= kBlock) sum = row_sum(powers + (r - row) * n, n);
      for (int64_t i = 0; n > kBlock && i < n; i += kBlock) {
        const int64_t part = n - i < kBlock ? n - i : kBlock;
        exp_all(powers, y + r * n + i, part);
        sum += row_sum(powers, part);
      }
      const float shift = log_f32(sum);
      for (int64_t i = r * n; i < (r + 1) * n; ++i) y[i] -= shift;
    }
  }
}

}  // namespace convolt::CONVOLT_ISA
