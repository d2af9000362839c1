// The block interpreter against a plain loop in double: shapes, broadcasting, element types, reductions, overwriting.
#include <gtest/gtest.h>

#include "tests/reference-group.h"

namespace convolt {
namespace {

using Sizes = std::vector<int64_t>;

class Vm : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!is_supported(GetParam())) GTEST_SKIP() << "not on this processor";
  }

  Tensor random(const Sizes& sizes, DType dtype = DType::kFloat32) {
    return random_tensor(memory, numbers, sizes, dtype);
  }

  // Runs with one and with three threads, compares with the reference and the two bit by bit.
  void expect_right(const GroupText& text, const std::vector<Tensor>& inputs, const std::vector<Sizes>& output_sizes,
                    std::vector<DType> dtypes = {}, double tolerance = 2e-6) {
    std::vector<Tensor> outputs;
    dtypes.resize(output_sizes.size(), DType::kFloat32);
    for (size_t i = 0; i < output_sizes.size(); ++i) outputs.push_back(memory.make(output_sizes[i], dtypes[i]));
    const auto expected = reference_run(text, inputs, outputs);
    std::vector<std::string> first;
    for (ThreadPool* pool : {&one, &three}) {
      BoundGroup group(text, inputs, outputs, GetParam(), *pool);
      ASSERT_TRUE(group.status().is_ok()) << group.status().message();
      group.run();
      group.run();
      for (size_t i = 0; i < outputs.size(); ++i) {
        const std::string bytes(static_cast<const char*>(outputs[i].data), outputs[i].bytes());
        if (pool == &one) {
          first.push_back(bytes);
        } else {
          EXPECT_EQ(bytes, first[i]) << "output " << i << " depends on the number of threads";
        }
        for (int64_t k = 0; k < outputs[i].elements(); ++k) {
          double wanted = expected[i][k];
          if (dtypes[i] != DType::kFloat32) wanted = std::trunc(wanted);
          ASSERT_NEAR(number_at(outputs[i], k), wanted, tolerance * std::max(1.0, std::fabs(wanted)))
              << "output " << i << " at " << k << " of " << outputs[i].shape.to_string();
        }
      }
    }
    EXPECT_TRUE(memory.is_intact()) << "something was written behind a tensor";
  }

  Memory memory;
  std::mt19937 numbers{1};
  ThreadPool one{1};
  ThreadPool three{3};
};

TEST_P(Vm, EverySizeAroundABlock) {
  for (const int64_t n : {1, 2, 15, 16, 17, 31, 33, 511, 512, 513, 1023, 1024, 1025, 2047, 4097, 70001}) {
    const GroupText text{{n}, {2}, {{Op::mulAdd, 3, 0, 2, 1}, {Op::sub, 4, 3, 0}}, {{4, 0}, {3, 1}}};
    expect_right(text, {random({n}), random({n})}, {{n}, {1}});
  }
}

TEST_P(Vm, ScalarShape) {
  expect_right({{}, {3}, {{Op::add, 2, 0, 1}}, {{2, 0}}}, {random({})}, {{}});
  expect_right({{1, 1}, {3}, {{Op::add, 2, 0, 1}}, {{2, 1}}}, {random({})}, {{1, 1}});
}

TEST_P(Vm, EveryOpcodeWithEveryKindOfOperand) {
  const Opcode* opcodes = loops_of(GetParam()).opcode_table();
  const int64_t n = 1000;
  for (int op = 0; op < static_cast<int>(Op::kCount); ++op) {
    SCOPED_TRACE(opcodes[op].name);
    ASSERT_STREQ(opcodes[op].name, kOpNames[op]);
    for (int kinds = 0; kinds < 1 << opcodes[op].arity; ++kinds) {  // bit i: operand i is an immediate
      GroupText text{{n}, {1.25, 0.75, 0.5}, {{static_cast<Op>(op), 6, -1, -1, -1}}, {{6, 0}}};
      int* operands[] = {&text.lines[0].a, &text.lines[0].b, &text.lines[0].c};
      for (int i = 0; i < opcodes[op].arity; ++i) *operands[i] = i + (kinds >> i & 1 ? 3 : 0);
      expect_right(text, {random({n}), random({n}), random({n})}, {{n}});
    }
  }
}

