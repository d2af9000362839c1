// LSTM and GRU against plain loops in double, forward and backward, on shapes around vectors, panels and parts.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/kernel.h"
#include "tests/numbers.h"
#include "tests/recurrent-reference.h"

namespace convolt {
namespace {

using Case = RecurrentCase;

class Recurrent : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    net_.c = GetParam();
    for (int64_t n = 0; n < net_.c.batch; ++n) {
      net_.lengths.push_back(n == 0 ? static_cast<double>(net_.c.steps)
                                    : static_cast<double>(random_integer(random_, 0, net_.c.steps)));
    }
  }

  std::vector<int64_t> sequence(int64_t gates) const { return {net_.c.batch, net_.c.steps, gates * net_.c.hidden}; }
  std::vector<int64_t> state() const { return {net_.c.batch, net_.c.hidden}; }
  std::vector<int64_t> weight(int64_t gates) const { return {net_.c.hidden, gates * net_.c.hidden}; }
  Array lengths() const { return ints({net_.c.batch}, net_.lengths); }
  double flag(bool value) const { return value ? 1 : 0; }

  // Runs a kernel at one, two, three and five threads, which must give the same bits, and compares with `expected`.
  void expect_results(const char* name, std::vector<double> attributes, std::vector<Array>& inputs,
                      const Arrays& expected, const std::vector<std::vector<int64_t>>& shapes) {
    std::vector<const Array*> in;
    for (const Array& input : inputs) in.push_back(&input);
    const Array ends = lengths();
    if (net_.c.has_lengths) in.push_back(&ends);
    std::vector<Array> first;
    for (const int threads : {1, 2, 3, 5}) {
      std::vector<Array> arrays;
      std::vector<const Array*> out;
      for (const auto& shape : shapes) arrays.push_back(floats(shape));
      for (const Array& array : arrays) out.push_back(&array);
      expect_ok(run_kernel(name, attributes, in, out, threads));
      if (threads == 1) {
        first = std::move(arrays);
        continue;
      }
      for (size_t i = 0; i < arrays.size(); ++i) {
        EXPECT_EQ(std::memcmp(first[i].tensor().data, arrays[i].tensor().data, first[i].tensor().bytes()), 0)
            << name << " output " << i << " at " << threads << " threads";
      }
    }
    for (size_t i = 0; i < first.size(); ++i) {
      if (first[i].tensor().elements() == 0) continue;
      EXPECT_LE(distance(first[i], expected[i]), 2e-5) << name << " output " << i;
    }
  }

  static Arrays numbers_of(const std::vector<Array>& arrays) {
    Arrays numbers;
    for (const Array& array : arrays) numbers.push_back(array.numbers());
    return numbers;
  }

  std::mt19937 random_{7};
  Network net_;
};

TEST_P(Recurrent, Lstm) {
  const Case c = net_.c;
  const auto scaled = [&](std::vector<int64_t> shape) {  // so that sums over units stay near 1
    std::vector<double> numbers = random_numbers(random_, Shape(shape).elements());
    for (double& number : numbers) number = static_cast<float>(number / std::sqrt(static_cast<double>(c.hidden)));
    return floats(shape, numbers);
  };
  std::vector<Array> inputs;
  inputs.push_back(random_floats(random_, sequence(4)));
  inputs.push_back(random_floats(random_, state()));
  inputs.push_back(random_floats(random_, state()));
  inputs.push_back(scaled(weight(4)));
  const Arrays expected = lstm(net_, numbers_of(inputs));
  const std::vector<double> attributes = {flag(c.reverse), flag(c.has_lengths)};
  expect_results("lstm", attributes, inputs, expected, {sequence(1), state(), state(), sequence(4), sequence(1)});
  expect_results("lstm", attributes, inputs, expected, {sequence(1), state(), state(), {0}, {0}});

  std::vector<Array> back;
  back.push_back(floats(sequence(4), expected[3]));
  back.push_back(floats(sequence(1), expected[4]));
  back.push_back(std::move(inputs[2]));
  back.push_back(std::move(inputs[3]));
  for (const auto& shape : {sequence(1), state(), state()}) back.push_back(random_floats(random_, shape));
  expect_results("lstmGrad", {flag(c.reverse), 1, 1, 1, flag(c.has_lengths)}, back, lstm_grad(net_, numbers_of(back)),
                 {sequence(4), state(), state()});
}

