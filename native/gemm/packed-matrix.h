// A matrix packed into panels of columns, as the register tiles of gemm_rows read it, and products with it.
#pragma once

#include <cstdint>

#include "base/thread_pool.h"
#include "gemm/cut.h"
#include "loops/column-clip.h"

namespace convolt {

// A matrix [k, n] of which `packed` holds panels [k, panel], the last one filled up with zeros.
struct PackedMatrix {
  int64_t k, n;
  float* packed;

  static int64_t panel();
  static int64_t floats(int64_t k, int64_t n);

  // Packs b [k, n], or its transpose [n, k].
  void pack(const float* b, int64_t ldb, bool transpose_b) const;
  void pack(const float* b, int64_t ldb, bool transpose_b, ThreadPool& pool) const;

  // Packs panel i of the given rows; b begins with the first of them.
  void pack_panel(int64_t i, Range rows, const float* b, int64_t ldb, bool transpose_b) const;
  int64_t panels() const { return ceil_div(n, panel()); }

  // c [m, columns] = a [m, k] * this, added to c if `add`; column 0 of c is the first one of `columns`, which begin at
  // a multiple of panel(). `clip` follows, with the bias of column 0 of this matrix
  // and a residual that lies as c does.
  // `past_caches`: c is not read soon; the caller ends the stream.
  void multiply(Range columns, int64_t m, const float* a, int64_t lda, float* c, int64_t ldc, bool add = false,
                const ColumnClip& clip = {}, bool past_caches = false) const;

  // The same for one row, as fast as memory gives the matrix; sums are rounded in another order.
  void multiply_row(Range columns, const float* a, float* c, bool add = false) const;
};

}  // namespace convolt
