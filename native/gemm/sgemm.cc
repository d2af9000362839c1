// OpenBLAS stays single-threaded: our own pool cuts the work.
#include "gemm/sgemm.h"

#include <cblas.h>

#include <algorithm>

namespace convolt {
namespace {

CBLAS_TRANSPOSE transposition(bool transposed) { return transposed ? CblasTrans : CblasNoTrans; }

void zero(const Gemm& g) {
  for (int64_t row = 0; row < g.m; ++row) std::fill_n(g.c + row * g.ldc, g.n, 0.0f);
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

const char* blas_name() { return openblas_get_config(); }

}  // namespace convolt
