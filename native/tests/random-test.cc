// K-08: draws of the random kernels: known integers, moments, and the same numbers at any thread count.
#include <algorithm>
#include <cmath>
#include <set>

#include "tests/run-kernel.h"

namespace convolt {
namespace {

const std::vector<double> kZero = {0, 0};

TEST(Random, BitsAreTheWordsOfTheGenerator) {
  const Array key = ints({2}, kZero);
  const Array bits = ints({5});
  expect_ok(run_kernel("randomBits", {}, {&key}, {&bits}));
  EXPECT_EQ(bits.as<uint32_t>()[0], 0x6627e8d5u);
  EXPECT_EQ(bits.as<uint32_t>()[3], 0x9b00dbd8u);
  const Array uniform = floats({5});
  expect_ok(run_kernel("randomUniform", {}, {&key}, {&uniform}));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(uniform[i], (bits.as<uint32_t>()[i] >> 8) / 16777216.0);
}

TEST(Random, NormalFollowsBoxAndMuller) {
  const Array key = ints({2}, {3, -4});
  for (const int64_t n : {0, 1, 2, 3, 5, 1023, 1024, 1025, 20001}) {
    const Array bits = ints({n + n % 2});
    const Array normal = floats({n});
    expect_ok(run_kernel("randomBits", {}, {&key}, {&bits}));
    expect_ok(run_kernel("randomNormal", {}, {&key}, {&normal}));
    for (int64_t i = 0; i < n; ++i) {
      const uint32_t* words = bits.as<uint32_t>() + i / 2 * 2;
      const double radius = std::sqrt(-2 * std::log(((words[0] >> 8) + 1) / 16777216.0));
      const double angle = 2 * M_PI * (words[1] >> 8) / 16777216.0;
      EXPECT_NEAR(normal[i], radius * (i % 2 ? std::sin(angle) : std::cos(angle)), 2e-6) << i << " of " << n;
    }
  }
}

TEST(Random, MomentsOfAMillionNormals) {
  const int64_t n = 1000000;
  const Array key = ints({2}, {1, 2});
  const Array normal = floats({n});
  expect_ok(run_kernel("randomNormal", {}, {&key}, {&normal}, 2));
  double sum = 0;
  double squares = 0;
  for (int64_t i = 0; i < n; ++i) {
    sum += normal[i];
    squares += normal[i] * normal[i];
  }
  EXPECT_NEAR(sum / n, 0, 0.004);
  EXPECT_NEAR(std::sqrt(squares / n - sum / n * sum / n), 1, 0.004);
}

TEST(Random, AnyThreadCountAndAnyPrefixGiveTheSame) {
  const Array key = ints({2}, {5, 6});
  for (const char* name : {"randomUniform", "randomNormal"}) {
    const Array one = floats({100003});
    const Array three = floats({100003});
    const Array few = floats({17});
    expect_ok(run_kernel(name, {}, {&key}, {&one}, 1));
    expect_ok(run_kernel(name, {}, {&key}, {&three}, 3));
    expect_ok(run_kernel(name, {}, {&key}, {&few}));
    EXPECT_EQ(one.numbers(), three.numbers());
    for (int i = 0; i < 17; ++i) EXPECT_NEAR(few[i], one[i], 1e-6);
  }
}

TEST(Random, StreamsOfAKeyDiffer) {
  const Array key = ints({2}, kZero);
  std::set<std::vector<double>> keys;
  for (const double stream : {0.0, 1.0, 2.0, 4294967296.0, 4294967297.0}) {
    const Array made = ints({2});
    expect_ok(run_kernel("splitKey", {stream}, {&key}, {&made}));
    keys.insert(made.numbers());
  }
  EXPECT_EQ(keys.size(), 5u);
}

TEST(Random, PermutationIsABijection) {
  const Array key = ints({2}, {8, 9});
  for (const int64_t n : {1, 2, 3, 4, 5, 1000, 1797}) {
    const Array order = ints({n});
    expect_ok(run_kernel("permutation", {}, {&key}, {&order}));
    std::vector<double> sorted = order.numbers();
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, counting(n));
  }
}

TEST(Random, ChecksRefuseWrongKeys) {
  const Array key = ints({3});
  const Array y = floats({4});
  expect_fails(run_kernel("randomUniform", {}, {&key}, {&y}), Code::kShape, "randomUniform: expected the key");
  expect_fails(run_kernel("randomNormal", {}, {&y}, {&y}), Code::kDtype, "randomNormal: expected the key");
  const Array good = ints({2});
  expect_fails(run_kernel("randomBits", {}, {&good}, {&y}), Code::kDtype, "randomBits: expected the output");
  expect_fails(run_kernel("splitKey", {0}, {&good}, {&key}), Code::kShape, "splitKey: expected the output");
}

}  // namespace
}  // namespace convolt
