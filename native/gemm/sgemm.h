// Products of float32 matrices by BLAS, and the only door to it.
#pragma once

#include <cstdint>

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

// Computes on the calling thread.
void sgemm(const Gemm& gemm);

// The library that computes, in words.
const char* blas_name();

}  // namespace convolt
