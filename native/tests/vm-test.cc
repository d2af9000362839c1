// The block interpreter against a plain loop in double: shapes, broadcasting, element types, reductions, overwriting.
#include "tests/vm-fixture.h"

namespace convolt {
namespace {

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
