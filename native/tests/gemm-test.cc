// K-02: products of matrices against float64 sums, over sizes, transposes, batches and threads.
#include "gemm/sgemm.h"

#include <atomic>
#include <thread>

#include "tests/numbers.h"

namespace convolt {
namespace {

struct Case {
  int64_t batch, m, n, k;
  bool transpose_a, transpose_b;
};

std::vector<double> naive(const Case& c, const Array& a, const Array& b) {
  std::vector<double> y;
  for (int64_t p = 0; p < c.batch; ++p)
    for (int64_t i = 0; i < c.m; ++i)
      for (int64_t j = 0; j < c.n; ++j) {
        const int64_t at_a = p * c.m * c.k, at_b = p * c.n * c.k;
        double sum = 0;
        for (int64_t k = 0; k < c.k; ++k) {
          sum += a[at_a + (c.transpose_a ? k * c.m + i : i * c.k + k)] *
                 b[at_b + (c.transpose_b ? j * c.k + k : k * c.n + j)];
        }
        y.push_back(sum);
      }
  return y;
}

void expect_product(const Case& c) {
  std::mt19937 random(7);
  const auto matrix = [](bool transposed, int64_t rows, int64_t columns) {
    return transposed ? std::vector<int64_t>{columns, rows} : std::vector<int64_t>{rows, columns};
  };
  std::vector<int64_t> shape_a = matrix(c.transpose_a, c.m, c.k);
  std::vector<int64_t> shape_b = matrix(c.transpose_b, c.k, c.n);
  std::vector<int64_t> shape_y = {c.m, c.n};
  if (c.batch != 1) {
    shape_a.insert(shape_a.begin(), c.batch);
    shape_b.insert(shape_b.begin(), c.batch);
    shape_y.insert(shape_y.begin(), c.batch);
  }
  const Array a = random_floats(random, shape_a);
  const Array b = random_floats(random, shape_b);
  const std::vector<double> transposes = {c.transpose_a ? 1.0 : 0.0, c.transpose_b ? 1.0 : 0.0};
  const Array y = run_at_any_threads("matmul", transposes, {&a, &b}, shape_y);
  const double k = static_cast<double>(c.k);
  EXPECT_LE(distance(y, naive(c, a, b)), 1e-6 * (1 + std::sqrt(k)) + 5e-8 * k)  // k roundings of one running sum
      << c.batch << " of [" << c.m << ", " << c.k << "] x [" << c.k << ", " << c.n << "], transposed " << c.transpose_a
      << c.transpose_b;
}

TEST(Gemm, SizesAndTransposes) {
  for (const bool transpose_a : {false, true})
    for (const bool transpose_b : {false, true})
      for (const int64_t m : {1, 2, 7, 64, 129})
        for (const int64_t n : {1, 2, 7, 64, 129})
          for (const int64_t k : {1, 2, 7, 64, 129}) expect_product({1, m, n, k, transpose_a, transpose_b});
}

TEST(Gemm, CutIntoPieces) {
  for (const bool transpose_a : {false, true})
    for (const bool transpose_b : {false, true}) {
      expect_product({1, 200, 300, 250, transpose_a, transpose_b});
      expect_product({1, 20, 11, 20000, transpose_a, transpose_b});  // the sum is cut
      expect_product({1, 1, 700, 900, transpose_a, transpose_b});
      expect_product({1, 700, 1, 900, transpose_a, transpose_b});
      expect_product({1, 1, 1, 900000, transpose_a, transpose_b});
    }
}

TEST(Gemm, Batches) {
  for (const bool transpose_a : {false, true})
    for (const bool transpose_b : {false, true}) {
      expect_product({70, 5, 6, 7, transpose_a, transpose_b});
      expect_product({3, 120, 110, 100, transpose_a, transpose_b});
      expect_product({2, 9, 8, 9000, transpose_a, transpose_b});
    }
}

TEST(Gemm, NothingToSum) {
  const Array a = floats({3, 0}), b = floats({0, 2}), y = floats({3, 2});
  expect_ok(run_kernel("matmul", {0, 0}, {&a, &b}, {&y}));
  EXPECT_EQ(y.numbers(), std::vector<double>(6, 0.0));
  for (const Case& c : {Case{1, 0, 4, 5, false, false}, Case{1, 4, 0, 5, true, true}, Case{0, 4, 3, 5, false, true}}) {
    expect_product(c);
  }
}

TEST(Gemm, Accumulates) {
  const float a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8};
  float c[] = {100, 200, 300, 400};
  sgemm({.m = 2, .n = 2, .k = 2, .a = a, .lda = 2, .b = b, .ldb = 2, .c = c, .ldc = 2, .accumulate = true});
  EXPECT_EQ(std::vector<float>(c, c + 4), (std::vector<float>{119, 222, 343, 450}));
}

TEST(Gemm, RefusesMisfits) {
  const Array a = floats({2, 3}), b = floats({4, 5}), y = floats({2, 5});
  expect_fails(run_kernel("matmul", {0, 0}, {&a, &b}, {&y}), Code::kShape, "matmul: expected matrices to fit together");
  const Array other = floats({3, 5}), too_high = floats({2, 3, 5}), vector = floats({3});
  expect_fails(run_kernel("matmul", {0, 0}, {&a, &other}, {&a}), Code::kShape, "the output to be [2, 5]");
  expect_fails(run_kernel("matmul", {0, 0}, {&a, &too_high}, {&y}), Code::kShape, "[2, 3] and [2, 3, 5]");
  expect_fails(run_kernel("matmul", {0, 0}, {&vector, &other}, {&y}), Code::kShape, "[3] and [3, 5]");
}

// Two threads that call BLAS at once get the same bits as one thread alone: the linked library may be shared.
TEST(Gemm, ThreadsDoNotDisturbEachOther) {
  constexpr int64_t kSides[] = {12, 33, 64, 96};
  constexpr int64_t kMost = 96 * 96;
  std::mt19937 random(3);
  const Array a = random_floats(random, {kMost}), b = random_floats(random, {kMost});
  const auto multiply = [&](int64_t side, float* c) {
    sgemm({.m = side,
           .n = side,
           .k = side,
           .a = a.as<float>(),
           .lda = side,
           .b = b.as<float>(),
           .ldb = side,
           .c = c,
           .ldc = side});
  };
  std::vector<std::vector<float>> expected;
  for (const int64_t side : kSides) multiply(side, expected.emplace_back(side * side).data());
  std::atomic<int> wrong = 0;
  const auto work = [&] {
    std::vector<float> c(kMost);
    for (int i = 0; i < 20000; ++i) {
      const std::vector<float>& right = expected[i % std::size(kSides)];
      multiply(kSides[i % std::size(kSides)], c.data());
      wrong += !std::equal(right.begin(), right.end(), c.begin());
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace convolt
