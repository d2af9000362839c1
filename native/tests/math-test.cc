// The elementary functions against the C library in double, over dense samples of all floats, for every ISA.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/cpu.h"
#include "loops/loops.h"
#include "tests/reference-group.h"

namespace convolt {
namespace {

// Distance of y from the true value, in units in the last place of a float there.
double ulps(float y, double truth) {
  if (std::isnan(truth)) return std::isnan(y) ? 0 : 1e30;
  const auto rounded = static_cast<float>(truth);
  if (y == rounded) return 0;
  if (std::isinf(y) || std::isinf(rounded) || std::isnan(y)) return 1e30;
  int exponent;
  std::frexp(truth, &exponent);
  return std::fabs(y - truth) / std::ldexp(1.0, std::max(exponent, -125) - 24);
}

class Math : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!is_supported(GetParam())) GTEST_SKIP() << "not on this processor";
  }

  std::vector<float> apply(Op op, const std::vector<float>& x, const std::vector<float>& y = {}) {
    std::vector<float> result(x.size());
    float* const at[] = {result.data(), const_cast<float*>(x.data()), const_cast<float*>(y.data())};
    const int where[] = {0, 1, 2};
    loops_of(GetParam()).opcode_table()[static_cast<int>(op)].loops[0](at, where, static_cast<int64_t>(x.size()));
    return result;
  }

  float apply(Op op, float x, float y = 0) {
    return apply(op, std::vector<float>(17, x), std::vector<float>(17, y))[16];
  }

  void expect_within(Op op, double limit, const std::vector<float>& x, const std::vector<float>& y = {}) {
    const std::vector<float> result = apply(op, x, y);
    double worst = 0;
    size_t where = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double error = ulps(result[i], reference_of(op, x[i], y.empty() ? 0 : y[i], 0));
      if (error <= worst) continue;
      worst = error;
      where = i;
    }
    RecordProperty(kOpNames[static_cast<int>(op)], std::to_string(worst));
    EXPECT_LE(worst, limit) << kOpNames[static_cast<int>(op)] << " of " << x[where] << (y.empty() ? "" : ", ")
                            << (y.empty() ? 0 : y[where]) << " is " << result[where];
  }
};

// Every `step`-th float of both signs up to `limit`, from zero on.
std::vector<float> floats_up_to(float limit, uint32_t step = 4099) {
  std::vector<float> all;
  for (uint32_t bits = 0; bits < 0x7f800000u; bits += step) {
    const auto x = __builtin_bit_cast(float, bits);
    if (x > limit) break;
    all.push_back(x);
    all.push_back(-x);
  }
  return all;
}

// Whole and half numbers and evenly spaced ones.
std::vector<float> even(float low, float high, int count) {
  std::vector<float> all;
  for (int i = 0; i <= count; ++i)
    all.push_back(low + (high - low) * static_cast<float>(i) / static_cast<float>(count));
  return all;
}

TEST_P(Math, ExponentialsAndLogarithms) {
  const std::vector<float> all = floats_up_to(INFINITY);
  expect_within(Op::exp, 2, all);
  expect_within(Op::exp, 2, even(-104, 89, 500000));
  expect_within(Op::expm1, 2, all);
  expect_within(Op::expm1, 2, even(-20, 89, 500000));
  expect_within(Op::log, 2, all);
  expect_within(Op::log, 2, even(0.5, 2, 500000));
  expect_within(Op::log1p, 2, all);
  expect_within(Op::log1p, 2, even(-0.99f, 3, 500000));
}

TEST_P(Math, SigmoidShapes) {
  const std::vector<float> all = floats_up_to(INFINITY);
  for (const Op op : {Op::tanh, Op::sigmoid}) {
    expect_within(op, 2, all);
    expect_within(op, 2, even(-12, 12, 500000));
  }
  expect_within(Op::erf, 3, all);
  expect_within(Op::erf, 3, even(-5, 5, 500000));
}

// Over all floats, of which CONVOLT_EVERY_FLOAT=1 takes each single one (minutes) and otherwise every 509th of both
// signs.
TEST_P(Math, AllFloats) {
  const uint32_t step = std::getenv("CONVOLT_EVERY_FLOAT") ? 1 : 509;
  std::vector<float> block;
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += step) {
    block.push_back(__builtin_bit_cast(float, static_cast<uint32_t>(bits)));
    if (block.size() < 1 << 16 && bits + step < uint64_t{1} << 32) continue;
    for (const Op op : {Op::exp, Op::tanh, Op::sigmoid}) expect_within(op, 2, block);
    block.clear();
  }
}

