// Dense linear algebra in double, through Eigen. Matrices are row-major.
#pragma once

#include <cstdint>

#include "base/status.h"

namespace convolt {

// a [m, n] = u [m, r] diag(s [r]) v^T [r, n] with r = min(m, n), s falling; the largest component of each column of v
// [n, r] is positive.
Status singular_values(int64_t m, int64_t n, const double* a, double* u, double* s, double* v);

// a [n, n] = vectors diag(values) vectors^T of a symmetric matrix (its lower half is read), values falling; the largest
// component of each column of `vectors` is positive.
Status symmetric_eigen(int64_t n, const double* a, double* values, double* vectors);

// a [n, n] = l l^T of a symmetric, positive definite matrix (its lower half is read).
Status cholesky(int64_t n, const double* a, double* l);

// The x [n, k] of least |a x - b|, and of those the shortest: a [m, n], b [m, k].
Status least_squares(int64_t m, int64_t n, int64_t k, const double* a, const double* b, double* x);

// The x [n, k] of a x = b, where `a` [n, n] is zero above (lower) or below its diagonal: that half is not read.
Status triangular_solve(int64_t n, int64_t k, bool lower, const double* a, const double* b, double* x);

}  // namespace convolt
