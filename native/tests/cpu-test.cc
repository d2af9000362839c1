// Processor features, limits of containers, and memory.
#include "base/cpu.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/aligned.h"
#include "base/thread_pool.h"

namespace convolt {
namespace {

TEST(Cpu, GenericIsAlwaysThere) {
  EXPECT_TRUE(is_supported(Isa::kGeneric));
  EXPECT_TRUE(is_supported(active_isa()));
  EXPECT_TRUE(is_supported(Isa::kAvx2) || !is_supported(Isa::kAvx512));
}

TEST(Cpu, EnvironmentChoosesTheIsa) {
  const char* wanted = std::getenv("CONVOLT_ISA");
  if (!wanted || !isa_status().is_ok()) GTEST_SKIP() << "CONVOLT_ISA is not set";
  EXPECT_STREQ(isa_name(active_isa()), wanted);
}

// In a process of its own, since the variable is read once.
TEST(CpuDeathTest, UnknownIsaIsReported) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        setenv("CONVOLT_ISA", "mmx", 1);
        const Status status = isa_status();
        const std::string start = "CONVOLT_ISA: expected the variable to be one of generic";
        const bool said =
            !status.is_ok() && status.message().starts_with(start) && status.message().ends_with("but got mmx");
        std::exit(said && is_supported(active_isa()) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

class Cgroup : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(root); }
  void TearDown() override { std::filesystem::remove_all(root); }
  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
    std::ofstream(root + path) << text;
  }
  const std::string root = testing::TempDir() + "cgroup-" + std::to_string(getpid());
};

TEST_F(Cgroup, Version2TakesTheTightestAncestor) {
  write("/a/b/cpu.max", "max 100000\n");
  write("/a/cpu.max", "150000 100000\n");
  EXPECT_EQ(cgroup_processors(root, "0::/a/b\n"), 2);
  EXPECT_EQ(cgroup_processors(root, "0::/other\n"), 0);
}

TEST_F(Cgroup, Version2AtTheRoot) {
  write("/cpu.max", "50000 100000\n");
  EXPECT_EQ(cgroup_processors(root, "0::/\n"), 1);
}

TEST_F(Cgroup, Version1) {
  write("/cpu/a/cpu.cfs_quota_us", "400000\n");
  write("/cpu/a/cpu.cfs_period_us", "100000\n");
  write("/cpu/cpu.cfs_quota_us", "-1\n");
  write("/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_processors(root, "7:memory:/a\n4:cpu,cpuacct:/a\n"), 4);
  EXPECT_EQ(cgroup_processors(root, "4:cpuset:/a\n"), 0);
}

TEST(AlignedBuffer, IsAlignedAndZeroed) {
  for (const int64_t bytes : {1, 63, 64, 65, 1 << 20, (8 << 20) + 5}) {
    AlignedBuffer buffer;
    ASSERT_TRUE(buffer.allocate(bytes).is_ok());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % kAlignment, 0u);
    EXPECT_EQ(buffer.bytes(), bytes);
    for (int64_t i = 0; i < bytes; ++i) ASSERT_EQ(buffer.data()[i], std::byte{0});
  }
}

TEST(AlignedBuffer, FailureIsAStatusAndKeepsTheOldBlock) {
  AlignedBuffer buffer;
  ASSERT_TRUE(buffer.allocate(100).is_ok());
  const std::byte* before = buffer.data();
  EXPECT_EQ(buffer.allocate(int64_t{1} << 60).code(), Code::kNative);
  EXPECT_EQ(buffer.allocate(-1).code(), Code::kNative);
  EXPECT_EQ(buffer.data(), before);
  ASSERT_TRUE(buffer.allocate(0).is_ok());
  EXPECT_EQ(buffer.data(), nullptr);
}

}  // namespace
}  // namespace convolt
