// Programs of fused groups that must be refused before they run.
#include "elementwise/bytecode.h"

#include <gtest/gtest.h>

#include "tests/fused-group.h"

namespace convolt {
namespace {

TEST(Bytecode, RefusesWhatItCannotTrust) {
  Memory memory;
  ThreadPool pool(1);
  const Tensor x = memory.make({4}), wide = memory.make({5}), y = memory.make({4});
  const auto message = [&](const GroupText& text, const Tensor& input, const Tensor& output) {
    return BoundGroup(text, {input}, {output}, Isa::kGeneric, pool).status().message();
  };
  EXPECT_EQ(message({{4}, {}, {}, {{0, 0}}}, x, y), "");
  EXPECT_EQ(message({{4}, {}, {}, {{0, 0}}}, wide, y), "elementwise: expected every input to fit to [4] but got [5]");
  EXPECT_EQ(message({{4}, {}, {}, {{0, 0}}}, x, wide), "elementwise: expected every output to be [4] but got [5]");
  EXPECT_EQ(message({{4}, {}, {{static_cast<Op>(99), 1, 0}}, {{1, 0}}}, x, y),
            "elementwise: expected every opcode to be a known one but got 99");
  EXPECT_EQ(message({{4}, {}, {{Op::neg, 1, 2}}, {{1, 0}}}, x, y),
            "elementwise: expected every operand to be a register that was written but got 2");
  EXPECT_EQ(message({{4}, {}, {{Op::neg, 0, 0}}, {{0, 0}}}, x, y),
            "elementwise: expected every result to be a temporary register but got 0");
  EXPECT_EQ(message({{4}, {}, {}, {{3, 0}}}, x, y),
            "elementwise: expected every output to be a register that was written but got 3");
  EXPECT_EQ(message({{4}, {}, {}, {{0, 9}}}, x, y), "elementwise: expected every tail to be a known one but got 9");
  EXPECT_EQ(message({{4}, {}, {}, {{0, 0}, {0, 0}}}, x, y),
            "elementwise: expected the number of outputs to be 2 but got 1");
}

}  // namespace
}  // namespace convolt
