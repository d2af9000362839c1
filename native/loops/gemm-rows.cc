// C = op(A) B for a panel of B: A stays where it is, accumulators stay in registers.
#include "loops/lanes.h"
#include "loops/loops.h"
#include "loops/stream.h"

namespace convolt::CONVOLT_ISA {

#if defined(__AVX512F__)
typedef float HalfFloats __attribute__((vector_size(32)));
template <>
struct Loose<HalfFloats> {
  typedef float Type __attribute__((vector_size(32), aligned(4), may_alias));
};
#endif

namespace {

constexpr int64_t kLine = 16;  // floats of a line of the cache
constexpr int64_t kDeep = 48;  // products from which on fetching c ahead pays
constexpr int kMostRows = 14;

// How rows of a lie.
enum class Form { kWhole, kPieces, kTransposed };

// Adds one product to each sum: one row of b, and from each row of a one element.
template <int R, int V, bool kTransposed, typename F>
inline __attribute__((always_inline)) void step(F (&sum)[R][V], const float* a, int64_t lda, const float* b) {
  F right[V];
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) right[v] = load<F>(b + v * (sizeof(F) / sizeof(float)));
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
    const float left = a[kTransposed ? r : r * lda];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sum[r][v] += left * right[v];
  }
}

// Writes or adds whole vectors, and what is left of a row one by one.
template <bool kClips, int R, int V, typename F>
inline __attribute__((always_inline)) void put(const F (&sum)[R][V], const GemmPanel& g, float* c) {
  constexpr int kLength = sizeof(F) / sizeof(float);
  const auto result = [&]<typename T>(T total, const float* to, int64_t j) __attribute__((always_inline)) {
    if (g.add) total += load<T>(to);
    if constexpr (kClips) {
      if (g.clip.residual) total += load<T>(g.clip.residual + (to - g.c));
      total = clipped(total, g.clip, j);
    }
    return total;
  };
  if (g.n == V * kLength) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) {
        float* to = c + r * g.ldc + v * kLength;
        const F value = result(sum[r][v], to, v * kLength);
        g.past_caches ? store_or_stream<true>(to, value) : store(to, value);
      }
    }
    return;
  }
  float rows[R][V * kLength];
  __builtin_memcpy(rows, sum, sizeof(rows));
  for (int r = 0; r < R; ++r) {
    float* to = c + r * g.ldc;
    for (int64_t j = 0; j < g.n; ++j) to[j] = result(rows[r][j], to + j, j);
  }
}

// R rows of c, in V vectors each.
template <int R, int V, Form kForm, typename F>
void tile(const GemmPanel& g, const float* a, float* c, const float* ahead, int64_t ahead_step) {
  constexpr bool kTransposed = kForm == Form::kTransposed;
  const int64_t k = g.k, lda = g.lda, ldb = g.ldb, a_step = kTransposed ? lda : 1;
  const float* b = g.b;
  if (k >= kDeep && !g.past_caches) {
    for (int r = 0; r < R; ++r) {
      for (int64_t j = 0; j < g.n; j += kLine) __builtin_prefetch(c + r * g.ldc + j, 1, 2);
    }
  }
  if (g.clip.residual) {
    const float* residual = g.clip.residual + (c - g.c);
    for (int r = 0; r < R; ++r) {
      for (int64_t j = 0; j < g.n; j += kLine) __builtin_prefetch(residual + r * g.ldc + j);
    }
  }
  F sum[R][V] = {};
  for (int64_t piece = 0; piece < (kForm == Form::kPieces ? g.pieces : 1); ++piece, a += g.piece - k) {
    int64_t p = 0;
    for (; p + kLine <= k; p += kLine, ahead += kLine) {
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) __builtin_prefetch(ahead + r * ahead_step);
#pragma GCC unroll 1
      for (int64_t q = 0; q < kLine; ++q, a += a_step, b += ldb) step<R, V, kTransposed>(sum, a, lda, b);
    }
    for (; p < k; ++p, a += a_step, b += ldb) step<R, V, kTransposed>(sum, a, lda, b);
  }
  g.clip.bias ? put<true>(sum, g, c) : put<false>(sum, g, c);
}

using Tile = void (*)(const GemmPanel&, const float*, float*, const float*, int64_t);

// The tiles of 1 to R rows.
template <int R, int V, Form kForm, typename F>
struct Tiles : Tiles<R - 1, V, kForm, F> {
  constexpr Tiles() { this->of[R] = &tile<R, V, kForm, F>; }
};
template <int V, Form kForm, typename F>
struct Tiles<0, V, kForm, F> {
  Tile of[kMostRows + 1] = {};
};

// Rows are cut into tiles of almost equal height, kMost at most.
template <int kMost, int V, Form kForm, typename F>
void tiles(const GemmPanel& g) {
  static constexpr Tiles<kMost, V, kForm, F> kTiles;
  const float* ahead = g.ahead;
  int64_t i = 0;
  for (int64_t left = (g.m + kMost - 1) / kMost; left > 0; --left) {
    const int64_t height = (g.m - i + left - 1) / left;
    const float* a = g.a + (kForm == Form::kTransposed ? i : i * g.lda);
    if (g.ahead) {
      kTiles.of[height](g, a, g.c + i * g.ldc, ahead, g.k);
      ahead += height * g.k;
    } else {
      kTiles.of[height](g, a, g.c + i * g.ldc, a + height * g.lda, g.lda);
    }
    i += height;
  }
}

template <int kMost, int V, typename F = Floats>
void rows(const GemmPanel& g) {
  if (g.transpose_a) return tiles<kMost, V, Form::kTransposed, F>(g);
  g.pieces > 1 ? tiles<kMost, V, Form::kPieces, F>(g) : tiles<kMost, V, Form::kWhole, F>(g);
}

}  // namespace

int64_t gemm_panel() { return 2 * kLanes; }

// As many rows and vectors as there are registers.
#if defined(__AVX512F__)
int64_t gemm_width(int64_t n) { return (n + 7) / 8 * 8; }

void gemm_rows(const GemmPanel& g) {
  if (g.n <= 8) return rows<14, 1, HalfFloats>(g);
  if (g.n <= 16) return rows<14, 1>(g);
  g.n <= 24 ? rows<9, 3, HalfFloats>(g) : rows<14, 2>(g);
}
#else
#if defined(__aarch64__)
constexpr int kRows = 12;
#else
constexpr int kRows = 6;
#endif

int64_t gemm_width(int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

void gemm_rows(const GemmPanel& g) { g.n <= kLanes ? rows<12, 1>(g) : rows<kRows, 2>(g); }
#endif

}  // namespace convolt::CONVOLT_ISA
