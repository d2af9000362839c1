// Decompositions and Fourier transforms: what they are made of comes back.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "linalg/decompositions.h"
#include "linalg/fourier.h"

namespace convolt {
namespace {

std::vector<double> noise(int64_t count, uint32_t state = 1) {
  std::vector<double> values(count);
  for (double& value : values) {
    state = state * 1664525u + 1013904223u;
    value = state / 2147483648.0 - 1;
  }
  return values;
}

TEST(SingularValues, MakeTheMatrix) {
  for (const auto& [m, n] : std::initializer_list<std::pair<int64_t, int64_t>>{{1, 1}, {5, 3}, {3, 5}, {40, 33}}) {
    const int64_t rank = std::min(m, n);
    const std::vector<double> a = noise(m * n);
    std::vector<double> u(m * rank), s(rank), v(n * rank);
    ASSERT_TRUE(singular_values(m, n, a.data(), u.data(), s.data(), v.data()).is_ok());
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t r = 0; r < rank; ++r) sum += u[i * rank + r] * s[r] * v[j * rank + r];
        EXPECT_NEAR(sum, a[i * n + j], 1e-12);
      }
    }
  }
}

TEST(SingularValues, RefuseWhatIsNotFinite) {
  const double a = NAN;
  double u = 0, s = 0, v = 0;
  EXPECT_EQ(singular_values(1, 1, &a, &u, &s, &v).code(), Code::kNotFinite);
}

TEST(Cholesky, RefusesWhatIsNotPositiveDefinite) {
  const std::vector<double> a = {1, 2, 2, 1};
  std::vector<double> l(4);
  EXPECT_EQ(cholesky(2, a.data(), l.data()).code(), Code::kValue);
}

TEST(EmptyMatrices, HaveEmptyResults) {
  EXPECT_TRUE(singular_values(0, 3, nullptr, nullptr, nullptr, nullptr).is_ok());
  EXPECT_TRUE(symmetric_eigen(0, nullptr, nullptr, nullptr).is_ok());
  EXPECT_TRUE(cholesky(0, nullptr, nullptr).is_ok());
}

template <typename T>
void check_fourier(int64_t n, double tolerance) {
  const std::vector<double> drawn = noise(2 * n, static_cast<uint32_t>(n));
  std::vector<T> re(drawn.begin(), drawn.begin() + n), im(drawn.begin() + n, drawn.end());
  std::vector<T> y_re(n), y_im(n), half_re(n / 2 + 1), half_im(n / 2 + 1), x(n);
  Fourier<T> fourier(n);
  fourier.transform(re.data(), im.data(), y_re.data(), y_im.data(), false);
  for (int64_t k = 0; k < n; ++k) {
    double a = 0, b = 0;
    for (int64_t j = 0; j < n; ++j) {
      const double angle = -2 * std::numbers::pi * static_cast<double>(j * k % n) / static_cast<double>(n);
      a += re[j] * std::cos(angle) - im[j] * std::sin(angle);
      b += re[j] * std::sin(angle) + im[j] * std::cos(angle);
    }
    EXPECT_NEAR(y_re[k], a, tolerance) << n;
    EXPECT_NEAR(y_im[k], b, tolerance) << n;
  }
  fourier.transform(y_re.data(), y_im.data(), y_re.data(), y_im.data(), true);
  fourier.forward_real(re.data(), half_re.data(), half_im.data());
  fourier.inverse_real(half_re.data(), half_im.data(), x.data());
  for (int64_t j = 0; j < n; ++j) {
    EXPECT_NEAR(y_re[j], re[j], tolerance) << n;
    EXPECT_NEAR(x[j], re[j], tolerance) << n;
  }
}

TEST(Fourier, EveryLength) {
  for (const int64_t n : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 25, 49, 64, 97, 100, 121, 1000}) {
    check_fourier<double>(n, 1e-10 * std::sqrt(n));
    check_fourier<float>(n, 1e-5 * std::sqrt(n));
  }
}

}  // namespace
}  // namespace convolt
