// Pseudo-random operands and comparisons for tests of kernels.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "tests/run-kernel.h"

namespace convolt {

// Uniform numbers in [-1, 1].
inline std::vector<double> random_numbers(std::mt19937& random, int64_t count) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<double> numbers(count);
  for (double& number : numbers) number = uniform(random);
  return numbers;
}

inline int64_t random_integer(std::mt19937& random, int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(random);
}

inline Array random_floats(std::mt19937& random, const std::vector<int64_t>& shape) {
  return floats(shape, random_numbers(random, Shape(shape).elements()));
}

// The farthest element of `actual` from its place in `expected`.
inline double distance(const Array& actual, const std::vector<double>& expected) {
  double most = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double apart = std::abs(actual[i] - expected[i]);
    most = std::isnan(apart) ? INFINITY : std::max(most, apart);
  }
  return most;
}

// Runs a kernel with one output at one, two and three threads, which must give the same bits.
inline Array run_at_any_threads(const char* name, const std::vector<double>& attributes,
                                const std::vector<const Array*>& inputs, const std::vector<int64_t>& shape) {
  Array first = floats(shape);
  expect_ok(run_kernel(name, attributes, inputs, {&first}, 1));
  for (const int threads : {2, 3}) {
    const Array other = floats(shape);
    expect_ok(run_kernel(name, attributes, inputs, {&other}, threads));
    EXPECT_EQ(std::memcmp(first.tensor().data, other.tensor().data, first.tensor().bytes()), 0)
        << threads << " threads";
  }
  return first;
}

}  // namespace convolt
