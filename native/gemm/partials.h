// Sums that several tasks share: each writes a partial one, and they are added in a fixed order.
#pragma once

#include <cstdint>

#include "base/thread_pool.h"

namespace convolt {

// sum += the partial sums, `count` dense matrices of rows x columns one after the other; row r of sum is at r * ld.
void add_partials(float* sum, int64_t ld, const float* partials, int64_t count, int64_t rows, int64_t columns,
                  ThreadPool& pool);

}  // namespace convolt
