// A vector times a matrix: its rows are read once, several at a time, in the order of memory.
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {
namespace {

constexpr int kRows = 8;

// y = y + the sum over R rows of b.
template <int R>
void add(float* __restrict y, const float* x, int64_t x_step, const float* __restrict b, int64_t ldb, int64_t n) {
  float factor[R];
  for (int r = 0; r < R; ++r) factor[r] = x[r * x_step];
  for (int64_t j = 0; j < n; ++j) {
    float total = y[j];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) total += factor[r] * b[r * ldb + j];
    y[j] = total;
  }
}

}  // namespace

void add_rows(float* y, const float* x, int64_t x_step, const float* b, int64_t ldb, int64_t rows, int64_t n) {
  int64_t p = 0;
  for (; p + kRows <= rows; p += kRows) add<kRows>(y, x + p * x_step, x_step, b + p * ldb, ldb, n);
  for (; p < rows; ++p) add<1>(y, x + p * x_step, x_step, b + p * ldb, ldb, n);
}

}  // namespace convolt::CONVOLT_ISA
