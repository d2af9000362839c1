// Helpers for `check` and for index values, beyond those of kernel.h.
#pragma once

#include "kernels/kernel.h"

namespace convolt {

Status expect_shape(const char* kernel, const char* what, const Tensor& tensor, const Shape& shape);

Status expect_axis(const char* kernel, int64_t axis, const Shape& shape);

// Every one of `count` indices lies in [0, limit).
Status expect_indices(const char* kernel, const int32_t* indices, int64_t count, int64_t limit);

// Every one of `count` lengths of sequences lies in [1, steps].
Status expect_lengths(const char* kernel, const int32_t* lengths, int64_t count, int64_t steps);

}  // namespace convolt
