// K-02: Winograd convolution and its gradients against plain float64 loops, within the documented errors, which are
// parts of the root mean square of the result.
#include <cmath>

#include "tests/numbers.h"

namespace convolt {
namespace {

struct Layer {
  int64_t images, rows, columns, channels, filters;
  int64_t top = 1, bottom = 1, left = 1, right = 1;
  int64_t taps = 3;

  int64_t out_rows() const { return rows + top + bottom - taps + 1; }
  int64_t out_columns() const { return columns + left + right - taps + 1; }
  std::vector<int64_t> x() const { return {images, rows, columns, channels}; }
  std::vector<int64_t> w() const { return {taps, taps, channels, filters}; }
  std::vector<int64_t> y() const { return {images, out_rows(), out_columns(), filters}; }
  std::vector<double> attributes(double algorithm) const {
    return {1, 1, double(top), double(bottom), double(left), double(right), 1, 1, 1, algorithm};
  }
};

constexpr double kDirect = 1, kWinograd = 2;
constexpr double kLargestError = 2e-5, kTypicalError = 6e-6;
constexpr double kLargestErrorOfWeights = 4e-5;  // of four or five taps, whose last products count up to 256-fold

template <typename Visit>
void products(const Layer& l, const Visit& visit) {
  for (int64_t n = 0; n < l.images; ++n)
    for (int64_t i = 0; i < l.out_rows(); ++i)
      for (int64_t j = 0; j < l.out_columns(); ++j)
        for (int64_t u = 0; u < l.taps; ++u)
          for (int64_t v = 0; v < l.taps; ++v) {
            const int64_t h = i + u - l.top, w = j + v - l.left;
            if (h < 0 || h >= l.rows || w < 0 || w >= l.columns) continue;
            const int64_t x = ((n * l.rows + h) * l.columns + w) * l.channels;
            const int64_t y = ((n * l.out_rows() + i) * l.out_columns() + j) * l.filters;
            for (int64_t c = 0; c < l.channels; ++c)
              for (int64_t k = 0; k < l.filters; ++k)
                visit(x + c, ((u * l.taps + v) * l.channels + c) * l.filters + k, y + k);
          }
}

void expect_close(const Array& actual, const std::vector<double>& expected, double largest = kLargestError) {
  double square = 0, error = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    square += expected[i] * expected[i];
    error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
  }
  const double size = std::sqrt(square / static_cast<double>(expected.size()));
  EXPECT_LE(distance(actual, expected), largest * size);
  EXPECT_LE(std::sqrt(error / static_cast<double>(expected.size())), kTypicalError * size);
}

void expect_right(const Layer& l) {
  std::mt19937 random(5);
  const Array x = random_floats(random, l.x()), w = random_floats(random, l.w()), gy = random_floats(random, l.y());
  std::vector<double> y(gy.tensor().elements()), gx(x.tensor().elements()), gw(w.tensor().elements());
  products(l, [&](int64_t i, int64_t j, int64_t k) {
    y[k] += x[i] * w[j];
    gx[i] += gy[k] * w[j];
    gw[j] += gy[k] * x[i];
  });
  SCOPED_TRACE(Shape(l.x()).to_string() + " * " + Shape(l.w()).to_string() + " " +
               testing::PrintToString(l.attributes(kWinograd)));
  const std::vector<double> attributes = l.attributes(kWinograd);
  expect_close(run_at_any_threads("conv2d", attributes, {&x, &w}, l.y()), y);
  expect_close(run_at_any_threads("conv2dGradInput", attributes, {&gy, &w}, l.x()), gx);
  expect_close(run_at_any_threads("conv2dGradWeights", attributes, {&x, &gy}, l.w()), gw,
               l.taps < 4 ? kLargestError : kLargestErrorOfWeights);
}

TEST(Winograd, WholeTiles) {
  expect_right({1, 4, 4, 1, 1});
  expect_right({2, 8, 8, 16, 16});
  expect_right({2, 16, 16, 32, 64});
}

TEST(Winograd, OddSizesAndChannels) {
  expect_right({1, 1, 1, 3, 2});
  expect_right({3, 5, 7, 17, 9});
  expect_right({2, 13, 6, 20, 33});
  expect_right({1, 9, 31, 70, 65});
}

TEST(Winograd, Padding) {
  expect_right({2, 9, 8, 12, 20, 0, 0, 0, 0});
  expect_right({2, 7, 9, 12, 20, 2, 0, 1, 3});
  expect_right({1, 6, 6, 16, 16, 4, 5, 3, 4});
}

TEST(Winograd, BlocksChunksAndSlabs) {
  expect_right({12, 20, 20, 24, 16});   // a task for each block of lines, and for each chunk of the sums
  expect_right({3, 7, 7, 160, 96});     // tasks that share the transformed input, more than one slab
  expect_right({30, 12, 12, 128, 80});  // large weights
}

TEST(Winograd, RandomShapes) {
  std::mt19937 random(3);
  for (int i = 0; i < 60; ++i) {
    const auto pick = [&](int64_t least, int64_t most) { return random_integer(random, least, most); };
    const Layer l = {pick(1, 4), pick(2, 18), pick(2, 18), pick(1, 40), pick(1, 40),
                     pick(0, 2), pick(0, 2),  pick(0, 2),  pick(0, 2)};
    if (l.out_rows() > 0 && l.out_columns() > 0) expect_right(l);
  }
}

// Every window that the six points serve, alone and in the shapes that the tests above have for 3 x 3.
class WinogradTaps : public testing::TestWithParam<int64_t> {};
INSTANTIATE_TEST_SUITE_P(TwoToFive, WinogradTaps, testing::Values(2, 4, 5));

TEST_P(WinogradTaps, AllPasses) {
  const int64_t taps = GetParam(), before = (taps - 1) / 2, after = taps / 2;
  const auto same = [&](int64_t images, int64_t rows, int64_t columns, int64_t channels, int64_t filters) {
    expect_right({images, rows, columns, channels, filters, before, after, before, after, taps});
  };
  same(1, 1, 1, 3, 2);
  same(2, 14, 14, 32, 64);
  same(3, 5, 7, 17, 9);
  same(1, 9, 31, 70, 65);
  same(12, 20, 20, 24, 16);   // a task for each block of lines, and for each chunk of the sums
  same(3, 7, 7, 160, 96);     // tasks that share the transformed input, more than one slab
  same(30, 12, 12, 128, 80);  // large weights
  expect_right({2, 9, 8, 12, 20, 0, 0, 0, 0, taps});
  expect_right({2, 7, 9, 12, 20, taps - 1, 0, 1, taps, taps});
}

TEST_P(WinogradTaps, RandomShapes) {
  std::mt19937 random(static_cast<uint32_t>(GetParam()));
  for (int i = 0; i < 40; ++i) {
    const auto pick = [&](int64_t least, int64_t most) { return random_integer(random, least, most); };
    const Layer l = {pick(1, 4), pick(2, 18), pick(2, 18), pick(1, 40), pick(1, 40),
                     pick(0, 3), pick(0, 3),  pick(0, 3),  pick(0, 3),  GetParam()};
    if (l.out_rows() > 0 && l.out_columns() > 0) expect_right(l);
  }
}

struct Choice {
  Array direct, winograd, automatic;
};

Choice forward(const Layer& l) {
  std::mt19937 random(9);
  const Array x = random_floats(random, l.x()), w = random_floats(random, l.w());
  const auto run = [&](double algorithm) {
    return run_at_any_threads("conv2d", l.attributes(algorithm), {&x, &w}, l.y());
  };
  return {run(kDirect), run(kWinograd), run(0)};
}

bool same_bits(const Array& a, const Array& b) {
  return std::memcmp(a.tensor().data, b.tensor().data, a.tensor().bytes()) == 0;
}

// What the choice is for: both algorithms are computed, and they differ in their rounding only.
TEST(Winograd, TheAlgorithmIsTakenAsAsked) {
  for (const Layer& l : {Layer{4, 16, 16, 32, 32}, Layer{4, 16, 16, 32, 32, 2, 2, 2, 2, 5}}) {
    const Choice y = forward(l);
    EXPECT_FALSE(same_bits(y.direct, y.winograd));
    EXPECT_TRUE(same_bits(y.automatic, y.winograd));
    expect_close(y.winograd, y.direct.numbers());
  }
}

// Tiles that reach far beyond small images, few tiles and few channels.
TEST(Winograd, IsNotTakenWhereItSavesTooLittle) {
  for (const Layer& l : {Layer{20, 2, 2, 32, 32}, Layer{2, 8, 8, 32, 32}, Layer{4, 16, 16, 7, 32},
                         Layer{4, 16, 16, 12, 12, 1, 2, 1, 2, 4}, Layer{4, 16, 16, 24, 24, 0, 1, 0, 1, 2}}) {
    const Choice y = forward(l);
    EXPECT_TRUE(same_bits(y.automatic, y.direct)) << testing::PrintToString(l.x());
  }
}

// Windows of another stride, another number of taps or sides that differ are summed as written, whatever was asked for.
TEST(Winograd, OtherWindowsAreDirect) {
  std::mt19937 random(9);
  const Array x = random_floats(random, {2, 11, 11, 16}), w = random_floats(random, {3, 3, 16, 16});
  const std::vector<double> strided = {2, 2, 1, 1, 1, 1, 1, 1, 1};
  std::vector<double> asked = strided, direct = strided;
  asked.push_back(kWinograd);
  direct.push_back(kDirect);
  const Array a = run_at_any_threads("conv2d", asked, {&x, &w}, {2, 6, 6, 16});
  const Array b = run_at_any_threads("conv2d", direct, {&x, &w}, {2, 6, 6, 16});
  EXPECT_EQ(std::memcmp(a.tensor().data, b.tensor().data, a.tensor().bytes()), 0);
}

}  // namespace
}  // namespace convolt
