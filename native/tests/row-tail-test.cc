// Groups that run behind a kernel: range by range they give what a pass of its own gives.
#include "elementwise/row-tail.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "tests/reference-group.h"

namespace convolt {
namespace {

using Sizes = std::vector<int64_t>;

class RowTailTest : public testing::Test {
 protected:
  Tensor random(const Sizes& sizes, DType dtype = DType::kFloat32) {
    return random_tensor(memory, numbers, sizes, dtype);
  }

  // Uneven ranges that cover `rows`, some of them empty.
  std::vector<std::pair<int64_t, int64_t>> cut(int64_t rows) {
    std::vector<std::pair<int64_t, int64_t>> ranges = {{0, 0}};
    while (ranges.back().second < rows) {
      const int64_t begin = ranges.back().second;
      const int64_t size = std::uniform_int_distribution<int64_t>(0, 1 + rows / 5)(numbers);
      ranges.emplace_back(begin, std::min(rows, begin + size));
    }
    return ranges;
  }

  // A bound tail with memory of its own for one pool.
  struct Bound {
    Bound(const GroupText& text, const std::vector<Tensor>& in, const std::vector<Tensor>& out, ThreadPool& pool,
          int64_t ranges)
        : inputs(in), outputs(out), operands{.inputs = inputs, .outputs = outputs, .pool = &pool} {
      const std::vector<double> attributes = text.attributes();
      AttributeReader read(attributes);
      status = Bytecode(read).check(operands);
      tail = RowTail::bind(attributes, operands, {nullptr, DType::kFloat32, shape_of(text.shape)}, ranges);
      if (tail == nullptr) return;
      status = workspace.allocate(tail->workspace(pool.threads()));
      tail->fit(workspace.data(), pool.threads());
    }
    std::vector<Tensor> inputs, outputs;
    Operands operands;
    Status status;
    std::unique_ptr<RowTail> tail;
    AlignedBuffer workspace;
  };

  // Runs twice with 1, 2 and 3 threads, ranges in falling order, and compares with the reference and bit by bit.
  void expect_right(const GroupText& text, const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
                    double tolerance = 1e-5) {
    const auto expected = reference_run(text, inputs, outputs);
    const auto ranges = cut(shape_of(text.shape).product(0, static_cast<int>(text.shape.size()) - 1));
    const auto count = static_cast<int64_t>(ranges.size());
    std::vector<std::string> first;
    for (ThreadPool* pool : {&one, &two, &three}) {
      Bound bound(text, inputs, outputs, *pool, count);
      ASSERT_TRUE(bound.status.is_ok()) << bound.status.message();
      ASSERT_NE(bound.tail, nullptr);
      for (int run = 0; run < 2; ++run) {
        bound.tail->begin();
        pool->parallel_for(count, [&](int64_t task, int thread) {
          const int64_t range = count - 1 - task;
          bound.tail->run(range, ranges[range].first, ranges[range].second, thread);
        });
        bound.tail->finish();
      }
      for (size_t i = 0; i < outputs.size(); ++i) {
        const std::string bytes(static_cast<const char*>(outputs[i].data), outputs[i].bytes());
        if (pool == &one) first.push_back(bytes);
        EXPECT_EQ(bytes, first[i]) << "output " << i << " depends on the number of threads";
        for (int64_t k = 0; k < outputs[i].elements(); ++k) {
          double wanted = expected[i][k];
          if (outputs[i].dtype != DType::kFloat32) wanted = std::trunc(wanted);
          ASSERT_NEAR(number_at(outputs[i], k), wanted, tolerance * std::max(1.0, std::fabs(wanted)))
              << "output " << i << " at " << k << " of " << outputs[i].shape.to_string();
        }
      }
    }
    EXPECT_TRUE(memory.is_intact()) << "something was written behind a tensor";
  }

  bool can_bind(const GroupText& text, const std::vector<Sizes>& inputs, const std::vector<Sizes>& outputs) {
    std::vector<Tensor> in, out;
    for (const Sizes& sizes : inputs) in.push_back(random(sizes));
    for (const Sizes& sizes : outputs) out.push_back(memory.make(sizes));
    const Bound bound(text, in, out, one, 4);
    EXPECT_TRUE(bound.status.is_ok()) << bound.status.message();
    return bound.tail != nullptr;
  }

