// Inputs that once made a fuzzer stop: replayed, for sanitizers to see.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/targets.h"

namespace convolt {
namespace {

struct Target {
  const char* name;
  void (*fuzz)(std::span<const uint8_t>);
};

class FuzzCorpus : public testing::TestWithParam<Target> {};

TEST_P(FuzzCorpus, IsHarmless) {
  int replayed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(CONVOLT_CORPUS "/") + GetParam().name)) {
    SCOPED_TRACE(entry.path());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    GetParam().fuzz({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
    ++replayed;
  }
  EXPECT_GT(replayed, 0);
}

INSTANTIATE_TEST_SUITE_P(All, FuzzCorpus,
                         testing::Values(Target{"plan", fuzz_plan}, Target{"kernel", fuzz_kernel},
                                         Target{"store", fuzz_store}),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace convolt
