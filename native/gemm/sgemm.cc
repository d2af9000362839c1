// Products of float32 matrices by OpenBLAS, which stays single-threaded: our own pool cuts the work.
#include "gemm/sgemm.h"

#include <cblas.h>

#include <algorithm>

#include "gemm/cut.h"
#include "gemm/partials.h"

namespace convolt {
namespace {

constexpr int64_t kFlopsPerTask = int64_t{1} << 21;  // about 20 us: far above the price of a task
constexpr int64_t kMostTasks = 32;
constexpr int64_t kLeastSide = 48;    // of a piece of C; OpenBLAS loses speed below
constexpr int64_t kLeastDepth = 512;  // of a piece of the sum over k

CBLAS_TRANSPOSE transposition(bool transposed) { return transposed ? CblasTrans : CblasNoTrans; }

void zero(const Gemm& g) {
  for (int64_t row = 0; row < g.m; ++row) std::fill_n(g.c + row * g.ldc, g.n, 0.0f);
}

// How one batch of products is cut into tasks; a function of its shape alone.
struct Cuts {
  int64_t batch = 1, rows = 1, columns = 1, depth = 1;
  int64_t tasks() const { return batch * rows * columns * depth; }
};

Cuts choose_cuts(int64_t m, int64_t n, int64_t k, int64_t batch) {
  const int64_t wanted = std::clamp<int64_t>(2 * m * n * k * batch / kFlopsPerTask, 1, kMostTasks);
  Cuts cuts;
  cuts.batch = std::min(batch, wanted);
  while (cuts.tasks() < wanted) {
    const int64_t rows = m / cuts.rows;
    const int64_t columns = n / cuts.columns;
    if (std::max(rows, columns) < 2 * kLeastSide) break;
    (rows >= columns ? cuts.rows : cuts.columns) *= 2;
  }
  while (cuts.tasks() < wanted && k / cuts.depth >= 2 * kLeastDepth) cuts.depth *= 2;
  return cuts;
}

// The part of `g` that computes the given rows and columns of C from the given part of the sum.
Gemm part(const Gemm& g, Range rows, Range columns, Range depth) {
  Gemm result = g;
  result.m = rows.size();
  result.n = columns.size();
  result.k = depth.size();
  result.a += g.transpose_a ? depth.begin * g.lda + rows.begin : rows.begin * g.lda + depth.begin;
  result.b += g.transpose_b ? columns.begin * g.ldb + depth.begin : depth.begin * g.ldb + columns.begin;
  result.c += rows.begin * g.ldc + columns.begin;
  return result;
}

}  // namespace

void sgemm(const Gemm& g) {
  [[maybe_unused]] static const bool once = (openblas_set_num_threads(1), true);
  if (g.m == 0 || g.n == 0) return;
  if (g.k == 0) return g.accumulate ? void() : zero(g);
  const int m = static_cast<int>(g.m), n = static_cast<int>(g.n), k = static_cast<int>(g.k);
  const int lda = static_cast<int>(g.lda), ldb = static_cast<int>(g.ldb), ldc = static_cast<int>(g.ldc);
  const float beta = g.accumulate ? 1.0f : 0.0f;
  if (m == 1) {  // c^T = op(B)^T * a^T
    cblas_sgemv(CblasRowMajor, transposition(!g.transpose_b), g.transpose_b ? n : k, g.transpose_b ? k : n, 1.0f, g.b,
                ldb, g.a, g.transpose_a ? lda : 1, beta, g.c, 1);
  } else if (n == 1) {
    cblas_sgemv(CblasRowMajor, transposition(g.transpose_a), g.transpose_a ? k : m, g.transpose_a ? m : k, 1.0f, g.a,
                lda, g.b, g.transpose_b ? 1 : ldb, beta, g.c, ldc);
  } else {
    cblas_sgemm(CblasRowMajor, transposition(g.transpose_a), transposition(g.transpose_b), m, n, k, 1.0f, g.a, lda, g.b,
                ldb, beta, g.c, ldc);
  }
}

void sgemm(const Gemm& gemm, const GemmBatch& batch, ThreadPool& pool, void* workspace) {
  Gemm g = gemm;
  g.accumulate = false;
  const Cuts cuts = choose_cuts(g.m, g.n, g.k, batch.count);
  const auto product = [&](int64_t i) {
    Gemm result = g;
    result.a += i * batch.stride_a;
    result.b += i * batch.stride_b;
    result.c += i * batch.stride_c;
    return result;
  };
  auto* partials = static_cast<float*>(workspace);  // of all pieces of the sum but the first
  pool.parallel_for(cuts.tasks(), [&](int64_t task, int) {
    const int64_t depth = task % cuts.depth;
    const int64_t column = task / cuts.depth % cuts.columns;
    const int64_t row = task / (cuts.depth * cuts.columns) % cuts.rows;
    const Range products = cut(batch.count, cuts.batch, task / (cuts.depth * cuts.columns * cuts.rows));
    for (int64_t i = products.begin; i < products.end; ++i) {
      Gemm whole = product(i);
      if (depth > 0) {
        whole.c = partials + (i * (cuts.depth - 1) + depth - 1) * g.m * g.n;
        whole.ldc = g.n;
      }
      sgemm(part(whole, cut(g.m, cuts.rows, row, 16), cut(g.n, cuts.columns, column, 16),
                 cut(g.k, cuts.depth, depth, 16)));
    }
  });
  for (int64_t i = 0; cuts.depth > 1 && i < batch.count; ++i) {
    const float* of_product = partials + i * (cuts.depth - 1) * g.m * g.n;
    add_partials(product(i).c, g.ldc, of_product, cuts.depth - 1, g.m, g.n, pool);
  }
}

int64_t sgemm_workspace(int64_t m, int64_t n, int64_t k, int64_t batch) {
  const Cuts cuts = choose_cuts(m, n, k, batch);
  return batch * (cuts.depth - 1) * m * n * static_cast<int64_t>(sizeof(float));
}

const char* blas_name() { return openblas_get_config(); }

}  // namespace convolt
