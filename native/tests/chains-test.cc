// Chains of opcodes: each is one loop and gives what its opcodes give one by one.
#include "tests/vm-fixture.h"

namespace convolt {
namespace {

class Chains : public Vm {};

TEST_P(Chains, ChainsEqualTheirDefinition) {
  const int64_t n = 3000;
  const int x = 0, y = 1, z = 2, w = 3, a = 4, b = 5, c = 6, d = 7, e = 8, f = 9, g = 10, h = 11, p = 12, q = 13,
            r = 14;
  using Lines = std::vector<GroupText::Line>;
  const Lines first = {{Op::mul, p, x, b}, {Op::mulAdd, p, y, a, p}};
  const Lines second = {{Op::mul, q, x, x}, {Op::mul, q, q, d}, {Op::mulAdd, q, c, z, q}};
  const Lines second_left = {{Op::mul, q, d, x}, {Op::mul, q, x, q}, {Op::mulAdd, q, c, z, q}};
  const auto step = [&](int above, int below) {
    return Lines{{Op::div, r, below, f}, {Op::sqrt, r, r}, {Op::add, r, g, r}, {Op::div, r + 1, above, e}};
  };
  const Lines scaled = {{Op::div, r, r + 1, r}, {Op::mulAdd, r, r, h, w}};
  const Lines textbook = {{Op::mul, r + 1, h, r + 1}, {Op::div, r, r + 1, r}, {Op::sub, r, w, r}};
  const auto join = [](std::initializer_list<Lines> parts) {
    Lines all;
    for (const Lines& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  };
  struct Case {
    Lines lines;
    std::vector<int> outputs;
    size_t calls;  // what is left of the lines
  };
  const std::vector<Case> cases = {
      {join({first, second, step(p, q), scaled}), {p, q, r}, 1},
      {join({second_left, first, step(p, q), textbook}), {r, q, p}, 1},
      {join({first, second, step(p, q), scaled, {{Op::mul, r, r, p}}}), {p, q, r}, 2},  // p is read after the chain
      {join({first, {{Op::mul, r + 2, p, x}}, second, step(p, q), scaled}), {p, q, r, r + 2}, 4},  // and before it
      {join({step(x, y), scaled}), {r}, 1},
      {join({step(x, y), textbook}), {r}, 1},
      {join({step(x, y), {{Op::div, r, r + 1, r}}}), {r}, 1},
      {{{Op::sqrt, q, y}, {Op::add, q, q, g}, {Op::div, p, x, q}}, {p}, 1},
      {first, {p}, 1},
      {second, {q}, 1},
      {second_left, {q}, 1},
      {{{Op::mul, p, x, b}, {Op::mulAdd, q, y, a, p}, {Op::mul, p, p, q}},
       {p},
       3},  // the product is read twice: no chain
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    GroupText text{{n}, {}, cases[i].lines, {}};
    for (const int output : cases[i].outputs) text.ends.emplace_back(output, 0);
    std::vector<Tensor> inputs;
    for (int k = 0; k < 12; ++k) inputs.push_back(random(k < 4 ? Sizes{n} : Sizes{}));
    expect_right(text, inputs, std::vector<Sizes>(text.ends.size(), {n}), {}, 1e-5);
    const std::vector<Tensor> outputs(text.ends.size(), memory.make({n}));
    EXPECT_EQ(BoundGroup(text, inputs, outputs, GetParam(), one).calls(), cases[i].calls);
  }
}

TEST_P(Chains, UpdatesOfOptimizersAreSingleLoops) {
  const int64_t n = 5000;
  const int x = 0, y = 1, z = 2, w = 3, a = 4, b = 5, c = 6, d = 7, g = 8, h = 9, k = 10, p = 11, q = 12, r = 13,
            s = 14;
  struct Case {
    std::vector<GroupText::Line> lines;
    std::vector<int> outputs;
  };
  const GroupText::Line decayed{Op::mulAdd, s, w, k, x}, scaled{Op::mul, p, x, b}, root{Op::sqrt, q, q};
  const GroupText::Line square{Op::mul, p, x, x}, weighed{Op::mul, p, p, d}, average{Op::mulAdd, p, y, c, p};
  const std::vector<Case> cases = {
      {{scaled, {Op::mulAdd, p, y, a, p}, {Op::add, q, w, p}}, {p, q}},                            // momentum
      {{scaled, {Op::mulAdd, q, y, a, p}, {Op::mulAdd, r, q, a, p}, {Op::add, r, w, r}}, {q, r}},  // Nesterov
      {{decayed, {Op::mul, p, s, b}, {Op::mulAdd, p, y, a, p}, {Op::add, q, w, p}}, {p, q}},       // decay
      {{{Op::mulAdd, p, y, a, x}, {Op::mulAdd, q, p, h, w}}, {p, q}},                              // gradients
      {{{Op::mulAdd, p, y, a, x}, {Op::mulAdd, q, p, a, x}, {Op::mulAdd, q, q, h, w}}, {p, q}},    // ahead
      {{decayed, {Op::mulAdd, q, s, h, w}}, {q}},                                                  // descent
      {{{Op::mulAdd, p, x, x, y}, {Op::add, q, p, g}, root, {Op::div, q, x, q}, {Op::mulAdd, q, q, h, w}}, {p, q}},
      {{{Op::mulAdd, p, x, x, y}, {Op::sqrt, q, p}, {Op::add, q, q, g}, {Op::div, q, x, q}, {Op::mulAdd, q, q, h, w}},
       {p, q}},
      {{square, weighed, average, {Op::add, q, p, g}, root, {Op::div, q, x, q}, {Op::mulAdd, q, q, h, w}}, {p, q}},
      {{square,
        weighed,
        average,
        {Op::add, q, p, g},
        {Op::add, r, z, g},
        {Op::div, q, r, q},
        root,
        {Op::mul, q, q, x},
        {Op::mul, r, q, q},
        {Op::mul, r, r, b},
        {Op::mulAdd, r, z, a, r},
        {Op::mulAdd, q, q, h, w}},
       {p, r, q}},  // Adadelta
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    GroupText text{{n}, {}, cases[i].lines, {}};
    for (const int output : cases[i].outputs) text.ends.emplace_back(output, 0);
    std::vector<Tensor> inputs;
    for (int input = 0; input < 11; ++input) inputs.push_back(random(input < 4 ? Sizes{n} : Sizes{}));
    expect_right(text, inputs, std::vector<Sizes>(text.ends.size(), {n}), {}, 2e-5);
    const std::vector<Tensor> outputs(text.ends.size(), memory.make({n}));
    EXPECT_EQ(BoundGroup(text, inputs, outputs, GetParam(), one).calls(), 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, Chains, testing::ValuesIn(kIsas), [](const auto& info) { return isa_name(info.param); });

}  // namespace
}  // namespace convolt
