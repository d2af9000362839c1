// Kernels that pick and put by index (gather, scatterAdd, oneHot, sequenceMask, along-axis, topK, argmax) and
// checkFinite.
#include <cmath>
#include <limits>

#include "tests/run-kernel.h"

namespace convolt {
namespace {

using Numbers = std::vector<double>;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Gather, BytesOfAResidentDataset) {
  Numbers pixels(500 * 784);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<int>(i * 7) % 256;
  const Array images(DType::kUint8, {500, 784}, pixels);
  Numbers picked(128);
  for (size_t i = 0; i < picked.size(); ++i) picked[i] = static_cast<double>(i * i % 500);
  const Array indices = ints({128}, picked);
  const Array y(DType::kUint8, {128, 784});
  expect_ok(run_kernel("gather", {0}, {&images, &indices}, {&y}, 2));
  for (int64_t i = 0; i < 128; ++i) {
    for (int64_t j = 0; j < 784; ++j) ASSERT_EQ(y[i * 784 + j], pixels[static_cast<int64_t>(picked[i]) * 784 + j]);
  }
}

TEST(Gather, AnInnerAxis) {
  const Array x = floats({2, 3, 2}, counting(12));
  const Array indices = ints({2, 2}, {2, 0, 1, 1});
  const Array y = floats({2, 2, 2, 2});
  expect_ok(run_kernel("gather", {1}, {&x, &indices}, {&y}));
  EXPECT_EQ(y.numbers(), (Numbers{4, 5, 0, 1, 2, 3, 2, 3, 10, 11, 6, 7, 8, 9, 8, 9}));
}

TEST(ScatterAdd, SumsEqualIndicesInOrderAtAnyThreadCount) {
  const int64_t n = 3000;
  Numbers picked(n);
  Numbers numbers(n * 100);
  for (int64_t i = 0; i < n; ++i) picked[i] = static_cast<double>(i * i % 13);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::sin(static_cast<double>(i));
  const Array indices = ints({n}, picked);
  const Array updates = floats({n, 100}, numbers);
  const Array one = floats({14, 100});
  const Array three = floats({14, 100});
  expect_ok(run_kernel("scatterAdd", {0}, {&indices, &updates}, {&one}, 1));
  expect_ok(run_kernel("scatterAdd", {0}, {&indices, &updates}, {&three}, 3));
  std::vector<float> expected(14 * 100, 0);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < 100; ++j) {
      expected[static_cast<int64_t>(picked[i]) * 100 + j] += static_cast<float>(numbers[i * 100 + j]);
    }
  }
  EXPECT_EQ(one.numbers(), Numbers(expected.begin(), expected.end()));
  EXPECT_EQ(three.numbers(), one.numbers());
}

TEST(Indices, OutOfRangeIsRefusedAndNamed) {
  const Array table = floats({10, 2}, counting(20));
  const Array scalars = floats({1, 10}, counting(10));
  const Array updates = floats({1, 2});
  for (const double wrong : {12.0, 10.0, -1.0}) {
    const Array index = ints({1}, {wrong});
    const Array row = ints({1, 2}, {3, wrong});
    const Array y = floats({1, 2});
    const Array hot = floats({1, 10});
    const Array sums = floats({10, 2});
    const auto refuse = [&](const char* name, const Numbers& attributes, const std::vector<const Array*>& inputs,
                            const Array& output) {
      expect_fails(run_kernel(name, attributes, inputs, {&output}), Code::kValue,
                   std::string(name) + ": expected every index to be between 0 and 9 but got " +
                       std::to_string(static_cast<int>(wrong)));
    };
    refuse("gather", {0}, {&table, &index}, y);
    refuse("scatterAdd", {0}, {&index, &updates}, sums);
    refuse("oneHot", {}, {&index}, hot);
    refuse("takeAlongAxis", {}, {&scalars, &row}, y);
    refuse("putAlongAxis", {}, {&row, &updates}, hot);
  }
}

TEST(OneHot, Rows) {
  const Array indices = ints({2, 2}, {0, 2, 1, 2});
  const Array y = floats({2, 2, 3});
  expect_ok(run_kernel("oneHot", {}, {&indices}, {&y}));
  EXPECT_EQ(y.numbers(), (Numbers{1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1}));
}

