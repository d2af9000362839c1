// One panel of a product of matrices. Plain data: sources of every ISA include it.
#pragma once

#include <cstdint>

#include "loops/column-clip.h"

namespace convolt {

// c [m, n] = op(a) [m, pieces * k] * b [pieces * k, n], added to c if `add`, where n is at most the columns of a panel.
struct GemmPanel {
  int64_t m = 0, n = 0, k = 0;
  const float* a = nullptr;  // [m, k], or [k, m] if `transpose_a`; rows are lda floats apart
  int64_t lda = 0;
  const float* b = nullptr;  // rows of gemm_width(n) floats at least, ldb floats apart
  int64_t ldb = 0;
  float* c = nullptr;
  int64_t ldc = 0;
  bool transpose_a = false, add = false;
  int64_t pieces = 1, piece = 0;  // a row of a, not transposed, is cut into pieces of k floats, `piece` floats apart
  bool past_caches = false;       // whole lines of c are not read soon
  ColumnClip clip = {};           // follows; its residual lies as c does
  const float* ahead = nullptr;   // m * k floats from here on are fetched into the cache meanwhile; nullptr: rows of a
};

}  // namespace convolt
