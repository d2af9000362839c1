// C = A B for a narrow panel of B: accumulators stay in registers while A, or its transpose, is read where it lies.
#include "loops/lanes.h"
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kRows = 14;
#elif defined(__AVX2__)
constexpr int kRows = 6;
#elif defined(__aarch64__)
constexpr int kRows = 12;
#else
constexpr int kRows = 6;
#endif

// c[r, :] = sum over p of a(r, p) b[p, :] for R rows and V vectors; added to c if `add`. a(r, p) is a[r * lda + p], or
// a[p * lda + r] if it is transposed.
template <int R, int V, bool kTransposed>
void tile(int64_t k, const float* __restrict a, int64_t lda, const float* __restrict b, float* __restrict c,
          int64_t ldc, bool add) {
  Floats sum[R][V] = {};
  for (int64_t p = 0; p < k; ++p, b += V * kLanes) {
    Floats row[V];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) row[v] = load<Floats>(b + v * kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const float x = kTransposed ? a[p * lda + r] : a[r * lda + p];
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) sum[r][v] += x * row[v];
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      float* to = c + r * ldc + v * kLanes;
      store(to, add ? load<Floats>(to) + sum[r][v] : sum[r][v]);
    }
  }
}

using Tile = void (*)(int64_t, const float*, int64_t, const float*, float*, int64_t, bool);

// The tiles of 1 to kRows rows.
template <int R, int V, bool kTransposed>
struct Tiles : Tiles<R - 1, V, kTransposed> {
  constexpr Tiles() { this->of[R] = &tile<R, V, kTransposed>; }
};
template <int V, bool kTransposed>
struct Tiles<0, V, kTransposed> {
  Tile of[kRows + 1] = {};
};

template <bool kTransposed>
void multiply(int64_t m, int64_t k, const float* a, int64_t lda, const float* b, int64_t width, float* c, int64_t ldc,
              bool add) {
  static constexpr Tiles<kRows, 1, kTransposed> kNarrow;
  static constexpr Tiles<kRows, 2, kTransposed> kWide;
  const Tile* tiles = width > kLanes ? kWide.of : kNarrow.of;
  for (int64_t i = 0, left = (m + kRows - 1) / kRows; left > 0; --left) {
    const int64_t rows = (m - i + left - 1) / left;  // tiles of almost equal height
    tiles[rows](k, a + i * (kTransposed ? 1 : lda), lda, b, c + i * ldc, ldc, add);
    i += rows;
  }
}

}  // namespace

int64_t lanes() { return kLanes; }

void panel_product(int64_t m, int64_t k, const float* a, int64_t lda, const float* b, int64_t width, float* c,
                   int64_t ldc, bool add) {
  multiply<false>(m, k, a, lda, b, width, c, ldc, add);
}

void panel_product_transposed(int64_t m, int64_t k, const float* a, int64_t lda, const float* b, int64_t width,
                              float* c, int64_t ldc, bool add) {
  multiply<true>(m, k, a, lda, b, width, c, ldc, add);
}

}  // namespace convolt::CONVOLT_ISA
