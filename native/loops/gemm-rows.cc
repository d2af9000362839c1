// C = A B for a panel of B: rows of A stay where they are, accumulators stay in registers.
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16, kRows = 14;
#elif defined(__AVX2__)
constexpr int kLanes = 8, kRows = 6;
#elif defined(__aarch64__)
constexpr int kLanes = 4, kRows = 12;
#else
constexpr int kLanes = 4, kRows = 6;
#endif
constexpr int kPanel = 2 * kLanes;

typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));

Vector load(const float* from) {
  Vector vector;
  __builtin_memcpy(&vector, from, sizeof(vector));
  return vector;
}

void store(float* to, Vector vector) { __builtin_memcpy(to, &vector, sizeof(vector)); }

// c[r, :] = sum over p of a[r, p] b[p, :], for R rows; added to c if `add`
template <int R>
void tile(int64_t k, const float* __restrict a, int64_t lda, const float* __restrict b, float* __restrict c,
          int64_t ldc, bool add) {
  Vector left[R] = {}, right[R] = {};
  for (int64_t p = 0; p < k; ++p, b += kPanel) {
    const Vector b0 = load(b), b1 = load(b + kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const float x = a[r * lda + p];
      left[r] += x * b0;
      right[r] += x * b1;
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
    float* to = c + r * ldc;
    store(to, add ? load(to) + left[r] : left[r]);
    store(to + kLanes, add ? load(to + kLanes) + right[r] : right[r]);
  }
}

using Tile = void (*)(int64_t, const float*, int64_t, const float*, float*, int64_t, bool);

// The tiles of 1 to kRows rows.
template <int R>
struct Tiles : Tiles<R - 1> {
  constexpr Tiles() { this->of[R] = &tile<R>; }
};
template <>
struct Tiles<0> {
  Tile of[kRows + 1] = {};
};

}  // namespace

int64_t gemm_panel() { return kPanel; }

void gemm_rows(int64_t m, int64_t k, const float* a, int64_t lda, const float* b, float* c, int64_t ldc, bool add) {
  static constexpr Tiles<kRows> kTiles;
  for (int64_t i = 0; i < m; i += kRows) {
    const int64_t rows = m - i < kRows ? m - i : kRows;
    kTiles.of[rows](k, a + i * lda, lda, b, c + i * ldc, ldc, add);
  }
}

}  // namespace convolt::CONVOLT_ISA