TEST(SequenceMask, StepsThatAreThere) {
  const Array lengths = ints({2}, {1, 3});
  const Array y(DType::kBool, {2, 3});
  expect_ok(run_kernel("sequenceMask", {}, {&lengths}, {&y}));
  EXPECT_EQ(y.numbers(), (Numbers{1, 0, 0, 1, 1, 1}));
  for (const double wrong : {0.0, 4.0, -1.0}) {
    const Array outside = ints({2}, {2, wrong});
    expect_fails(
        run_kernel("sequenceMask", {}, {&outside}, {&y}), Code::kValue,
        "sequenceMask: expected every length to be between 1 and 3 but got " + std::to_string(static_cast<int>(wrong)));
  }
}

TEST(AlongAxis, TakeAndPutAreAdjoint) {
  const Array x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const Array indices = ints({2, 2}, {2, 2, 0, 1});
  const Array y = floats({2, 2});
  expect_ok(run_kernel("takeAlongAxis", {}, {&x, &indices}, {&y}));
  EXPECT_EQ(y.numbers(), (Numbers{3, 3, 4, 5}));
  const Array back = floats({2, 3});
  expect_ok(run_kernel("putAlongAxis", {}, {&indices, &y}, {&back}));
  EXPECT_EQ(back.numbers(), (Numbers{0, 0, 6, 4, 5, 0}));
}

TEST(TopK, TiesAndNaN) {
  const Array x = floats({2, 5}, {1, 3, 3, 2, 3, -kInfinity, NAN, 7, NAN, kInfinity});
  const Array values = floats({2, 4});
  const Array indices = ints({2, 4});
  expect_ok(run_kernel("topK", {}, {&x}, {&values, &indices}));
  EXPECT_EQ(indices.numbers(), (Numbers{1, 2, 4, 3, 1, 3, 4, 2}));
  EXPECT_EQ(values[3], 2);
  EXPECT_TRUE(std::isnan(values[4]) && std::isnan(values[5]));
  EXPECT_EQ(values[6], kInfinity);
  const Array too_many = floats({2, 6});
  expect_fails(run_kernel("topK", {}, {&x}, {&too_many, &indices}), Code::kShape, "topK: expected the values");
}

TEST(Argmax, FirstOfTiesAndNaN) {
  const Array x = floats({3, 4}, {1, 5, 5, 0, NAN, 9, NAN, 1, -kInfinity, -kInfinity, -kInfinity, -kInfinity});
  const Array rows = ints({3});
  expect_ok(run_kernel("argmax", {1}, {&x}, {&rows}));
  EXPECT_EQ(rows.numbers(), (Numbers{1, 0, 0}));
  expect_ok(run_kernel("argmin", {1}, {&x}, {&rows}));
  EXPECT_EQ(rows.numbers(), (Numbers{3, 0, 0}));
  const Array columns = ints({4});
  expect_ok(run_kernel("argmax", {0}, {&x}, {&columns}));
  EXPECT_EQ(columns.numbers(), (Numbers{1, 1, 1, 1}));
  expect_fails(run_kernel("argmax", {2}, {&x}, {&rows}), Code::kShape, "argmax: expected the axis");
}

TEST(CheckFinite, NamesTheFirstElement) {
  for (const int64_t n : {1, 15, 16, 17, 70000}) {
    Numbers numbers(n, 3.0e38);
    const Array good = floats({n}, numbers);
    const Array y = ints({});
    expect_ok(run_kernel("checkFinite", {}, {&good}, {&y}, 2));
    EXPECT_EQ(y[0], 0);
    for (const float wrong : {NAN, kInfinity, -kInfinity}) {
      numbers[n - 1] = wrong;
      const Array bad = floats({n}, numbers);
      const std::string shown = std::isnan(wrong) ? "NaN" : wrong > 0 ? "Infinity" : "-Infinity";
      expect_fails(run_kernel("checkFinite", {}, {&bad}, {&y}, 2), Code::kNotFinite,
                   "checkFinite: expected every element to be finite but got " + shown + " (element " +
                       std::to_string(n - 1) + " of " + std::to_string(n) + ")");
    }
  }
}

}  // namespace
}  // namespace convolt