TEST_P(Vm, Broadcasting) {
  const std::vector<Sizes> shapes = {{7, 10},     {128, 10},    {64, 600},     {5, 3000},
                                     {33, 1, 17}, {6, 5, 4, 3}, {2, 300, 4, 9}};
  for (const Sizes& shape : shapes) {
    const size_t rank = shape.size();
    for (int mask = 0; mask < 1 << rank; ++mask) {  // bit i: the operand moves along axis i
      SCOPED_TRACE(shape_of(shape).to_string() + " mask " + std::to_string(mask));
      Sizes sizes = shape;
      for (size_t i = 0; i < rank; ++i) sizes[i] = mask >> i & 1 ? shape[i] : 1;
      while (!sizes.empty() && sizes[0] == 1 && mask % 3 == 0) sizes.erase(sizes.begin());
      const GroupText text{shape, {}, {{Op::mul, 3, 0, 1}, {Op::add, 3, 3, 2}}, {{3, 0}}};
      expect_right(text, {random(shape), random(sizes), random(sizes, DType::kInt32)}, {shape});
    }
  }
}

TEST_P(Vm, ReductionsOverAnyAxes) {
  const std::vector<Sizes> shapes = {{3000},     {7, 10},   {128, 10},    {300, 64},     {70, 700},
                                     {40, 3000}, {3000, 2}, {6, 5, 4, 3}, {3, 40, 5, 70}};
  for (const Sizes& shape : shapes) {
    const size_t rank = shape.size();
    for (int mask = 0; mask < 1 << rank; ++mask) {  // bit i: axis i stays
      SCOPED_TRACE(shape_of(shape).to_string() + " mask " + std::to_string(mask));
      Sizes sizes = shape;
      for (size_t i = 0; i < rank; ++i) sizes[i] = mask >> i & 1 ? shape[i] : 1;
      const GroupText text{shape, {0.5}, {{Op::sub, 2, 0, 1}}, {{2, 1}, {2, 2}, {2, 3}, {0, 1}, {2, 0}}};
      expect_right(text, {random(shape)}, {sizes, sizes, sizes, sizes, shape});
    }
  }
}

TEST_P(Vm, ReductionsOfDifferentAxesInOneGroup) {
  const GroupText text{{300, 40}, {}, {{Op::mul, 2, 0, 1}}, {{2, 1}, {2, 2}, {2, 0}, {0, 1}}};
  expect_right(text, {random({300, 40}), random({40})}, {{300, 1}, {1, 40}, {300, 40}, {1, 1}});
}

TEST_P(Vm, Product) {
  expect_right({{50, 8}, {}, {}, {{0, 4}}}, {random({50, 8})}, {{1, 8}}, {}, 1e-5);
  expect_right({{50, 8}, {}, {}, {{0, 4}}}, {random({50, 8})}, {{50, 1}}, {}, 1e-5);
}

TEST_P(Vm, ReductionOfBroadcastOperandAndImmediate) {
  expect_right({{300, 40}, {2}, {}, {{0, 1}, {1, 1}}}, {random({40})}, {{300, 1}, {300, 1}});
  expect_right({{300, 40}, {2}, {}, {{0, 1}, {1, 1}}}, {random({1})}, {{1, 1}, {1, 1}});
}

TEST_P(Vm, ReductionOfNothing) {
  for (const Sizes& shape : {Sizes{0, 3}, Sizes{3, 0}, Sizes{0}}) {
    const GroupText text{shape, {}, {}, {{0, 0}}};
    expect_right(text, {random(shape)}, {shape});
  }
}

TEST_P(Vm, LongSumsAreAccurate) {
  const int64_t n = 3000001;
  Tensor x = memory.make({n}), y = memory.make({1});
  for (int64_t i = 0; i < n; ++i) static_cast<float*>(x.data)[i] = 0.1f;
  BoundGroup group({{n}, {}, {}, {{0, 1}}}, {x}, {y}, GetParam(), three);
  ASSERT_TRUE(group.status().is_ok());
  group.run();
  EXPECT_NEAR(number_at(y, 0) / (0.1f * static_cast<double>(n)), 1, 3e-7);
}

TEST_P(Vm, ElementTypes) {
  for (const DType in : {DType::kFloat32, DType::kInt32, DType::kUint8, DType::kBool}) {
    const GroupText text{{37, 30}, {}, {{Op::add, 2, 0, 1}}, {{2, 0}, {2, 0}, {2, 0}}};
    expect_right(text, {random({37, 30}, in), random({37, 1}, in)}, {{37, 30}, {37, 30}, {37, 30}},
                 {DType::kFloat32, DType::kInt32, in == DType::kInt32 ? DType::kInt32 : DType::kUint8});
  }
  expect_right({{1000}, {}, {{Op::less, 2, 0, 1}}, {{2, 0}}}, {random({1000}), random({1000})}, {{1000}},
               {DType::kBool});
  expect_right({{1000}, {}, {}, {{0, 1}}}, {random({1000}, DType::kBool)}, {{1}}, {DType::kInt32});
}

