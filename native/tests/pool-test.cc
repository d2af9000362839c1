// L-05, L-06, L-16: pools and their gradients against plain float64 loops.
#include "base/caches.h"
#include "tests/numbers.h"

namespace convolt {
namespace {

struct Axis {
  int64_t input, window, stride, before, after;
  bool ceil;
  int64_t output() const {
    const int64_t room = input + before + after - window;
    const int64_t count = (ceil ? (room + stride - 1) / stride : room / stride) + 1;
    return ceil && (count - 1) * stride >= input + before ? count - 1 : count;
  }
};

struct Pool {
  int64_t images, channels;
  Axis rows, columns;

  std::vector<int64_t> x() const { return {images, rows.input, columns.input, channels}; }
  std::vector<int64_t> y() const { return {images, rows.output(), columns.output(), channels}; }
  std::vector<double> attributes() const {
    std::vector<double> numbers;
    for (const int64_t number : {rows.window, columns.window, rows.stride, columns.stride, rows.before, rows.after,
                                 columns.before, columns.after}) {
      numbers.push_back(static_cast<double>(number));
    }
    return numbers;
  }
};

// Calls visit(x, y, h * W + w) for every element of the image in every window, in rising order per window.
template <typename Visit>
void windows(const Pool& p, const Visit& visit) {
  int64_t y = 0;
  for (int64_t n = 0; n < p.images; ++n)
    for (int64_t i = 0; i < p.rows.output(); ++i)
      for (int64_t j = 0; j < p.columns.output(); ++j)
        for (int64_t c = 0; c < p.channels; ++c, ++y)
          for (int64_t u = 0; u < p.rows.window; ++u)
            for (int64_t v = 0; v < p.columns.window; ++v) {
              const int64_t h = i * p.rows.stride + u - p.rows.before, w = j * p.columns.stride + v - p.columns.before;
              if (h < 0 || h >= p.rows.input || w < 0 || w >= p.columns.input) continue;
              const int64_t place = h * p.columns.input + w;
              visit((n * p.rows.input * p.columns.input + place) * p.channels + c, y, place);
            }
}

Axis random_axis(std::mt19937& random) {
  const int64_t window = random_integer(random, 1, 4);
  return {random_integer(random, window, 12),    window,
          random_integer(random, 1, 4),          random_integer(random, 0, window - 1),
          random_integer(random, 0, window - 1), random_integer(random, 0, 1) == 1};
}

Pool random_pool(std::mt19937& random) {
  return {random_integer(random, 1, 3), random_integer(random, 1, 40), random_axis(random), random_axis(random)};
}

TEST(MaxPool, RandomShapes) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const Pool p = random_pool(random);
    SCOPED_TRACE(Shape(p.x()).to_string() + " " + testing::PrintToString(p.attributes()));
    std::vector<double> x = random_numbers(random, Shape(p.x()).elements());
    for (double& value : x) value = std::round(3 * value);  // many ties
    const Array images = floats(p.x(), x), gy = random_floats(random, p.y());
    std::vector<double> y(gy.tensor().elements(), -INFINITY), indices(y.size(), -1), gx(x.size());
    windows(p, [&](int64_t from, int64_t to, int64_t place) {
      if (indices[to] >= 0 && x[from] <= y[to]) return;
      y[to] = x[from];
      indices[to] = static_cast<double>(place);
    });
    for (const int threads : {1, 2, 3}) {
      const Array top = floats(p.y()), at = ints(p.y());
      expect_ok(run_kernel("maxPool", p.attributes(), {&images}, {&top, &at}, threads));
      EXPECT_EQ(top.numbers(), y);
      EXPECT_EQ(at.numbers(), indices);
    }
    const int64_t plane = p.rows.input * p.columns.input * p.channels, outputs = p.y()[1] * p.y()[2] * p.channels;
    for (size_t i = 0; i < y.size(); ++i) {
      gx[static_cast<int64_t>(i) / outputs * plane + static_cast<int64_t>(indices[i]) * p.channels + i % p.channels] +=
          gy[i];
    }
    const Array places = ints(p.y(), indices);
    EXPECT_LE(distance(run_at_any_threads("maxPoolGrad", {}, {&gy, &places}, p.x()), gx), 1e-6);
  }
}

TEST(MaxPool, ByHand) {
  std::vector<double> x(16);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i + 1);
  const Array images = floats({1, 4, 4, 1}, x), y = floats({1, 2, 2, 1}), indices = ints({1, 2, 2, 1});
  expect_ok(run_kernel("maxPool", {2, 2, 2, 2, 0, 0, 0, 0}, {&images}, {&y, &indices}));
  EXPECT_EQ(y.numbers(), (std::vector<double>{6, 8, 14, 16}));
  EXPECT_EQ(indices.numbers(), (std::vector<double>{5, 7, 13, 15}));
}

