// Products with weights packed beforehand and with tails: the same bits, and every row handed on once, when it is
// final.
#include <atomic>

#include "tests/numbers.h"

namespace convolt {
namespace {

// Copies the rows that it is given, and counts its calls.
class Copier final : public Tail {
 public:
  Copier(const Array& y, int64_t ranges) : calls_(ranges), copy_(floats(shape_of(y))), y_(y) {}

  void run(int64_t range, int64_t begin, int64_t end, int) override {
    ASSERT_GE(range, 0);
    ASSERT_LT(range, static_cast<int64_t>(calls_.size()));
    ++calls_[range];
    rows_ += end - begin;
    const int64_t row = y_.tensor().shape.last();
    std::memcpy(static_cast<float*>(copy_.tensor().data) + begin * row, y_.as<float>() + begin * row,
                static_cast<size_t>((end - begin) * row) * sizeof(float));
  }
  void expect_complete() const {
    for (const auto& calls : calls_) EXPECT_EQ(calls, 1);
    EXPECT_EQ(rows_ * y_.tensor().shape.last(), y_.tensor().elements());
    EXPECT_EQ(std::memcmp(copy_.tensor().data, y_.tensor().data, y_.tensor().bytes()), 0);
  }

 private:
  static std::vector<int64_t> shape_of(const Array& y) {
    std::vector<int64_t> shape;
    for (int axis = 0; axis < y.tensor().shape.rank(); ++axis) shape.push_back(y.tensor().shape[axis]);
    return shape;
  }
  std::vector<std::atomic<int>> calls_;
  std::atomic<int64_t> rows_ = 0;
  Array copy_;
  const Array& y_;
};

struct Case {
  const char* kernel;
  std::vector<double> attributes;
  std::vector<int64_t> a, b, y;
  bool prepares, hands_on;
};

void run(const Case& c, const Array& a, const Array& b, const Array& y, bool constant, bool with_tail, int threads) {
  const Tensor inputs[] = {a.tensor(), b.tensor()}, outputs[] = {y.tensor()};
  AttributeReader read(c.attributes);
  const std::unique_ptr<Kernel> kernel = find_kernel(c.kernel)(read);
  ThreadPool pool(threads);
  Operands operands{.inputs = inputs, .outputs = outputs, .constants = constant ? 2u : 0u, .pool = &pool};
  expect_ok(kernel->check(operands));
  AlignedBuffer workspace, prepared;
  const int64_t bytes = kernel->prepared_bytes(operands);
  EXPECT_EQ(bytes > 0, constant && c.prepares);
  expect_ok(prepared.allocate(bytes));
  if (bytes > 0) {
    operands.prepared = prepared.data();
    kernel->prepare(operands);
  }
  expect_ok(workspace.allocate(kernel->workspace(operands, threads)));
  operands.workspace = workspace.data();
  const int64_t ranges = kernel->tail_ranges(operands);
  EXPECT_EQ(ranges > 0, c.hands_on);
  Copier tail(y, ranges);
  if (with_tail && ranges > 0) operands.tail = &tail;
  expect_ok(kernel->run(operands));
  if (operands.tail) tail.expect_complete();
}

void expect_equal(const Case& c) {
  SCOPED_TRACE(std::string(c.kernel) + " " + Shape(c.a).to_string() + ", " + Shape(c.b).to_string());
  std::mt19937 random(3);
  const Array a = random_floats(random, c.a), b = random_floats(random, c.b), expected = floats(c.y);
  run(c, a, b, expected, false, false, 1);
  for (const bool constant : {false, true}) {
    for (const int threads : {1, 2, 3}) {
      const Array y = floats(c.y);
      run(c, a, b, y, constant, true, threads);
      EXPECT_LE(distance(y, expected.numbers()), 2e-5);
    }
  }
}

std::vector<double> conv(double stride, double padding, double dilation, double groups) {
  return {stride, stride, padding, padding, padding, padding, dilation, dilation, groups, 1};
}

TEST(Product, PreparedConvolutions) {
  for (const int64_t side : {7, 28}) {
    for (const int64_t images : {1, 3}) {
      const int64_t half = (side + 1) / 2;
      expect_equal(
          {"conv2d", conv(1, 0, 1, 1), {images, side, side, 40}, {1, 1, 40, 72}, {images, side, side, 72}, true, true});
      expect_equal(
          {"conv2d", conv(1, 1, 1, 1), {images, side, side, 20}, {3, 3, 20, 33}, {images, side, side, 33}, true, true});
      expect_equal(
          {"conv2d", conv(2, 1, 1, 1), {images, side, side, 16}, {3, 3, 16, 48}, {images, half, half, 48}, true, true});
      expect_equal(
          {"conv2d", conv(1, 2, 2, 4), {images, side, side, 16}, {3, 3, 4, 32}, {images, side, side, 32}, true, true});
    }
  }
}

TEST(Product, PreparedAdjoints) {
  for (const int64_t side : {7, 28}) {
    expect_equal(
        {"conv2dGradInput", conv(1, 0, 1, 1), {1, side, side, 72}, {1, 1, 40, 72}, {1, side, side, 40}, true, true});
    expect_equal(
        {"conv2dGradInput", conv(1, 1, 1, 1), {1, side, side, 33}, {3, 3, 20, 33}, {1, side, side, 20}, true, true});
  }
}

TEST(Product, PreparedMatrices) {
  for (const int64_t m : {2, 50, 700}) {
    expect_equal({"matmul", {0, 0}, {m, 300}, {300, 129}, {m, 129}, true, true});
    expect_equal({"matmul", {0, 1}, {m, 70}, {64, 70}, {m, 64}, true, true});
  }
  expect_equal({"matmul", {0, 0}, {1, 300}, {300, 129}, {1, 129}, false, true});
  expect_equal({"matmul", {1, 0}, {2000, 40}, {2000, 64}, {40, 64}, false, true});
  expect_equal({"matmul", {0, 0}, {3, 50, 40}, {3, 40, 64}, {3, 50, 64}, true, false});
}

// Large enough for A to be turned first.
TEST(Products, OfALargeTransposedMatrix) {
  std::mt19937 random(3);
  constexpr int64_t k = 515, m = 131, n = 512;
  const Array a = random_floats(random, {k, m}), b = random_floats(random, {k, n});
  const Array y = run_at_any_threads("matmul", {1, 0}, {&a, &b}, {m, n});
  std::vector<double> expected(m * n);
  for (int64_t p = 0; p < k; ++p) {
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) expected[i * n + j] += a[p * m + i] * b[p * n + j];
    }
  }
  EXPECT_LE(distance(y, expected), 1e-4);
}

}  // namespace
}  // namespace convolt