TEST_P(Vm, NanReachesMaxAndMin) {
  for (const int64_t n : {5, 40, 1000, 5000}) {
    for (const int64_t where : {int64_t{0}, n / 2, n - 1}) {
      for (const Sizes& shape : {Sizes{n}, Sizes{n, 3}, Sizes{9, n}}) {
        Tensor x = random(shape);
        static_cast<float*>(x.data)[where] = NAN;
        Tensor max = memory.make(Sizes(shape.size(), 1)), min = memory.make(Sizes(shape.size(), 1));
        BoundGroup group({shape, {}, {}, {{0, 2}, {0, 3}}}, {x}, {max, min}, GetParam(), one);
        ASSERT_TRUE(group.status().is_ok());
        group.run();
        EXPECT_TRUE(std::isnan(number_at(max, 0)));
        EXPECT_TRUE(std::isnan(number_at(min, 0)));
      }
    }
  }
}

TEST_P(Vm, OutputsMayOverwriteInputs) {
  const int64_t n = 5000;
  // m = 0.9 m + g, w = w - m; then a swap, and an output that is written before the input below it is read last.
  const GroupText step{{n}, {0.9}, {{Op::mulAdd, 4, 3, 1, 0}, {Op::sub, 5, 2, 4}}, {{4, 0}, {5, 0}}};
  const GroupText swap{{n}, {}, {}, {{1, 0}, {0, 0}}};
  const GroupText late{{n}, {}, {{Op::add, 2, 0, 1}, {Op::mul, 3, 2, 0}}, {{2, 0}, {3, 0}}};
  Tensor g = random({n}), m = random({n}), w = random({n});
  const auto check = [&](const GroupText& text, const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs) {
    const auto expected = reference_run(text, inputs, outputs);
    BoundGroup group(text, inputs, outputs, GetParam(), three);
    ASSERT_TRUE(group.status().is_ok());
    group.run();
    for (size_t i = 0; i < outputs.size(); ++i) {
      for (int64_t k = 0; k < n; ++k) ASSERT_NEAR(number_at(outputs[i], k), expected[i][k], 1e-5);
    }
  };
  check(step, {g, m, w}, {m, w});
  check(swap, {g, m}, {g, m});
  check(late, {g, m}, {g, m});
}

TEST_P(Vm, ChainsEqualTheirDefinition) {
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

TEST_P(Vm, UpdatesOfOptimizersAreSingleLoops) {
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

TEST_P(Vm, RandomGroups) {
  const Op ops[] = {Op::add,     Op::sub,   Op::mul,  Op::div,     Op::mulAdd,
                    Op::maximum, Op::where, Op::sqrt, Op::sigmoid, Op::less};
  for (int trial = 0; trial < 300; ++trial) {
    SCOPED_TRACE(trial);
    const auto pick = [&](int64_t limit) { return static_cast<int64_t>(numbers() % limit); };
    Sizes shape(pick(5));
    for (int64_t& size : shape) size = pick(4) == 0 ? 1 : 1 + pick(trial % 3 == 0 ? 40 : 9);
    const int inputs = 1 + static_cast<int>(pick(4));
    std::vector<Tensor> tensors;
    for (int i = 0; i < inputs; ++i) {
      Sizes sizes = shape;
      for (int64_t& size : sizes) size = pick(3) == 0 ? 1 : size;
      tensors.push_back(random(sizes, pick(4) == 0 ? DType::kUint8 : DType::kFloat32));
    }
    GroupText text{shape, {0.5, 2}, {}, {}};
    int known = inputs + 2;
    for (int i = static_cast<int>(pick(12)); i >= 0; --i) {
      const auto any = [&] { return static_cast<int>(pick(known)); };
      const bool again = known > inputs + 4 && pick(3) == 0;  // a register is used for another value
      const GroupText::Line line{ops[pick(std::size(ops))], again ? known - 2 : known, any(), any(), any()};
      text.lines.push_back(line);
      text.lines.push_back({Op::minimum, line.y, line.y, inputs + 1});  // keeps numbers small
      if (!again) ++known;
    }
    std::vector<Sizes> outputs;
    for (int i = static_cast<int>(pick(3)); i >= 0; --i) {
      const int tail = static_cast<int>(pick(4));
      Sizes sizes = shape;
      for (int64_t& size : sizes) size = tail != 0 && pick(2) == 0 ? 1 : size;
      text.ends.emplace_back(inputs + 2 + static_cast<int>(pick(known - inputs - 2)), tail);
      outputs.push_back(sizes);
    }
    expect_right(text, tensors, outputs, {}, 2e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, Vm, testing::ValuesIn(kIsas), [](const auto& info) { return isa_name(info.param); });

}  // namespace
}  // namespace convolt
