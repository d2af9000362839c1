// Philox4x32-10 against the known-answer vectors of its authors (Random123), on every ISA of this machine.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "base/cpu.h"
#include "loops/loops.h"

namespace convolt {
namespace {

using Words = std::array<uint32_t, 4>;

class PhiloxTest : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!is_supported(GetParam())) GTEST_SKIP() << "not on this machine";
  }
  static Words draw(const Words& counter, std::array<uint32_t, 2> key) {
    Words words{};
    loops_of(GetParam()).philox(words.data(), 1, counter.data(), key.data());
    return words;
  }
};

TEST_P(PhiloxTest, KnownAnswers) {
  const uint32_t ones = 0xffffffff;
  EXPECT_EQ(draw({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(draw({ones, ones, ones, ones}, {ones, ones}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(draw({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST_P(PhiloxTest, BlocksCountUpAndCarry) {
  const std::array<uint32_t, 2> key = {7, 9};
  const Words start = {0xfffffffd, 5, 0, 2};
  for (const int64_t blocks : {0, 1, 2, 3, 7, 8, 15, 16, 17, 33, 100}) {
    std::vector<uint32_t> words(4 * blocks + 1, 0xa5a5a5a5);
    loops_of(GetParam()).philox(words.data(), blocks, start.data(), key.data());
    for (int64_t b = 0; b < blocks; ++b) {
      const uint64_t number = 0x5fffffffdull + b;
      const Words one = draw({static_cast<uint32_t>(number), static_cast<uint32_t>(number >> 32), 0, 2}, key);
      for (int lane = 0; lane < 4; ++lane) EXPECT_EQ(words[4 * b + lane], one[lane]) << blocks << " " << b;
    }
    EXPECT_EQ(words.back(), 0xa5a5a5a5);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryIsa, PhiloxTest, testing::Values(Isa::kGeneric, Isa::kAvx2, Isa::kAvx512));

}  // namespace
}  // namespace convolt
