// Inverted bottlenecks, with and without expansion, where bands of rows and slabs of channels begin and end, against
// plain float64 loops.
#include "tests/axis.h"
#include "tests/numbers.h"

namespace convolt {
namespace {

constexpr double kLargest = 3e38;

struct Case {
  int64_t images, channels, expanded, filters;  // no expansion if `expanded` is 0
  Axis rows, columns;
  double low = 0, high = 1.5;
};

using Numbers = std::vector<double>;

double clip(double value, const Case& c) { return std::min(std::max(value, c.low), c.high); }

// rows [pixels, from] * w [from, to]
Numbers product(const Numbers& rows, const Array& w, int64_t from, int64_t to) {
  const int64_t pixels = static_cast<int64_t>(rows.size()) / from;
  Numbers y(pixels * to);
  for (int64_t p = 0; p < pixels; ++p)
    for (int64_t i = 0; i < from; ++i)
      for (int64_t j = 0; j < to; ++j) y[p * to + j] += rows[p * from + i] * w.as<float>()[i * to + j];
  return y;
}

Numbers filtered(const Numbers& x, const Array& w, const Case& c, int64_t channels) {
  Numbers y(c.images * c.rows.output() * c.columns.output() * channels);
  for (int64_t n = 0, to = 0; n < c.images; ++n)
    for (int64_t i = 0; i < c.rows.output(); ++i)
      for (int64_t j = 0; j < c.columns.output(); ++j, to += channels)
        for (int64_t u = 0; u < c.rows.taps; ++u)
          for (int64_t v = 0; v < c.columns.taps; ++v) {
            const int64_t h = i * c.rows.stride + u * c.rows.dilation - c.rows.before;
            const int64_t k = j * c.columns.stride + v * c.columns.dilation - c.columns.before;
            if (h < 0 || h >= c.rows.input || k < 0 || k >= c.columns.input) continue;
            for (int64_t e = 0; e < channels; ++e)
              y[to + e] += x[((n * c.rows.input + h) * c.columns.input + k) * channels + e] *
                           w.as<float>()[(u * c.columns.taps + v) * channels + e];
          }
  return y;
}

void add_and_clip(Numbers& y, const Array& bias, const Case& c) {
  const int64_t n = bias.tensor().elements();
  for (size_t i = 0; i < y.size(); ++i) y[i] = clip(y[i] + bias.as<float>()[i % n], c);
}

void expect_right(const Case& c) {
  std::mt19937 random(5);
  const int64_t between = c.expanded ? c.expanded : c.channels;
  const Array x = random_floats(random, {c.images, c.rows.input, c.columns.input, c.channels});
  const Array w1 = random_floats(random, {1, 1, c.channels, between}), b1 = random_floats(random, {between});
  const Array w2 = random_floats(random, {c.rows.taps, c.columns.taps, 1, between}),
              b2 = random_floats(random, {between});
  const Array w3 = random_floats(random, {1, 1, between, c.filters});

  Numbers y = x.numbers();
  if (c.expanded) {
    y = product(y, w1, c.channels, between);
    add_and_clip(y, b1, c);
  }
  y = filtered(y, w2, c, between);
  add_and_clip(y, b2, c);
  y = product(y, w3, between, c.filters);

  Numbers attributes;
  for (const int64_t number : {c.rows.stride, c.columns.stride, c.rows.before, c.rows.after, c.columns.before,
                               c.columns.after, c.rows.dilation, c.columns.dilation, int64_t{c.expanded > 0}}) {
    attributes.push_back(static_cast<double>(number));
  }
  for (const double bound : {c.low, c.high, c.low, c.high}) attributes.push_back(bound);
  std::vector<const Array*> inputs = {&x, &w2, &b2, &w3};
  if (c.expanded) inputs.insert(inputs.begin() + 1, {&w1, &b1});
  SCOPED_TRACE(x.tensor().shape.to_string() + " " + testing::PrintToString(attributes) + " " + std::to_string(between) +
               " " + std::to_string(c.filters));
  const std::vector<int64_t> shape = {c.images, c.rows.output(), c.columns.output(), c.filters};
  EXPECT_LE(distance(run_at_any_threads("invertedBottleneck", attributes, inputs, shape), y),
            3e-6 * std::sqrt(between));
}

TEST(InvertedBottleneck, SizesOfImages) {
  for (int64_t size = 1; size <= 16; ++size) expect_right({2, 5, 70, 9, same(size, 3), same(17 - size, 3)});
  for (const int64_t size : {28, 29, 31, 45}) expect_right({1, 8, 96, 24, same(size, 3), same(20, 3)});
}

TEST(InvertedBottleneck, TailsOfChannels) {
  for (const int64_t expanded : {1, 3, 16, 17, 31, 33, 63, 64, 65, 130, 200}) {
    for (const int64_t filters : {1, 7, 16, 33}) expect_right({1, 6, expanded, filters, same(7, 3), same(7, 3)});
  }
}

TEST(InvertedBottleneck, WindowsOfEverySize) {
  for (const int64_t stride : {1, 2, 3}) {
    for (const int64_t taps : {1, 2, 3, 5, 7}) {
      expect_right({2, 4, 40, 8, same(15, taps, stride), same(13, taps, stride)});
      expect_right({1, 20, 0, 8, same(15, taps, stride), same(13, taps, stride)});
    }
    expect_right({1, 4, 40, 8, same(12, 3, stride, 2), same(15, 3, stride, 2)});
  }
  expect_right({1, 4, 40, 8, {9, 3}, {11, 5}});                         // no padding
  expect_right({1, 4, 40, 8, {6, 3, 1, 1, 5, 5}, {5, 3, 2, 1, 4, 6}});  // rows of nothing but padding
}

TEST(InvertedBottleneck, WithoutExpansion) {
  for (const int64_t channels : {1, 15, 32, 100}) expect_right({2, channels, 0, 17, same(18, 3), same(16, 3)});
}

TEST(InvertedBottleneck, ManyBandsAndPieces) {
  expect_right({1, 24, 144, 24, same(56, 3), same(56, 3)});       // bands
  expect_right({1, 160, 960, 160, same(7, 3), same(7, 3)});       // pieces of the channels
  expect_right({3, 16, 96, 24, same(57, 3, 2), same(60, 3, 2)});  // images
  expect_right({1, 8, 64, 16, same(16, 3), same(600, 3)});        // rows so long that a band is one of them
}

TEST(InvertedBottleneck, WithoutBounds) {
  expect_right({1, 8, 40, 16, same(9, 3), same(9, 3), -kLargest, kLargest});
  expect_right({1, 8, 40, 16, same(9, 3), same(9, 3), -kLargest, 0.2});
}

TEST(InvertedBottleneck, NoImages) {
  const Array x = floats({0, 4, 4, 2}), w1 = floats({1, 1, 2, 3}), b1 = floats({3}), w2 = floats({3, 3, 1, 3}),
              b2 = floats({3}), w3 = floats({1, 1, 3, 2}), y = floats({0, 4, 4, 2});
  expect_ok(
      run_kernel("invertedBottleneck", {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 6, 0, 6}, {&x, &w1, &b1, &w2, &b2, &w3}, {&y}));
}

TEST(InvertedBottleneck, RefusesWhatDoesNotFit) {
  const Array x = floats({1, 4, 4, 2}), w1 = floats({1, 1, 2, 3}), b1 = floats({3}), w2 = floats({3, 3, 1, 3}),
              b2 = floats({3}), w3 = floats({1, 1, 3, 2}), y = floats({1, 4, 4, 2}), longer = floats({4}),
              other = floats({1, 1, 4, 2});
  const std::vector<double> attributes = {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 6, 0, 6};
  const auto run = [&](std::vector<const Array*> inputs) {
    return run_kernel("invertedBottleneck", attributes, inputs, {&y});
  };
  expect_fails(run({&x, &w1, &longer, &w2, &b2, &w3}), Code::kShape, "to fit together");
  expect_fails(run({&x, &w1, &b1, &w2, &longer, &w3}), Code::kShape, "to fit together");
  expect_fails(run({&x, &w1, &b1, &w2, &b2, &other}), Code::kShape, "to fit together");
  expect_fails(run({&x, &other, &b1, &w2, &b2, &w3}), Code::kShape, "to fit together");
}

}  // namespace
}  // namespace convolt