// The first NaN wins; minus infinity beats padding.
TEST(MaxPool, OddNumbers) {
  for (const int64_t channels : {1, 4, 16, 19}) {
    const Array images = floats({1, 1, 6, channels}), y = floats({1, 1, 2, channels}),
                indices = ints({1, 1, 2, channels});
    auto* x = static_cast<float*>(images.tensor().data);
    const float nan = std::nanf("");
    const float numbers[] = {5, nan, nan, -INFINITY, -INFINITY, -INFINITY};
    for (int64_t i = 0; i < 6 * channels; ++i) x[i] = numbers[i / channels];
    expect_ok(run_kernel("maxPool", {1, 3, 1, 3, 0, 0, 0, 0}, {&images}, {&y, &indices}));
    for (int64_t c = 0; c < channels; ++c) {
      EXPECT_TRUE(std::isnan(y[c]));
      EXPECT_EQ(indices[c], 1);
      EXPECT_EQ(y[channels + c], -INFINITY);
      EXPECT_EQ(indices[channels + c], 3);
    }
  }
}

// Widths of strips, and results of more than kBeyondCaches, which go past the caches.
TEST(MaxPool, Sizes) {
  const auto expect_right = [](const Pool& p) {
    std::mt19937 random(7);
    const Array x = random_floats(random, p.x()), top = floats(p.y()), at = ints(p.y());
    std::vector<double> y(top.tensor().elements(), -INFINITY), indices(y.size());
    windows(p, [&](int64_t from, int64_t to, int64_t place) {
      if (x[from] <= y[to]) return;
      y[to] = x[from];
      indices[to] = static_cast<double>(place);
    });
    SCOPED_TRACE(Shape(p.x()).to_string() + " " + testing::PrintToString(p.attributes()));
    expect_ok(run_kernel("maxPool", p.attributes(), {&x}, {&top, &at}, 2));
    EXPECT_EQ(top.numbers(), y);
    EXPECT_EQ(at.numbers(), indices);
  };
  for (int64_t width = 3; width <= 22; ++width) {
    expect_right({1, 33, {5, 3, 2, 1, 1, false}, {width, 3, 2, 1, 1, false}});
    expect_right({2, 16, {6, 2, 2, 0, 0, false}, {width, 2, 1, 0, 1, true}});
  }
  expect_right({2, 64, {182, 2, 1, 0, 0, false}, {183, 2, 1, 0, 0, false}});
}

TEST(MaxPool, WithoutIndices) {
  std::mt19937 random(9);
  const Array nowhere = ints({0});
  for (int round = 0; round < 60; ++round) {
    const Pool p = random_pool(random);
    SCOPED_TRACE(Shape(p.x()).to_string() + " " + testing::PrintToString(p.attributes()));
    std::vector<double> x = random_numbers(random, Shape(p.x()).elements());
    for (size_t i = 0; i < x.size(); i += 17) x[i] = i % 2 ? NAN : -INFINITY;
    const Array images = floats(p.x(), x), with = floats(p.y()), without = floats(p.y()), indices = ints(p.y());
    expect_ok(run_kernel("maxPool", p.attributes(), {&images}, {&with, &indices}));
    expect_ok(run_kernel("maxPool", p.attributes(), {&images}, {&without, &nowhere}));
    EXPECT_EQ(std::memcmp(with.tensor().data, without.tensor().data, with.tensor().bytes()), 0);
  }
}

TEST(MaxPoolGrad, RefusesIndicesOutside) {
  const Array gy = floats({1, 1, 1, 2}, {1, 2}), gx = floats({1, 3, 3, 2});
  const Array above = ints({1, 1, 1, 2}, {3, 9}), below = ints({1, 1, 1, 2}, {-1, 3});
  expect_fails(run_kernel("maxPoolGrad", {}, {&gy, &above}, {&gx}), Code::kValue,
               "maxPoolGrad: expected every index to be between 0 and 8 but got 9");
  expect_fails(run_kernel("maxPoolGrad", {}, {&gy, &below}, {&gx}), Code::kValue, "but got -1");
}

