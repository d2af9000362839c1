// Softmax and log-softmax of rows, in blocks that stay in the first-level cache.
//   m = max(x);  softmax: y = e^(x - m) / sum(e^(x - m));  logSoftmax: y = (x - m) - log(sum(e^(x - m)))
#include "loops/loops.h"
#include "loops/math.h"

namespace convolt::CONVOLT_ISA {
namespace {

constexpr int64_t kBlock = 1024;
constexpr int kSum = 0;  // rows of folds.inc
constexpr int kMax = 1;

// y = e^x; y may be x.
void exp_all(float* y, const float* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = exp(x[i]);
}

// y = x - max(x) of every row; y may be x.
void subtract_max(float* y, const float* x, int64_t rows, int64_t n) {
  float tops[kBlock];
  fold_table()[kMax].rows(tops, x, rows, n);
  for (int64_t r = 0; r < rows; ++r) {
    const float top = tops[r];
#pragma GCC ivdep
    for (int64_t i = r * n; i < (r + 1) * n; ++i) y[i] = x[i] - top;
  }
}

// sums = sum(e^x) of every row.
void sums_of_powers(float* sums, const float* x, int64_t rows, int64_t n) {
  float powers[kBlock];
  if (n <= kBlock) {
    exp_all(powers, x, rows * n);
    fold_table()[kSum].rows(sums, powers, rows, n);
    return;
  }
  *sums = 0;
  for (int64_t i = 0; i < n; i += kBlock) {
    const int64_t part = n - i < kBlock ? n - i : kBlock;
    exp_all(powers, x + i, part);
    *sums += sum(powers, part);
  }
}

// Calls body(first row, rows) for blocks of rows that are worked on together, so that short rows still fill vectors.
// A block is a single row, or at most kBlock numbers.
template <typename Body>
void for_blocks(int64_t rows, int64_t n, const Body& body) {
  const int64_t step = n < kBlock ? kBlock / n : 1;
  for (int64_t row = 0; row < rows; row += step) body(row, row + step < rows ? step : rows - row);
}

}  // namespace

void softmax_rows(float* y, const float* x, int64_t rows, int64_t n) {
  for_blocks(rows, n, [=](int64_t row, int64_t count) {
    float* block = y + row * n;
    subtract_max(block, x + row * n, count, n);
    exp_all(block, block, count * n);
    float sums[kBlock];
    fold_table()[kSum].rows(sums, block, count, n);
    for (int64_t r = 0; r < count; ++r) scale(block + r * n, 1.0f / sums[r], n);
  });
}

void log_softmax_rows(float* y, const float* x, int64_t rows, int64_t n) {
  for_blocks(rows, n, [=](int64_t row, int64_t count) {
    float* block = y + row * n;
    subtract_max(block, x + row * n, count, n);
    float sums[kBlock];
    sums_of_powers(sums, block, count, n);
    for (int64_t r = 0; r < count; ++r) {
      const float shift = log(sums[r]);
      for (int64_t i = r * n; i < (r + 1) * n; ++i) block[i] -= shift;
    }
  });
}

}  // namespace convolt::CONVOLT_ISA
