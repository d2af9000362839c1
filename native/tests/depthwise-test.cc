// L-03: depthwise convolution and its gradients where strips of positions, tails of channels and stores past the caches
// begin and end, against plain float64 loops.
#include "tests/axis.h"
#include "tests/numbers.h"

namespace convolt {
namespace {

void expect_right(int64_t images, int64_t channels, const Axis& rows, const Axis& columns) {
  std::mt19937 random(3);
  const Array x = random_floats(random, {images, rows.input, columns.input, channels}),
              w = random_floats(random, {rows.taps, columns.taps, 1, channels}),
              gy = random_floats(random, {images, rows.output(), columns.output(), channels});
  const auto *x_at = x.as<float>(), *w_at = w.as<float>(), *gy_at = gy.as<float>();
  std::vector<double> y(gy.tensor().elements()), gx(x.tensor().elements()), gw(w.tensor().elements());
  for (int64_t n = 0, to = 0; n < images; ++n)
    for (int64_t i = 0; i < rows.output(); ++i)
      for (int64_t j = 0; j < columns.output(); ++j, to += channels)
        for (int64_t u = 0; u < rows.taps; ++u)
          for (int64_t v = 0; v < columns.taps; ++v) {
            const int64_t h = i * rows.stride + u * rows.dilation - rows.before;
            const int64_t k = j * columns.stride + v * columns.dilation - columns.before;
            if (h < 0 || h >= rows.input || k < 0 || k >= columns.input) continue;
            const int64_t from = ((n * rows.input + h) * columns.input + k) * channels;
            const int64_t tap = (u * columns.taps + v) * channels;
            for (int64_t c = 0; c < channels; ++c) {
              y[to + c] += static_cast<double>(x_at[from + c]) * w_at[tap + c];
              gx[from + c] += static_cast<double>(gy_at[to + c]) * w_at[tap + c];
              gw[tap + c] += static_cast<double>(gy_at[to + c]) * x_at[from + c];
            }
          }
  std::vector<double> attributes;
  for (const int64_t number : {rows.stride, columns.stride, rows.before, rows.after, columns.before, columns.after,
                               rows.dilation, columns.dilation, channels, int64_t{0}}) {  // algorithm: auto
    attributes.push_back(static_cast<double>(number));
  }
  SCOPED_TRACE(x.tensor().shape.to_string() + " * " + w.tensor().shape.to_string() + " " +
               testing::PrintToString(attributes));
  const double taps = static_cast<double>(rows.taps * columns.taps);
  const double positions = static_cast<double>(images * rows.output() * columns.output());
  const auto shape = [](const Array& array) {
    std::vector<int64_t> sizes;
    for (int i = 0; i < 4; ++i) sizes.push_back(array.tensor().shape[i]);
    return sizes;
  };
  EXPECT_LE(distance(run_at_any_threads("conv2d", attributes, {&x, &w}, shape(gy)), y), 1e-6 * (1 + std::sqrt(taps)));
  EXPECT_LE(distance(run_at_any_threads("conv2dGradInput", attributes, {&gy, &w}, shape(x)), gx),
            1e-6 * (1 + std::sqrt(taps)));
  EXPECT_LE(distance(run_at_any_threads("conv2dGradWeights", attributes, {&x, &gy}, shape(w)), gw),
            1e-6 * (1 + std::sqrt(positions)));
}

TEST(Depthwise, WidthsOfStrips) {
  for (int64_t width = 1; width <= 20; ++width) expect_right(1, 19, same(4, 3), same(width, 3));
}

TEST(Depthwise, TailsOfChannels) {
  for (const int64_t channels : {1, 2, 5, 7, 8, 9, 15, 16, 17, 24, 31, 33, 67}) {
    expect_right(2, channels, same(7, 3), same(9, 3));
    expect_right(1, channels, same(9, 3, 2), same(14, 3, 2));
  }
}

TEST(Depthwise, WindowsOfEverySize) {
  for (int64_t taps = 1; taps <= 12; ++taps) {
    for (const int64_t stride : {1, 2, 3}) expect_right(2, 20, same(11, taps, stride), same(13, taps, stride));
    expect_right(1, 20, same(9, 3, 1, taps), same(14, 3, 1, taps));
    expect_right(1, 18, same(9, 2), same(17, taps, 2, 2));
  }
}

TEST(Depthwise, AsymmetricPadding) {
  expect_right(2, 17, {10, 3, 1, 1, 0, 2}, {12, 3, 1, 1, 3, 0});
  expect_right(2, 17, {10, 3, 2, 1, 2, 0}, {12, 5, 1, 1, 0, 4});
  expect_right(1, 17, {3, 3, 1, 1, 5, 4}, {2, 3, 1, 1, 4, 6});  // positions without a tap inside
}

// Results of more than kBeyondCaches, of whole lines of the cache and not.
TEST(Depthwise, PastTheCaches) {
  expect_right(2, 128, same(129, 3), same(131, 3));
  expect_right(2, 120, same(131, 3), same(136, 3));
  expect_right(1, 64, {265, 3, 2, 1, 1, 1}, {270, 3, 2, 1, 0, 1});
}

}  // namespace
}  // namespace convolt
