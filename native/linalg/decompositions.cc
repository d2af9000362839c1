// What Eigen computes, checked, ordered and given one sign.
#include "linalg/decompositions.h"

#include <Eigen/Dense>
#include <new>
#include <string>

namespace convolt {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic>;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using In = Eigen::Map<const Rows>;
using Out = Eigen::Map<Rows>;

// Runs `body`, which gives a Status; Eigen throws only where there is no memory.
template <typename Body>
Status guarded(const char* name, const Body& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return {Code::kNative, std::string(name) + ": expected enough memory for the matrices but got none"};
  }
}

Status expect_finite(const char* name, const In& a) {
  if (a.allFinite()) return Status::ok();
  return {Code::kNotFinite, std::string(name) + ": expected every number to be finite but got one that is not"};
}

// -1 for a column whose largest component is negative.
double sign_of(const Eigen::Ref<const Eigen::VectorXd>& column) {
  Eigen::Index largest = 0;
  column.cwiseAbs().maxCoeff(&largest);
  return column[largest] < 0 ? -1 : 1;
}

}  // namespace

Status singular_values(int64_t m, int64_t n, const double* a, double* u, double* s, double* v) {
  return guarded("svd", [&]() -> Status {
    const In given(a, m, n);
    CONVOLT_TRY(expect_finite("svd", given));
    const int64_t rank = std::min(m, n);
    if (rank == 0) return Status::ok();
    const Eigen::BDCSVD<Matrix> svd(given, Eigen::ComputeThinU | Eigen::ComputeThinV);
    if (svd.info() != Eigen::Success) {
      return {Code::kNative, "svd: expected the iterations to converge but they did not"};
    }
    Out left(u, m, rank), right(v, n, rank);
    left = svd.matrixU();
    right = svd.matrixV();
    for (int64_t i = 0; i < rank; ++i) {
      s[i] = svd.singularValues()[i];
      const double sign = sign_of(svd.matrixV().col(i));
      left.col(i) *= sign;
      right.col(i) *= sign;
    }
    return Status::ok();
  });
}

Status symmetric_eigen(int64_t n, const double* a, double* values, double* vectors) {
  return guarded("symmetricEigen", [&]() -> Status {
    const In given(a, n, n);
    CONVOLT_TRY(expect_finite("symmetricEigen", given));
    if (n == 0) return Status::ok();
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(given);
    if (solver.info() != Eigen::Success) {
      return {Code::kNative, "symmetricEigen: expected the iterations to converge but they did not"};
    }
    Out columns(vectors, n, n);
    for (int64_t i = 0; i < n; ++i) {
      const auto vector = solver.eigenvectors().col(n - 1 - i);
      values[i] = solver.eigenvalues()[n - 1 - i];
      columns.col(i) = vector * sign_of(vector);
    }
    return Status::ok();
  });
}

Status cholesky(int64_t n, const double* a, double* l) {
  return guarded("cholesky", [&]() -> Status {
    const In given(a, n, n);
    CONVOLT_TRY(expect_finite("cholesky", given));
    if (n == 0) return Status::ok();
    const Eigen::LLT<Matrix> llt(given);
    if (llt.info() != Eigen::Success) {
      return {Code::kValue, "cholesky: expected the matrix to be positive definite but got one that is not"};
    }
    Out(l, n, n) = Matrix(llt.matrixL());
    return Status::ok();
  });
}

Status least_squares(int64_t m, int64_t n, int64_t k, const double* a, const double* b, double* x) {
  return guarded("leastSquares", [&]() -> Status {
    const In given(a, m, n), right(b, m, k);
    CONVOLT_TRY(expect_finite("leastSquares", given));
    CONVOLT_TRY(expect_finite("leastSquares", right));
    if (m == 0 || n == 0 || k == 0) {
      Out(x, n, k).setZero();
      return Status::ok();
    }
    Out(x, n, k) = Eigen::CompleteOrthogonalDecomposition<Matrix>(given).solve(Matrix(right));
    return Status::ok();
  });
}

Status triangular_solve(int64_t n, int64_t k, bool lower, const double* a, const double* b, double* x) {
  return guarded("triangularSolve", [&]() -> Status {
    const In given(a, n, n), right(b, n, k);
    CONVOLT_TRY(expect_finite("triangularSolve", right));
    for (int64_t i = 0; i < n; ++i) {
      if (given(i, i) == 0 || given(i, i) != given(i, i)) {
        return {Code::kValue, "triangularSolve: expected every number of the diagonal to be other than 0 but got " +
                                  std::to_string(given(i, i)) + " at " + std::to_string(i)};
      }
    }
    Out result(x, n, k);
    result = right;
    if (lower) {
      given.triangularView<Eigen::Lower>().solveInPlace(result);
    } else {
      given.triangularView<Eigen::Upper>().solveInPlace(result);
    }
    return Status::ok();
  });
}

}  // namespace convolt