TEST_P(Recurrent, Gru) {
  const Case c = net_.c;
  std::vector<Array> inputs;
  inputs.push_back(random_floats(random_, sequence(3)));
  inputs.push_back(random_floats(random_, state()));
  std::vector<double> w = random_numbers(random_, 3 * c.hidden * c.hidden);
  for (double& number : w) number = static_cast<float>(number / std::sqrt(static_cast<double>(c.hidden)));
  inputs.push_back(floats(weight(3), w));
  inputs.push_back(random_floats(random_, {c.hidden}));
  const Arrays expected = gru(net_, numbers_of(inputs));
  const std::vector<double> attributes = {flag(c.reverse), flag(c.has_lengths)};
  expect_results("gru", attributes, inputs, expected, {sequence(1), state(), sequence(4)});
  expect_results("gru", attributes, inputs, expected, {sequence(1), state(), {0}});

  std::vector<Array> back;
  back.push_back(floats(sequence(4), expected[2]));
  back.push_back(floats(sequence(1), expected[0]));
  back.push_back(std::move(inputs[1]));
  back.push_back(std::move(inputs[2]));
  for (const auto& shape : {sequence(1), state()}) back.push_back(random_floats(random_, shape));
  expect_results("gruGrad", {flag(c.reverse), 1, 1, flag(c.has_lengths)}, back, gru_grad(net_, numbers_of(back)),
                 {sequence(3), sequence(3), state()});
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const bool reverse : {false, true}) {
    for (const bool has_lengths : {false, true}) {
      for (const auto& [batch, steps, hidden] : std::vector<std::array<int64_t, 3>>{{1, 1, 1},
                                                                                    {1, 7, 5},
                                                                                    {2, 3, 31},
                                                                                    {3, 4, 33},
                                                                                    {5, 2, 63},
                                                                                    {16, 3, 97},
                                                                                    {29, 2, 64},
                                                                                    {33, 2, 130},
                                                                                    {67, 3, 7},
                                                                                    {130, 2, 40},
                                                                                    {1, 4, 301}}) {
        all.push_back({batch, steps, hidden, reverse, has_lengths});
      }
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Shapes, Recurrent, testing::ValuesIn(cases()), [](const auto& info) {
  const Case& c = info.param;
  return std::to_string(c.batch) + "x" + std::to_string(c.steps) + "x" + std::to_string(c.hidden) +
         (c.reverse ? "reverse" : "") + (c.has_lengths ? "lengths" : "");
});

TEST(RecurrentLengths, StayInRange) {
  const Array gates = floats({2, 3, 4}), state = floats({2, 1}), weight = floats({1, 4}), output = floats({2, 3, 1}),
              none = floats({0}), bias = floats({1}), gru_gates = floats({2, 3, 3}), gru_weight = floats({1, 3});
  const Array hidden = floats({2, 1}), cell = floats({2, 1});
  for (const double length : {-1.0, 4.0}) {
    const Array lengths = ints({2}, {3, length});
    expect_fails(run_kernel("lstm", {0, 1}, {&gates, &state, &state, &weight, &lengths},
                            {&output, &hidden, &cell, &none, &none}),
                 Code::kValue, "every length to be between 0 and 3 but got");
    expect_fails(
        run_kernel("gru", {0, 1}, {&gru_gates, &state, &gru_weight, &bias, &lengths}, {&output, &hidden, &none}),
        Code::kValue, "every length to be between 0 and 3 but got");
  }
  const Array floats_for_lengths = floats({2});
  expect_fails(run_kernel("lstm", {0, 1}, {&gates, &state, &state, &weight, &floats_for_lengths},
                          {&output, &hidden, &cell, &none, &none}),
               Code::kDtype, "the lengths");
  expect_fails(
      run_kernel("lstm", {0, 0}, {&gates, &state, &state, &gru_weight}, {&output, &hidden, &cell, &none, &none}),
      Code::kShape, "the weight");
}

}  // namespace
}  // namespace convolt
