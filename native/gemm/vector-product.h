// A vector times a matrix whose rows lie one after the other: bound by memory, so the matrix is read once and in order.
#pragma once

#include "base/thread_pool.h"
#include "gemm/sgemm.h"

namespace convolt {

// True for one row of C and B as it is, and for one dense column of C and A transposed.
bool is_vector_product(const Gemm& g);

// `workspace` has `vector_product_workspace` bytes.
void vector_product(const Gemm& g, ThreadPool& pool, void* workspace);
int64_t vector_product_workspace(const Gemm& g);

}  // namespace convolt