  Memory memory;
  std::mt19937 numbers{3};
  ThreadPool one{1}, two{2}, three{3};
};

constexpr int64_t kChannels[] = {1, 2, 3, 16, 64, 100, 1000, 1024, 1025, 2048, 2500};

TEST_F(RowTailTest, EveryKindOfOperand) {
  // relu(x * scale + shift + residual * column * scalar)
  for (const int64_t k : kChannels) {
    const Sizes shape = {2, 5, 7, k};
    const GroupText text{
        shape,
        {0},
        {{Op::mul, 7, 0, 1}, {Op::add, 7, 7, 2}, {Op::mul, 8, 3, 4}, {Op::mulAdd, 7, 8, 5, 7}, {Op::maximum, 7, 7, 6}},
        {{7, 0}}};
    expect_right(text,
                 {random(shape), random({k}), random({1, 1, 1, k}), random(shape), random({2, 5, 7, 1}), random({})},
                 {memory.make(shape)});
  }
}

TEST_F(RowTailTest, EveryElementType) {
  for (const int64_t k : kChannels) {
    const Sizes shape = {3, 11, k};
    const GroupText text{shape,
                         {},
                         {{Op::add, 4, 0, 1}, {Op::add, 4, 4, 2}, {Op::add, 4, 4, 3}, {Op::less, 5, 0, 1}},
                         {{4, 0}, {3, 0}, {5, 0}, {4, 1}}};
    expect_right(
        text,
        {random(shape), random(shape, DType::kBool), random({k}, DType::kUint8), random({3, 11, 1}, DType::kInt32)},
        {memory.make(shape), memory.make(shape, DType::kInt32), memory.make(shape, DType::kBool),
         memory.make({1, 1, k})});
  }
}

TEST_F(RowTailTest, SumsOverTheRows) {
  // sums of y, y * y and mask * y of each channel, as batch normalisation wants them
  for (const int64_t k : kChannels) {
    for (const Sizes& shape : {Sizes{2, 9, 13, k}, Sizes{1, k}, Sizes{700, k}}) {
      Sizes kept(shape.size(), 1);
      kept.back() = k;
      const GroupText text{
          shape, {}, {{Op::mul, 2, 0, 0}, {Op::mul, 3, 0, 1}}, {{0, 1}, {2, 1}, {3, 1}, {3, 0}, {0, 2}}};
      expect_right(text, {random(shape), random(shape)},
                   {memory.make(kept), memory.make(kept), memory.make(kept), memory.make(shape), memory.make(kept)});
    }
  }
}

TEST_F(RowTailTest, SumsOfEverything) {
  for (const int64_t k : kChannels) {
    const Sizes shape = {3, 37, k};
    const GroupText text{shape, {}, {{Op::mul, 2, 0, 1}}, {{2, 1}, {2, 3}}};
    expect_right(text, {random(shape), random({k})}, {memory.make({1, 1, 1}), memory.make({1, 1, 1})});
    expect_right(text, {random(shape), random(shape)}, {memory.make({1, 1, 1}), memory.make({1, 1, 1})});
  }
}

TEST_F(RowTailTest, SumsWithinRows) {
  for (const int64_t k : kChannels) {
    const Sizes shape = {4, 33, k};
    const GroupText text{shape, {}, {{Op::mul, 2, 0, 1}}, {{2, 1}, {2, 0}, {0, 2}}};
    expect_right(text, {random(shape), random({k})},
                 {memory.make({4, 33, 1}), memory.make(shape), memory.make({4, 33, 1})});
  }
}

TEST_F(RowTailTest, OverwritesWhatItReads) {
  // y takes the place of x, which is read again afterwards
  for (const int64_t k : {3, 64, 2048}) {
    const Sizes shape = {5, 29, k};
    const Tensor x = random(shape), kept = memory.make(shape);
    std::memcpy(kept.data, x.data, x.bytes());
    const GroupText text{shape, {}, {{Op::mul, 2, 0, 1}, {Op::add, 3, 2, 0}}, {{2, 0}, {3, 0}}};
    const Tensor scale = random({k}), z = memory.make(shape);
    const auto expected = reference_run(text, {kept, scale}, {kept, z});
    for (ThreadPool* pool : {&one, &three}) {
      std::memcpy(x.data, kept.data, x.bytes());
      Bound bound(text, {x, scale}, {x, z}, *pool, 5);
      ASSERT_NE(bound.tail, nullptr);
      bound.tail->begin();
      pool->parallel_for(
          5, [&](int64_t range, int thread) { bound.tail->run(range, range * 29, range * 29 + 29, thread); });
      bound.tail->finish();
      for (int64_t i = 0; i < x.elements(); ++i) {
        ASSERT_NEAR(number_at(x, i), expected[0][i], 1e-5);
        ASSERT_NEAR(number_at(z, i), expected[1][i], 1e-5);
      }
    }
  }
}

TEST_F(RowTailTest, BindsOnlyWhatRowsCanCut) {
  const Sizes shape = {2, 3, 4, 5};
  const GroupText sum{shape, {}, {{Op::add, 2, 0, 1}}, {{2, 0}}};
  EXPECT_TRUE(can_bind(sum, {shape, {5}}, {shape}));
  EXPECT_FALSE(can_bind(sum, {shape, {2, 1, 1, 5}}, {shape})) << "another operand for each image";
  const GroupText folds{shape, {}, {}, {{0, 1}}};
  EXPECT_TRUE(can_bind(folds, {shape}, {{1, 1, 1, 5}}));
  EXPECT_FALSE(can_bind(folds, {shape}, {{2, 1, 1, 5}})) << "sums that end with an image";
  const GroupText both{shape, {}, {}, {{0, 1}, {0, 1}}};
  EXPECT_FALSE(can_bind(both, {shape}, {{1, 1, 1, 5}, {2, 3, 4, 1}})) << "two passes";
  const GroupText scalar{{}, {}, {{Op::neg, 1, 0}}, {{1, 0}}};
  EXPECT_FALSE(can_bind(scalar, {{}}, {{}}));
  const GroupText nothing{{0, 5}, {}, {{Op::neg, 1, 0}}, {{1, 0}}};
  EXPECT_FALSE(can_bind(nothing, {{0, 5}}, {{0, 5}}));
}

TEST_F(RowTailTest, FollowsNothingOfAnotherShape) {
  const GroupText text{{4, 5}, {}, {{Op::neg, 1, 0}}, {{1, 0}}};
  const std::vector<Tensor> in{random({4, 5})}, out{memory.make({4, 5})};
  const Operands operands{.inputs = in, .outputs = out, .pool = &one};
  EXPECT_EQ(RowTail::bind(text.attributes(), operands, {nullptr, DType::kFloat32, shape_of({5, 4})}, 2), nullptr);
  EXPECT_NE(RowTail::bind(text.attributes(), operands, {nullptr, DType::kFloat32, shape_of({4, 5})}, 2), nullptr);
}

}  // namespace
}  // namespace convolt