TEST_P(Math, Trigonometry) {
  for (const Op op : {Op::sin, Op::cos}) {
    expect_within(op, 3, floats_up_to(1e8f, 511));
    expect_within(op, 3, even(-10000, 10000, 2000000));
    for (const float x : floats_up_to(INFINITY)) EXPECT_LE(std::fabs(apply(op, x)), 1);
  }
}

TEST_P(Math, Powers) {
  std::vector<float> x, y;
  for (const float base : floats_up_to(INFINITY, 4000037)) {
    for (const float exponent :
         {-3.0f, -2.5f, -1.0f, -0.5f, 0.0f, 1.0f / 3, 0.5f, 1.0f, 2.0f, 2.5f, 3.0f, 10.0f, 37.25f}) {
      x.push_back(base);
      y.push_back(exponent);
    }
  }
  expect_within(Op::pow, 1, x, y);
  const float special[] = {0.0f, -0.0f, 1.0f,     -1.0f,     0.5f, -0.5f, 2.0f,  -2.0f,
                           3.0f, -3.0f, INFINITY, -INFINITY, NAN,  1e38f, 1e-40f};
  x.clear();
  y.clear();
  for (const float base : special) {
    for (const float exponent : special) {
      x.push_back(base);
      y.push_back(exponent);
    }
  }
  expect_within(Op::pow, 1, x, y);
}

TEST_P(Math, Limits) {
  const auto is_nan = [](float x) { return std::isnan(x); };
  EXPECT_EQ(apply(Op::exp, 1000), INFINITY);
  EXPECT_EQ(apply(Op::exp, -1000), 0);
  EXPECT_EQ(apply(Op::exp, -INFINITY), 0);
  EXPECT_EQ(apply(Op::expm1, -INFINITY), -1);
  EXPECT_EQ(apply(Op::log, 0), -INFINITY);
  EXPECT_EQ(apply(Op::log, INFINITY), INFINITY);
  EXPECT_PRED1(is_nan, apply(Op::log, -1));
  EXPECT_EQ(apply(Op::log1p, -1), -INFINITY);
  EXPECT_PRED1(is_nan, apply(Op::log1p, -2));
  EXPECT_EQ(apply(Op::sigmoid, 800), 1);
  EXPECT_EQ(apply(Op::sigmoid, -800), 0);
  EXPECT_EQ(apply(Op::tanh, 800), 1);
  for (const float x : {0.0f, 1e-30f, 0.3f, 0.7f, 20.0f}) EXPECT_EQ(apply(Op::tanh, -x), -apply(Op::tanh, x));
  EXPECT_PRED1(is_nan, apply(Op::sin, INFINITY));
  for (const Op op : {Op::exp, Op::expm1, Op::log, Op::log1p, Op::tanh, Op::sigmoid, Op::erf, Op::sin, Op::cos,
                      Op::sign, Op::floor, Op::round}) {
    EXPECT_PRED1(is_nan, apply(op, NAN)) << kOpNames[static_cast<int>(op)];
  }
  for (const Op op : {Op::maximum, Op::minimum, Op::add, Op::mod}) {
    EXPECT_PRED1(is_nan, apply(op, NAN, 1)) << kOpNames[static_cast<int>(op)];
    EXPECT_PRED1(is_nan, apply(op, 1, NAN)) << kOpNames[static_cast<int>(op)];
  }
  EXPECT_EQ(apply(Op::round, 0.5f), 0);
  EXPECT_EQ(apply(Op::round, 1.5f), 2);
  EXPECT_EQ(apply(Op::round, -2.5f), -2);
  EXPECT_EQ(apply(Op::mod, -7, 3), 2);
  EXPECT_EQ(apply(Op::mod, 7, -3), -2);
  EXPECT_EQ(apply(Op::isFinite, INFINITY), 0);
  EXPECT_EQ(apply(Op::isFinite, NAN), 0);
  EXPECT_EQ(apply(Op::isFinite, -3e38f), 1);
  EXPECT_EQ(apply(Op::equal, NAN, NAN), 0);
  EXPECT_EQ(apply(Op::pow, 0, 0), 1);
}

INSTANTIATE_TEST_SUITE_P(Isas, Math, testing::ValuesIn(kIsas), [](const auto& info) { return isa_name(info.param); });

}  // namespace
}  // namespace convolt
