// The kernel `elementwise` as a program calls it: by name, with attributes; and what is left of empty shapes.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/fused-group.h"
#include "tests/run-kernel.h"

namespace convolt {
namespace {

TEST(Elementwise, BiasAndRelu) {
  const GroupText text{{2, 3}, {0}, {{Op::add, 3, 0, 1}, {Op::maximum, 3, 3, 2}}, {{3, 0}, {3, 1}}};
  const Array x = floats({2, 3}, {1, -2, 3, -4, 5, -6}), b = floats({3}, {0.5, 1, -1}), y = floats({2, 3}),
              sums = floats({1, 3});
  expect_ok(run_kernel("elementwise", text.attributes(), {&x, &b}, {&y, &sums}));
  EXPECT_EQ(y.numbers(), (std::vector<double>{1.5, 0, 2, 0, 6, 0}));
  EXPECT_EQ(sums.numbers(), (std::vector<double>{1.5, 6, 2}));
}

TEST(Elementwise, ReductionsOfNothing) {
  const GroupText text{{0, 2}, {}, {}, {{0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 0}}};
  const Array x = floats({0, 2}), sum = floats({1, 2}), max = floats({1, 2}), min = floats({1, 2}),
              prod = floats({1, 2}), all = floats({0, 2});
  expect_ok(run_kernel("elementwise", text.attributes(), {&x}, {&sum, &max, &min, &prod, &all}));
  EXPECT_EQ(sum.numbers(), (std::vector<double>{0, 0}));
  EXPECT_EQ(max.numbers(), (std::vector<double>{-INFINITY, -INFINITY}));
  EXPECT_EQ(min.numbers(), (std::vector<double>{INFINITY, INFINITY}));
  EXPECT_EQ(prod.numbers(), (std::vector<double>{1, 1}));
}

TEST(Elementwise, TornAttributesAreRefused) {
  const Array x = floats({2}), y = floats({2});
  for (const std::vector<double>& attributes :
       {std::vector<double>{1, 2, 0, -1, 0, 0}, {1, -2, 0, 0, 0, 0}, {9, 2, 0, 0, 0, 0}, {1, 2, 0, 99999, 0, 0}}) {
    AttributeReader read(attributes);
    const auto kernel = find_kernel("elementwise")(read);
    const Tensor in = x.tensor(), out = y.tensor();
    Operands operands{{&in, 1}, {&out, 1}};
    EXPECT_FALSE(read.exhausted() && kernel->check(operands).is_ok());
  }
}

}  // namespace
}  // namespace convolt
