// A matrix packed once into panels of columns, and products with it: quicker than BLAS, which packs at every call,
// where many small products share one matrix.
#pragma once

#include <cstdint>

#include "base/thread_pool.h"

namespace convolt {

// A matrix [k, n] of which `packed` holds panels [k, panel], the last one filled up with zeros.
struct PackedMatrix {
  int64_t k, n;
  float* packed;

  static int64_t bytes(int64_t k, int64_t n);
  // True where products with a matrix of this size gain by packing.
  static bool is_worth_while(int64_t k, int64_t n);

  // Packs b [k, n], or its transpose [n, k].
  void pack(const float* b, int64_t ldb, bool transpose_b, ThreadPool& pool) const;

  // c [m, n] = a [m, k] * this
  void multiply(int64_t m, const float* a, int64_t lda, float* c, int64_t ldc) const;
};

}  // namespace convolt
