// Products of matrices on the pool, by our own register tiles or by BLAS, whichever is quicker.
#pragma once

#include "base/thread_pool.h"
#include "gemm/after-rows.h"
#include "gemm/cut.h"
#include "gemm/sgemm.h"

namespace convolt {

// Equal products on operands that lie a fixed distance apart, in elements.
struct GemmBatch {
  int64_t count = 1;
  int64_t stride_a = 0;
  int64_t stride_b = 0;
  int64_t stride_c = 0;
};

struct Product {
  Gemm gemm;  // without `accumulate`
  GemmBatch batch = {};
  const float* prepared = nullptr;  // what `prepare_product` made of B, or nullptr
};

// `workspace` has `product_workspace` bytes. `after` is called for `product_ranges` ranges of rows of C.
void multiply(const Product& product, ThreadPool& pool, void* workspace, const AfterRows& after = {});
int64_t product_workspace(const Product& product, int threads);

// B packed once, for a product whose B never changes; 0 bytes where nothing is gained.
int64_t prepared_product_bytes(const Product& product);
void prepare_product(const Product& product, ThreadPool& pool, void* prepared);

// Ranges of rows of C that `after` can follow; 0 where C's rows are not whole ones of a dense matrix.
int64_t product_ranges(const Product& product);

// True where our own tiles are quicker than BLAS when B has to be packed, as bench/gemm.cc measures: the product is not
// small, C's columns fill whole vectors, and either B stays in the cache or there are rows enough to share it; with A
// transposed, the sum is long and C small, or the sum short and vectors are wide. A prepared B is always multiplied by
// our own tiles.
bool chooses_own(const Gemm& g);

}  // namespace convolt
