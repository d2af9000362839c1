// softmax and log-softmax of rows of every length, of huge scores, in place, on every ISA of this machine.
#include <cmath>

#include "base/cpu.h"
#include "loops/loops.h"
#include "tests/run-kernel.h"

namespace convolt {
namespace {

std::vector<double> softmax_of(const std::vector<double>& x) {
  const double top = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const double value : x) sum += std::exp(value - top);
  std::vector<double> y;
  for (const double value : x) y.push_back(std::exp(value - top) / sum);
  return y;
}

class SoftmaxTest : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!is_supported(GetParam())) GTEST_SKIP() << "not on this machine";
  }
};

TEST_P(SoftmaxTest, RowsOfEveryLength) {
  const Loops& loops = loops_of(GetParam());
  for (const int64_t n : {1, 2, 3, 7, 10, 15, 16, 17, 33, 63, 100, 511, 1000, 1023, 1024, 1025, 2100}) {
    const int64_t rows = n < 20 ? 150 : 3;
    std::vector<float> x(rows * n);
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(7 * std::sin(static_cast<double>(i * i)));
    std::vector<float> y(x.size() + 1, 42.0f);
    std::vector<float> log_y(x.size() + 1, 42.0f);
    loops.softmax_rows(y.data(), x.data(), rows, n);
    loops.log_softmax_rows(log_y.data(), x.data(), rows, n);
    for (int64_t r = 0; r < rows; ++r) {
      const std::vector<double> expected = softmax_of({x.begin() + r * n, x.begin() + (r + 1) * n});
      for (int64_t i = 0; i < n; ++i) {
        ASSERT_NEAR(y[r * n + i], expected[i], 1e-6 * expected[i] + 1e-12) << n;
        ASSERT_NEAR(log_y[r * n + i], std::log(expected[i]), 4e-6) << n;
      }
    }
    EXPECT_EQ(y.back(), 42.0f);
    EXPECT_EQ(log_y.back(), 42.0f);
    loops.softmax_rows(x.data(), x.data(), rows, n);
    EXPECT_TRUE(std::equal(x.begin(), x.end(), y.begin())) << "in place, " << n;
  }
}

TEST_P(SoftmaxTest, HugeScoresAndInfinities) {
  const Loops& loops = loops_of(GetParam());
  const float infinity = std::numeric_limits<float>::infinity();
  const float x[] = {1e4f, 1e4f, -1e4f, 0, -infinity, 0, NAN, 1, 2, -infinity, -infinity, -infinity};
  float y[12];
  loops.softmax_rows(y, x, 4, 3);
  EXPECT_EQ(std::vector<float>(y, y + 6), (std::vector<float>{0.5f, 0.5f, 0, 0.5f, 0, 0.5f}));
  for (int i = 6; i < 12; ++i) EXPECT_TRUE(std::isnan(y[i])) << i;
  loops.log_softmax_rows(y, x, 4, 3);
  EXPECT_NEAR(y[0], -std::log(2.0), 1e-6);
  EXPECT_NEAR(y[2], -2e4 - std::log(2.0), 2e-3);
  EXPECT_EQ(y[4], -infinity);
  for (int i = 6; i < 12; ++i) EXPECT_TRUE(std::isnan(y[i])) << i;
}

INSTANTIATE_TEST_SUITE_P(EveryIsa, SoftmaxTest, testing::Values(Isa::kGeneric, Isa::kAvx2, Isa::kAvx512));

TEST(Softmax, KernelHasTheNumbersOfTheTextbook) {
  const Array x = floats({1, 3}, {1, 2, 3});
  const Array y = floats({1, 3});
  expect_ok(run_kernel("softmax", {}, {&x}, {&y}));
  EXPECT_NEAR(y[0], 0.090031, 1e-6);
  EXPECT_NEAR(y[1], 0.244728, 1e-6);
  EXPECT_NEAR(y[2], 0.665241, 1e-6);
}

TEST(Softmax, AnyThreadCountGivesTheSame) {
  std::vector<double> numbers(700 * 77);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::cos(static_cast<double>(i));
  const Array x = floats({700, 77}, numbers);
  for (const char* name : {"softmax", "logSoftmax"}) {
    const Array one = floats({700, 77});
    const Array three = floats({700, 77});
    expect_ok(run_kernel(name, {}, {&x}, {&one}, 1));
    expect_ok(run_kernel(name, {}, {&x}, {&three}, 3));
    EXPECT_EQ(one.numbers(), three.numbers());
  }
}

TEST(Softmax, EmptyAndWrongOperands) {
  const Array empty = floats({0, 3});
  const Array also_empty = floats({3, 0});
  expect_ok(run_kernel("softmax", {}, {&empty}, {&empty}));
  expect_ok(run_kernel("logSoftmax", {}, {&also_empty}, {&also_empty}));
  const Array y = floats({3, 1});
  expect_fails(run_kernel("softmax", {}, {&empty}, {&y}), Code::kShape, "softmax: expected the output to be [0, 3]");
  const Array scalar = floats({});
  expect_fails(run_kernel("logSoftmax", {}, {&scalar}, {&scalar}), Code::kShape, "logSoftmax: expected the axis");
}

}  // namespace
}  // namespace convolt
