// K-13: sums of products of bytes are exact, and their one rounding is that of the formula, at any number of threads.
#include <algorithm>

#include "tests/numbers.h"

namespace convolt {
namespace {

struct Axis {
  int64_t input, taps, stride = 1, before = 0, after = 0, dilation = 1;
  int64_t output() const { return (input + before + after - dilation * (taps - 1) - 1) / stride + 1; }
  bool is_possible() const { return input + before + after > dilation * (taps - 1); }
};

struct Case {
  int64_t images, channels, filters, groups;
  Axis rows, columns;
  int64_t input_zero = 0;
  double least_weight = -128, largest_weight = 127;
  bool has_addend = false;

  std::vector<int64_t> x() const { return {images, rows.input, columns.input, channels}; }
  std::vector<int64_t> w() const { return {rows.taps, columns.taps, channels / groups, filters}; }
  std::vector<int64_t> y() const { return {images, rows.output(), columns.output(), filters}; }
};

constexpr float kAddScale = 0.37f;
constexpr int64_t kAddZero = 50;

Array random_bytes(std::mt19937& random, DType dtype, const std::vector<int64_t>& shape, int64_t least, int64_t most) {
  std::vector<double> numbers(Shape(shape).elements());
  for (double& number : numbers) {
    // Extremes are likely.
    const int64_t draw = random_integer(random, 0, 9);
    number = static_cast<double>(draw == 0 ? least : draw == 1 ? most : random_integer(random, least, most));
  }
  return Array(dtype, shape, numbers);
}

// acc for every element of y.
std::vector<int32_t> sums(const Case& c, const Array& x, const Array& w, const Array& bias) {
  const int64_t cg = c.channels / c.groups, kg = c.filters / c.groups, oh = c.rows.output(), ow = c.columns.output();
  std::vector<int32_t> result;
  for (int64_t n = 0; n < c.images; ++n)
    for (int64_t i = 0; i < oh; ++i)
      for (int64_t j = 0; j < ow; ++j)
        for (int64_t k = 0; k < c.filters; ++k) {
          int64_t sum = bias.as<int32_t>()[k];
          for (int64_t u = 0; u < c.rows.taps; ++u)
            for (int64_t v = 0; v < c.columns.taps; ++v) {
              const int64_t h = i * c.rows.stride + u * c.rows.dilation - c.rows.before;
              const int64_t l = j * c.columns.stride + v * c.columns.dilation - c.columns.before;
              if (h < 0 || h >= c.rows.input || l < 0 || l >= c.columns.input) continue;
              const uint8_t* from =
                  x.as<uint8_t>() + ((n * c.rows.input + h) * c.columns.input + l) * c.channels + k / kg * cg;
              const int8_t* weight = w.as<int8_t>() + (u * c.columns.taps + v) * cg * c.filters + k;
              for (int64_t a = 0; a < cg; ++a) sum += (from[a] - c.input_zero) * weight[a * c.filters];
            }
          result.push_back(static_cast<int32_t>(sum));
        }
  return result;
}

// Each operation rounds to float32 by itself.
float rounded(float value) {
  volatile float kept = value;
  return kept;
}

void expect_right(const Case& c, std::mt19937& random) {
  const Array x = random_bytes(random, DType::kUint8, c.x(), 0, 255);
  const Array w = random_bytes(random, DType::kInt8, c.w(), static_cast<int64_t>(c.least_weight),
                               static_cast<int64_t>(c.largest_weight));
  const Array bias = random_bytes(random, DType::kInt32, {c.filters}, -5000, 5000);
  const Array addend = random_bytes(random, DType::kUint8, c.y(), 0, 255);
  std::vector<double> numbers(c.filters);
  const double depth = static_cast<double>(c.w()[0] * c.w()[1] * c.w()[2]);
  for (double& number : numbers) {
    number = static_cast<double>(random_integer(random, 1, 100)) / 100 / (40 * std::sqrt(depth));
  }
  const Array scale = floats({c.filters}, numbers);
  const std::vector<int32_t> expected = sums(c, x, w, bias);
  for (const bool is_bytes : {true, false}) {
    const int32_t zero = is_bytes ? 30 : 0;
    const float low = is_bytes ? 30 : -INFINITY, high = is_bytes ? 250 : 80;
    const std::vector<double> attributes = {static_cast<double>(c.rows.stride),
                                            static_cast<double>(c.columns.stride),
                                            static_cast<double>(c.rows.before),
                                            static_cast<double>(c.rows.after),
                                            static_cast<double>(c.columns.before),
                                            static_cast<double>(c.columns.after),
                                            static_cast<double>(c.rows.dilation),
                                            static_cast<double>(c.columns.dilation),
                                            static_cast<double>(c.groups),
                                            static_cast<double>(c.input_zero),
                                            kAddScale,
                                            kAddZero,
                                            static_cast<double>(zero),
                                            low,
                                            high};
    std::vector<const Array*> inputs = {&x, &w, &bias, &scale};
    if (c.has_addend) inputs.push_back(&addend);
    SCOPED_TRACE(Shape(c.x()).to_string() + " * " + Shape(c.w()).to_string() + " " +
                 testing::PrintToString(attributes));
    for (const int threads : {1, 2}) {
      const Array y(is_bytes ? DType::kUint8 : DType::kFloat32, c.y());
      expect_ok(run_kernel("quantizedConv2d", attributes, inputs, {&y}, threads));
      int64_t wrong = 0;
      for (size_t i = 0; i < expected.size(); ++i) {
        float t = rounded(static_cast<float>(expected[i]) * scale.as<float>()[i % c.filters]);
        if (c.has_addend) {
          const float added = rounded(static_cast<float>(addend.as<uint8_t>()[i] - kAddZero) * kAddScale);
          t = rounded(t + added);
        }
        const double wanted = is_bytes ? std::clamp<double>(std::nearbyint(static_cast<double>(t)) + zero, low, high)
                                       : static_cast<double>(std::clamp(t, low, high));
        wrong += y[i] != wanted;
      }
      EXPECT_EQ(wrong, 0) << threads << " threads";
    }
  }
}

Axis random_axis(std::mt19937& random) {
  while (true) {
    const Axis axis = {random_integer(random, 1, 14), random_integer(random, 1, 5), random_integer(random, 1, 3),
                       random_integer(random, 0, 4),  random_integer(random, 0, 4), random_integer(random, 1, 3)};
    if (axis.is_possible()) return axis;
  }
}

Axis same(int64_t input, int64_t taps, int64_t stride = 1) { return {input, taps, stride, taps / 2, taps / 2}; }

TEST(QuantizedConv2d, RandomShapes) {
  std::mt19937 random(5);
  for (int i = 0; i < 150; ++i) {
    const int64_t groups = random_integer(random, 1, 3);
    expect_right({.images = random_integer(random, 1, 3),
                  .channels = groups * random_integer(random, 1, 9),
                  .filters = groups * random_integer(random, 1, 40),
                  .groups = groups,
                  .rows = random_axis(random),
                  .columns = random_axis(random),
                  .input_zero = random_integer(random, 0, 255),
                  .least_weight = i % 2 ? -128.0 : -63.0,
                  .largest_weight = i % 2 ? 127.0 : 63.0,
                  .has_addend = i % 3 == 0},
                 random);
  }
}

TEST(QuantizedConv2d, Depthwise) {
  std::mt19937 random(6);
  for (const int64_t channels : {1, 3, 8, 15, 16, 17, 24, 40, 64, 96, 100}) {
    for (int i = 0; i < 12; ++i) {
      Case c{.images = random_integer(random, 1, 2),
             .channels = channels,
             .filters = channels,
             .groups = channels,
             .rows = random_axis(random),
             .columns = random_axis(random),
             .input_zero = random_integer(random, 0, 255),
             .least_weight = i % 2 ? -128.0 : -63.0,
             .largest_weight = i % 2 ? 127.0 : 63.0,
             .has_addend = i % 3 == 0};
      if (i < 4) c.rows = c.columns = same(13, 3, 1 + i % 2);
      expect_right(c, random);
    }
  }
}

TEST(QuantizedConv2d, AnyDepthAndWidth) {
  std::mt19937 random(7);
  for (const int64_t depth : {1, 2, 3, 4, 5, 31, 64, 100, 577, 1024, 4608, 5000}) {
    for (const int64_t filters : {1, 15, 16, 17, 48, 63, 64, 65, 144, 200}) {
      expect_right({.images = 1 + depth % 23,
                    .channels = depth,
                    .filters = filters,
                    .groups = 1,
                    .rows = {1, 1},
                    .columns = {1, 1},
                    .input_zero = 9},
                   random);
    }
  }
}

// -128 * 127 * K and more: no sum is cut off on the way.
TEST(QuantizedConv2d, Extremes) {
  for (const int64_t depth : {1, 2, 64, 1024, 5000}) {
    for (const double weight : {-128.0, 127.0, 64.0, -63.0}) {
      for (const double byte : {255.0, 127.0, 1.0}) {
        const Array x(DType::kUint8, {7, 1, 1, depth}, std::vector<double>(7 * depth, byte));
        const Array w(DType::kInt8, {1, 1, depth, 5}, std::vector<double>(5 * depth, weight));
        const Array bias = ints({5}, {0, 0, 0, 0, 0}), scale = floats({5}, {1, 1, 1, 1, 1});
        const Array y = floats({7, 1, 1, 5});
        const std::vector<double> attributes = {1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, -INFINITY, INFINITY};
        expect_ok(run_kernel("quantizedConv2d", attributes, {&x, &w, &bias, &scale}, {&y}));
        for (const double number : y.numbers()) {
          ASSERT_EQ(number, static_cast<double>(static_cast<float>(byte * weight * static_cast<double>(depth))));
        }
      }
    }
  }
}

TEST(QuantizedConv2d, NetworkLayers) {
  std::mt19937 random(8);
  const auto layer = [&](int64_t images, int64_t side, int64_t channels, int64_t filters, int64_t taps,
                         int64_t stride) {
    expect_right({.images = images,
                  .channels = channels,
                  .filters = filters,
                  .groups = 1,
                  .rows = same(side, taps, stride),
                  .columns = same(side, taps, stride),
                  .input_zero = 3,
                  .least_weight = -63,
                  .largest_weight = 63},
                 random);
  };
  layer(1, 32, 3, 64, 7, 2);
  layer(2, 14, 64, 64, 3, 1);
  layer(1, 7, 256, 128, 3, 1);
  layer(3, 7, 32, 96, 3, 2);
  layer(2, 28, 24, 144, 1, 1);
}

TEST(QuantizedConv2d, WrongOperandsAreRefused) {
  const Array x(DType::kUint8, {1, 2, 2, 4}), w(DType::kInt8, {1, 1, 4, 3}), floating = floats({1, 1, 4, 3});
  const Array bias = ints({3}), scale = floats({3}), y(DType::kUint8, {1, 2, 2, 3}), other = ints({4});
  const std::vector<double> attributes = {1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0, 255};
  const auto run = [&](const std::vector<const Array*>& inputs, const Array& output) {
    return run_kernel("quantizedConv2d", attributes, inputs, {&output});
  };
  expect_ok(run({&x, &w, &bias, &scale}, y));
  expect_fails(run({&x, &floating, &bias, &scale}, y), Code::kDtype, "the weights to be int8");
  expect_fails(run({&x, &w, &other, &scale}, y), Code::kShape, "the bias to be [3]");
  expect_fails(run({&x, &w, &bias, &scale, &x}, y), Code::kShape, "the addend to be [1, 2, 2, 3]");
  expect_fails(run({&x, &w, &bias, &scale}, other), Code::kShape, "the output to be of rank 4");
}

}  // namespace
}  // namespace convolt
