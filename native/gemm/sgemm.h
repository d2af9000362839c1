// Products of float32 matrices; the only door to BLAS.
#pragma once

#include <cstdint>

#include "base/thread_pool.h"

namespace convolt {

// C = op(A) * op(B), row-major, where op transposes on request. Row r of a matrix begins at r * ld.
struct Gemm {
  int64_t m, n, k;  // op(A) is [m, k], op(B) is [k, n], C is [m, n]
  const float* a;
  int64_t lda;
  const float* b;
  int64_t ldb;
  float* c;
  int64_t ldc;
  bool transpose_a = false;
  bool transpose_b = false;
  bool accumulate = false;  // C += instead of C =
};

// Equal products on operands that lie a fixed distance apart, in elements.
struct GemmBatch {
  int64_t count = 1;
  int64_t stride_a = 0;
  int64_t stride_b = 0;
  int64_t stride_c = 0;
};

// Computes on the calling thread.
void sgemm(const Gemm& gemm);

// Computes on the pool, cut by shape only. `workspace` has `sgemm_workspace` bytes. `gemm.accumulate` is ignored.
void sgemm(const Gemm& gemm, const GemmBatch& batch, ThreadPool& pool, void* workspace);
int64_t sgemm_workspace(int64_t m, int64_t n, int64_t k, int64_t batch = 1);

// The library that computes, in words.
const char* blas_name();

}  // namespace convolt
