// Packing, and products panel by panel.
#include "gemm/packed-matrix.h"

#include <algorithm>
#include <cstring>

#include "gemm/cut.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kMostPanel = 32;
constexpr int64_t kEdgeRows = 84;    // a multiple of the rows of every tile
constexpr int64_t kLeastDepth = 48;  // below, BLAS is quicker
constexpr int64_t kBlock = 256;      // products in one running sum: sums of sums round less

// c [m, panel] = a [m, k] * b [k, panel]
void multiply_panel(int64_t m, int64_t k, const float* a, int64_t lda, const float* b, float* c, int64_t ldc) {
  const int64_t panel = loops().gemm_panel();
  for (int64_t p = 0; p < k; p += kBlock) {
    loops().gemm_rows(m, std::min(kBlock, k - p), a + p, lda, b + p * panel, c, ldc, p > 0);
  }
}

}  // namespace

int64_t PackedMatrix::bytes(int64_t k, int64_t n) {
  return ceil_div(n, kMostPanel) * kMostPanel * k * static_cast<int64_t>(sizeof(float));
}

bool PackedMatrix::is_worth_while(int64_t k, int64_t n) { return k >= kLeastDepth && n >= kMostPanel; }

void PackedMatrix::pack(const float* b, int64_t ldb, bool transpose_b, ThreadPool& pool) const {
  const int64_t panel = loops().gemm_panel();
  pool.parallel_for(ceil_div(n, panel), [&](int64_t task, int) {
    const int64_t first = task * panel, width = std::min(panel, n - first);
    float* to = packed + task * panel * k;
    for (int64_t p = 0; p < k; ++p, to += panel) {
      if (transpose_b) {
        for (int64_t j = 0; j < width; ++j) to[j] = b[(first + j) * ldb + p];
      } else {
        std::memcpy(to, b + p * ldb + first, static_cast<size_t>(width) * sizeof(float));
      }
      std::fill(to + width, to + panel, 0.0f);
    }
  });
}

void PackedMatrix::multiply(int64_t m, const float* a, int64_t lda, float* c, int64_t ldc) const {
  const int64_t panel = loops().gemm_panel();
  const float* b = packed;
  for (int64_t first = 0; first < n; first += panel, b += panel * k) {
    if (first + panel <= n) {
      multiply_panel(m, k, a, lda, b, c + first, ldc);
      continue;
    }
    float edge[kEdgeRows * kMostPanel];
    for (int64_t i = 0; i < m; i += kEdgeRows) {
      const int64_t count = std::min(kEdgeRows, m - i);
      multiply_panel(count, k, a + i * lda, lda, b, edge, panel);
      for (int64_t r = 0; r < count; ++r) {
        std::memcpy(c + (i + r) * ldc + first, edge + r * panel, static_cast<size_t>(n - first) * sizeof(float));
      }
    }
  }
}

}  // namespace convolt
