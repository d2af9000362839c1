// A vector times a matrix: its rows are read once, several at a time, in the order of memory.
#include "loops/lanes.h"
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

constexpr int kVectors = 2;             // of a row of a panel
constexpr int kSums = 4;                // running sums of each column, since adding takes several steps
constexpr int64_t kAheadFloats = 1024;  // from a row to the one that is fetched into the cache

}  // namespace

void panel_times_row(float* c, int64_t n, const float* a, const float* b, int64_t k, bool add) {
  constexpr int64_t kWidth = kVectors * kLanes;
  Floats sums[kSums][kVectors] = {};
  const auto step = [&](int64_t p, int s) {
    for (int v = 0; v < kVectors; ++v) sums[s][v] += a[p] * load<Floats>(b + p * kWidth + v * kLanes);
  };
  int64_t p = 0;
  for (; p + kSums <= k; p += kSums) {
    const float* ahead = b + p * kWidth + kAheadFloats;
    for (int64_t i = 0; i < kSums * kWidth; i += 16) __builtin_prefetch(ahead + i);
#pragma GCC unroll 4
    for (int s = 0; s < kSums; ++s) step(p + s, s);
  }
  for (; p < k; ++p) step(p, 0);
  float whole[kWidth];
  for (int v = 0; v < kVectors; ++v) {
    store(whole + v * kLanes, (sums[0][v] + sums[1][v]) + (sums[2][v] + sums[3][v]));
  }
  for (int64_t j = 0; j < n; ++j) c[j] = add ? c[j] + whole[j] : whole[j];
}

void add_rows(float* y, const float* x, int64_t x_step, const float* b, int64_t ldb, int64_t rows, int64_t n) {
  int64_t p = 0;
  for (; p + kRows <= rows; p += kRows) add<kRows>(y, x + p * x_step, x_step, b + p * ldb, ldb, n);
  for (; p < rows; ++p) add<1>(y, x + p * x_step, x_step, b + p * ldb, ldb, n);
}

}  // namespace convolt::CONVOLT_ISA