TEST(AveragePool, RandomShapes) {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    const Pool p = random_pool(random);
    const Array x = random_floats(random, p.x()), gy = random_floats(random, p.y());
    for (const bool count_padding : {false, true}) {
      std::vector<double> attributes = p.attributes();
      attributes.push_back(count_padding);
      SCOPED_TRACE(Shape(p.x()).to_string() + " " + testing::PrintToString(attributes));
      std::vector<double> y(gy.tensor().elements()), gx(x.tensor().elements()), count(y.size());
      windows(p, [&](int64_t, int64_t to, int64_t) { ++count[to]; });
      const auto padded = [](const Axis& a, int64_t i) {
        const int64_t start = i * a.stride - a.before;
        return std::min(start + a.window, a.input + a.after) - start;
      };
      for (size_t i = 0; count_padding && i < y.size(); ++i) {
        const int64_t pixel = static_cast<int64_t>(i) / p.channels;
        count[i] =
            static_cast<double>(padded(p.rows, pixel / p.y()[2] % p.y()[1]) * padded(p.columns, pixel % p.y()[2]));
      }
      windows(p, [&](int64_t from, int64_t to, int64_t) {
        y[to] += x[from] / count[to];
        gx[from] += gy[to] / count[to];
      });
      EXPECT_LE(distance(run_at_any_threads("averagePool", attributes, {&x}, p.y()), y), 1e-6);
      EXPECT_LE(distance(run_at_any_threads("averagePoolGrad", attributes, {&gy}, p.x()), gx), 2e-6);
    }
  }
}

// Results of more than kBeyondCaches, which go past the caches.
TEST(AveragePool, PastTheCaches) {
  const Pool p = {2, 64, {182, 3, 1, 1, 1, false}, {183, 3, 1, 1, 1, false}};
  ASSERT_GT(floats(p.y()).tensor().bytes(), kBeyondCaches);
  const Array x = floats(p.x(), std::vector<double>(Shape(p.x()).elements(), 1));
  std::vector<double> attributes = p.attributes();
  attributes.push_back(0);
  const std::vector<double> ones(Shape(p.y()).elements(), 1);
  EXPECT_LE(distance(run_at_any_threads("averagePool", attributes, {&x}, p.y()), ones), 1e-6);
}

TEST(AdaptiveAveragePool, RandomShapes) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    const int64_t n = random_integer(random, 1, 2), c = random_integer(random, 1, 20);
    const int64_t height = random_integer(random, 1, 15), width = random_integer(random, 1, 15);
    const int64_t rows = random_integer(random, 1, 8), columns = random_integer(random, 1, 8);
    const std::vector<int64_t> large = {n, height, width, c}, small = {n, rows, columns, c};
    SCOPED_TRACE(Shape(large).to_string() + " " + Shape(small).to_string());
    const Array x = random_floats(random, large), gy = random_floats(random, small);
    std::vector<double> y(gy.tensor().elements()), gx(x.tensor().elements());
    const auto edge = [](int64_t i, int64_t length, int64_t bins, bool up) {
      return (i * length + (up ? bins - 1 : 0)) / bins;
    };
    for (int64_t to = 0; to < gy.tensor().elements(); ++to) {
      const int64_t i = to / c / columns % rows, j = to / c % columns, image = to / c / columns / rows;
      const int64_t top = edge(i, height, rows, false), bottom = edge(i + 1, height, rows, true);
      const int64_t left = edge(j, width, columns, false), right = edge(j + 1, width, columns, true);
      const double count = static_cast<double>((bottom - top) * (right - left));
      for (int64_t h = top; h < bottom; ++h)
        for (int64_t w = left; w < right; ++w) {
          const int64_t from = ((image * height + h) * width + w) * c + to % c;
          y[to] += x[from] / count;
          gx[from] += gy[to] / count;
        }
    }
    EXPECT_LE(distance(run_at_any_threads("adaptiveAveragePool", {}, {&x}, small), y), 1e-6);
    EXPECT_LE(distance(run_at_any_threads("adaptiveAveragePoolGrad", {}, {&gy}, large), gx), 2e-6);
  }
}

TEST(Pool, RefusesMisfits) {
  const Array x = floats({1, 4, 4, 2}), y = floats({1, 2, 2, 2}), wrong = floats({1, 5, 2, 2}),
              indices = ints({1, 2, 2, 2});
  const std::vector<double> attributes = {2, 2, 2, 2, 0, 0, 0, 0};
  expect_fails(run_kernel("maxPool", attributes, {&x}, {&y, &y}), Code::kDtype, "the indices");
  expect_fails(run_kernel("maxPool", attributes, {&x}, {&wrong, &indices}), Code::kShape, "the indices");
  expect_fails(run_kernel("averagePool", {2, 2, 2, 2, 0, 0, 0, 0, 1}, {&x}, {&wrong}), Code::kShape,
               "averagePool: expected windows to cover their images");
  expect_fails(run_kernel("averagePool", {2, 2, 2, 2, 2, 0, 0, 0, 1}, {&x}, {&y}), Code::kShape, "averagePool");
  expect_fails(run_kernel("adaptiveAveragePool", {}, {&x}, {&indices}), Code::kDtype, "the output");
}

}  // namespace
}  // namespace convolt
