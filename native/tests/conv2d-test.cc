// L-02, L-03, K-03, K-04: convolution, its gradients and columns of patches against plain float64 loops.
#include "tests/numbers.h"

namespace convolt {
namespace {

struct Axis {
  int64_t input, taps, stride, before, after, dilation;
  int64_t output() const { return (input + before + after - dilation * (taps - 1) - 1) / stride + 1; }
  bool is_possible() const { return input + before + after > dilation * (taps - 1); }
};

struct Conv {
  int64_t images, channels, filters, groups;
  Axis rows, columns;
  double algorithm = 1;  // direct

  std::vector<int64_t> x() const { return {images, rows.input, columns.input, channels}; }
  std::vector<int64_t> w() const { return {rows.taps, columns.taps, channels / groups, filters}; }
  std::vector<int64_t> y() const { return {images, rows.output(), columns.output(), filters}; }
  std::vector<double> sliding() const {
    std::vector<double> numbers;
    for (const int64_t number : {rows.stride, columns.stride, rows.before, rows.after, columns.before, columns.after,
                                 rows.dilation, columns.dilation}) {
      numbers.push_back(static_cast<double>(number));
    }
    return numbers;
  }
  std::vector<double> attributes() const {
    std::vector<double> numbers = sliding();
    numbers.push_back(static_cast<double>(groups));
    numbers.push_back(algorithm);
    return numbers;
  }
};

// Calls visit(x, w, y) with the offsets of all elements that meet.
template <typename Visit>
void products(const Conv& c, const Visit& visit) {
  const int64_t cg = c.channels / c.groups, kg = c.filters / c.groups;
  const int64_t oh = c.rows.output(), ow = c.columns.output();
  for (int64_t n = 0; n < c.images; ++n)
    for (int64_t i = 0; i < oh; ++i)
      for (int64_t j = 0; j < ow; ++j)
        for (int64_t u = 0; u < c.rows.taps; ++u)
          for (int64_t v = 0; v < c.columns.taps; ++v) {
            const int64_t h = i * c.rows.stride + u * c.rows.dilation - c.rows.before;
            const int64_t w = j * c.columns.stride + v * c.columns.dilation - c.columns.before;
            if (h < 0 || h >= c.rows.input || w < 0 || w >= c.columns.input) continue;
            const int64_t x = ((n * c.rows.input + h) * c.columns.input + w) * c.channels;
            const int64_t y = ((n * oh + i) * ow + j) * c.filters;
            for (int64_t a = 0; a < cg; ++a)
              for (int64_t k = 0; k < c.filters; ++k)
                visit(x + k / kg * cg + a, ((u * c.columns.taps + v) * cg + a) * c.filters + k, y + k);
          }
}

void expect_right(const Conv& c) {
  std::mt19937 random(11);
  const Array x = random_floats(random, c.x()), w = random_floats(random, c.w()), gy = random_floats(random, c.y());
  std::vector<double> y(gy.tensor().elements()), gx(x.tensor().elements()), gw(w.tensor().elements());
  products(c, [&](int64_t i, int64_t j, int64_t k) {
    y[k] += x[i] * w[j];
    gx[i] += gy[k] * w[j];
    gw[j] += gy[k] * x[i];
  });
  const double depth = static_cast<double>(c.w()[0] * c.w()[1] * c.w()[2]);
  const double pixels = static_cast<double>(c.images * c.rows.output() * c.columns.output());
  const std::vector<double> attributes = c.attributes();
  SCOPED_TRACE(Shape(c.x()).to_string() + " * " + Shape(c.w()).to_string() + " " + testing::PrintToString(attributes));
  EXPECT_LE(distance(run_at_any_threads("conv2d", attributes, {&x, &w}, c.y()), y), 1e-6 * (1 + std::sqrt(depth)));
  EXPECT_LE(distance(run_at_any_threads("conv2dGradInput", attributes, {&gy, &w}, c.x()), gx),
            1e-6 * (1 + std::sqrt(depth * static_cast<double>(c.filters) / static_cast<double>(c.w()[2]))));
  EXPECT_LE(distance(run_at_any_threads("conv2dGradWeights", attributes, {&x, &gy}, c.w()), gw),
            1e-6 * (1 + std::sqrt(pixels)));
}

Axis random_axis(std::mt19937& random) {
  while (true) {
    const Axis axis = {random_integer(random, 1, 14), random_integer(random, 1, 5), random_integer(random, 1, 4),
                       random_integer(random, 0, 5),  random_integer(random, 0, 5), random_integer(random, 1, 4)};
    if (axis.is_possible()) return axis;
  }
}

TEST(Conv2d, RandomShapes) {
  std::mt19937 random(5);
  for (int i = 0; i < 400; ++i) {
    const int64_t groups = random_integer(random, 1, 4);
    const int64_t channels = groups * random_integer(random, 1, 3), filters = groups * random_integer(random, 1, 3);
    expect_right({random_integer(random, 1, 3), channels, filters, groups, random_axis(random), random_axis(random)});
  }
}

TEST(Conv2d, Depthwise) {
  std::mt19937 random(6);
  for (const int64_t channels : {1, 3, 4, 8, 15, 16, 17, 40}) {
    for (int i = 0; i < 10; ++i) {
      expect_right(
          {random_integer(random, 1, 2), channels, channels, channels, random_axis(random), random_axis(random)});
    }
  }
}

TEST(Conv2d, Pointwise) {
  const auto plain = [](int64_t input) { return Axis{input, 1, 1, 0, 0, 1}; };
  expect_right({3, 7, 5, 1, plain(4), plain(6)});
  expect_right({2, 12, 8, 4, plain(4), plain(5)});
  expect_right({2, 40, 70, 1, plain(20), plain(20)});
}

TEST(Conv2d, ManyTiles) {
  const auto same = [](int64_t input, int64_t taps) { return Axis{input, taps, 1, taps / 2, taps / 2, 1}; };
  expect_right({4, 1, 8, 1, same(28, 5), same(28, 5)});    // small patches
  expect_right({9, 16, 24, 1, same(14, 5), same(13, 5)});  // chunks of positions
  expect_right({1, 96, 160, 1, same(7, 3), same(7, 3)});   // few positions, large weights
  expect_right({2, 130, 132, 1, same(6, 3), same(5, 3)});  // weights cut by taps and channels
  expect_right({1, 36, 72, 2, same(12, 3), same(12, 3)});
  expect_right({3, 24, 40, 1, {17, 3, 2, 1, 1, 1}, {16, 3, 2, 0, 1, 1}});
}

// Patches of few channels that are read from lines: of whole and of cut lines, of several images, with padding that is
// wider than the window, and columns that do not fill the last panel.
TEST(Conv2d, PaddedLines) {
  const auto same = [](int64_t input, int64_t taps) { return Axis{input, taps, 1, taps / 2, taps / 2, 1}; };
  expect_right({8, 1, 32, 1, same(28, 5), same(28, 5)});
  expect_right({40, 4, 8, 1, same(9, 3), same(8, 3)});
  expect_right({3, 3, 40, 1, {40, 7, 2, 3, 3, 1}, {37, 7, 2, 3, 3, 1}});
  expect_right({3, 2, 24, 1, {20, 3, 1, 4, 5, 1}, {22, 4, 1, 0, 6, 1}});
  expect_right({1, 3, 19, 1, {2, 3, 1, 5, 3, 1}, {300, 3, 3, 0, 0, 1}});
  expect_right({1, 60, 2, 1, same(30, 3), same(31, 3)});  // of the gradient
  expect_right({1, 60, 2, 1, {30, 3, 1, 5, 4, 1}, {31, 3, 1, 4, 6, 1}});
  expect_right({4, 16, 48, 16, same(20, 3), same(21, 3)});  // three filters for each channel
  expect_right({4, 24, 12, 3, same(15, 5), same(17, 3)});
  expect_right({3, 8, 80, 2, same(19, 3), {22, 3, 2, 0, 3, 1}});
  expect_right({3, 20, 20, 5, {33, 3, 2, 1, 1, 1}, {31, 4, 1, 4, 6, 1}});
}

TEST(Conv2d, NoImages) {
  const Axis axis = {5, 3, 1, 1, 1, 1};
  expect_right({0, 2, 3, 1, axis, axis});
  expect_right({0, 16, 16, 1, axis, axis, 0});
  expect_right({0, 4, 4, 4, axis, axis});
  expect_right({0, 4, 4, 1, {5, 1, 1, 0, 0, 1}, {5, 1, 1, 0, 0, 1}});
}

TEST(Conv2d, ByHand) {
  const Array x = floats({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9}), w = floats({2, 2, 1, 1}, {1, 0, 0, -1});
  const Array valid = floats({1, 2, 2, 1}), full = floats({1, 4, 4, 1}), strided = floats({1, 2, 2, 1});
  expect_ok(run_kernel("conv2d", {1, 1, 0, 0, 0, 0, 1, 1, 1, 0}, {&x, &w}, {&valid}));
  EXPECT_EQ(valid.numbers(), std::vector<double>(4, -4));
  expect_ok(run_kernel("conv2d", {1, 1, 1, 1, 1, 1, 1, 1, 1, 0}, {&x, &w}, {&full}));
  EXPECT_EQ(full.numbers(), (std::vector<double>{-1, -2, -3, 0, -4, -4, -4, 3, -7, -4, -4, 6, 0, 7, 8, 9}));
  expect_ok(run_kernel("conv2d", {2, 2, 1, 1, 1, 1, 1, 1, 1, 0}, {&x, &w}, {&strided}));
  EXPECT_EQ(strided.numbers(), (std::vector<double>{-1, -3, -7, -4}));
}

TEST(Conv2d, RefusesMisfits) {
  const std::vector<double> plain = {1, 1, 0, 0, 0, 0, 1, 1, 1, 0};
  const Array x = floats({1, 5, 5, 4}), w = floats({3, 3, 4, 6}), y = floats({1, 3, 3, 6});
  const Array wrong = floats({1, 4, 3, 6}), narrow = floats({3, 3, 2, 6}), flat = floats({5, 5, 4}),
              whole = ints({3, 3, 4, 6});
  expect_fails(run_kernel("conv2d", plain, {&x, &w}, {&wrong}), Code::kShape,
               "conv2d: expected images, weights and output");
  expect_fails(run_kernel("conv2d", plain, {&x, &narrow}, {&y}), Code::kShape, "[3, 3, 2, 6]");
  expect_fails(run_kernel("conv2d", plain, {&flat, &w}, {&y}), Code::kShape, "conv2d");
  expect_fails(run_kernel("conv2d", plain, {&x, &whole}, {&y}), Code::kDtype, "the weights");
  expect_fails(run_kernel("conv2dGradInput", plain, {&wrong, &w}, {&x}), Code::kShape, "conv2dGradInput");
  expect_fails(run_kernel("conv2dGradWeights", plain, {&x, &wrong}, {&w}), Code::kShape, "conv2dGradWeights");
  for (const size_t broken : {0, 1, 6, 7, 8}) {
    std::vector<double> attributes = plain;
    attributes[broken] = 0;
    expect_fails(run_kernel("conv2d", attributes, {&x, &w}, {&y}), Code::kShape, "conv2d");
  }
}

// Columns are a convolution with one one-hot filter for each element of a patch, and col2im is its adjoint.
TEST(Im2col, RandomShapes) {
  std::mt19937 random(8);
  for (int i = 0; i < 200; ++i) {
    Conv c = {random_integer(random, 1, 3), random_integer(random, 1, 20), 1, 1, random_axis(random),
              random_axis(random)};
    const int64_t depth = c.filters = c.rows.taps * c.columns.taps * c.channels;
    const Array x = random_floats(random, c.x()), columns = random_floats(random, c.y());
    std::vector<double> patches(columns.tensor().elements()), image(x.tensor().elements());
    products(c, [&](int64_t from, int64_t w, int64_t to) {
      if (w / depth != w % depth) return;
      patches[to] = x[from];
      image[from] += columns[to];
    });
    const std::vector<double> s = c.sliding();
    const std::vector<double> attributes = {
        double(c.rows.taps), double(c.columns.taps), s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]};
    SCOPED_TRACE(Shape(c.x()).to_string() + " " + testing::PrintToString(attributes));
    EXPECT_EQ(run_at_any_threads("im2col", attributes, {&x}, c.y()).numbers(), patches);
    EXPECT_LE(distance(run_at_any_threads("col2im", attributes, {&columns}, c.x()), image), 2e-6);
  }
}

}  // namespace
}  // namespace convolt
