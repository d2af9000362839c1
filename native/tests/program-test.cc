// Programs and the executor: iterations, staging, abort, stop, failures, and one run at a time.
#include "runtime/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "plan-builder.h"
#include "runtime/executor.h"
#include "runtime/process.h"

namespace convolt {
namespace {

const std::atomic<bool> kNeverStop{false};

class ProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    TensorType type;
    const std::vector<double> sizes = {4};
    ASSERT_TRUE(make_tensor_type("test", 0, sizes, &type).is_ok());
    for (int64_t slot = 0; slot < 2; ++slot) ASSERT_TRUE(store_->declare(type, &slot).is_ok());
    ASSERT_TRUE(store_->write(1, std::as_bytes(std::span(kSecond)), 0).is_ok());
    load(false);
  }

  void load(bool profiling) {
    ASSERT_TRUE(Program::create(sample_plan().plan(), store_, {}, profiling, &program_).is_ok());
  }
  void feed(int64_t iterations) {
    auto* values = reinterpret_cast<float*>(program_->feeds()[0].memory.data());
    for (int64_t i = 0; i < iterations * 4; ++i) values[i] = static_cast<float>(i);
  }
  std::array<float, 4> state(int64_t slot) {
    std::array<float, 4> values{};
    EXPECT_TRUE(store_->read(slot, std::as_writable_bytes(std::span(values)), 0).is_ok());
    return values;
  }

  static constexpr std::array<float, 4> kSecond{5, 6, 7, 8};
  std::shared_ptr<Store> store_ = std::make_shared<Store>();
  std::unique_ptr<Program> program_;
};

TEST_F(ProgramTest, RunsIterationsOverSlices) {
  ASSERT_TRUE(program_->begin(3).is_ok());
  feed(3);
  int64_t completed = 0;
  ASSERT_TRUE(program_->run(kNeverStop, &completed).is_ok());
  program_->end();
  EXPECT_EQ(completed, 3);
  EXPECT_EQ(state(0), (std::array<float, 4>{8, 9, 10, 11}));
  const auto* fetched = reinterpret_cast<const float*>(program_->fetches()[0].memory.data());
  for (int i = 0; i < 12; ++i) EXPECT_EQ(fetched[i], 5 + i % 4);
}

TEST_F(ProgramTest, GrowsItsStagingMemoryOnly) {
  ASSERT_TRUE(program_->begin(100).is_ok());
  const std::byte* memory = program_->feeds()[0].memory.data();
  const int64_t bytes = program_->bytes();
  program_->end();
  ASSERT_TRUE(program_->begin(1).is_ok());
  EXPECT_EQ(program_->feeds()[0].memory.data(), memory);
  EXPECT_EQ(program_->bytes(), bytes);
  program_->end();
}

TEST_F(ProgramTest, RefusesASecondRunAndMoreIterationsThanMemory) {
  ASSERT_TRUE(program_->begin(1).is_ok());
  EXPECT_EQ(program_->begin(1).code(), Code::kBusy);
  program_->end();
  EXPECT_EQ(program_->begin(int64_t{1} << 60).code(), Code::kShape);
  EXPECT_EQ(program_->begin(int64_t{1} << 48).code(), Code::kNative);
  EXPECT_FALSE(store_->busy());
}

TEST_F(ProgramTest, RefusesToRunWithoutItsStates) {
  ASSERT_TRUE(store_->release(1).is_ok());
  EXPECT_EQ(program_->begin(1).code(), Code::kState);
  store_->dispose();
  EXPECT_EQ(program_->begin(1).code(), Code::kDisposed);
}

TEST_F(ProgramTest, AbortLeavesTheStatesOfWholeIterations) {
  ASSERT_TRUE(program_->begin(3).is_ok());
  feed(3);
  program_->abort();
  int64_t completed = -1;
  ASSERT_TRUE(program_->run(kNeverStop, &completed).is_ok());
  program_->end();
  EXPECT_EQ(completed, 0);
  EXPECT_EQ(state(0), (std::array<float, 4>{}));
  // The next run is not aborted.
  ASSERT_TRUE(program_->begin(1).is_ok());
  ASSERT_TRUE(program_->run(kNeverStop, &completed).is_ok());
  program_->end();
  EXPECT_EQ(completed, 1);
}

TEST_F(ProgramTest, KeepsTimesOnlyWhenAsked) {
  EXPECT_TRUE(program_->profile().empty());
  load(true);
  ASSERT_TRUE(program_->begin(5).is_ok());
  int64_t completed = 0;
  ASSERT_TRUE(program_->run(kNeverStop, &completed).is_ok());
  program_->end();
  ASSERT_EQ(program_->profile().size(), 3u);
  for (const Program::Profile& step : program_->profile()) EXPECT_EQ(step.calls, 5);
}

TEST_F(ProgramTest, RunsAtAnyNumberOfThreads) {
  const int before = process_pool().threads();
  for (const int threads : {1, 3, 2}) {
    ASSERT_TRUE(set_process_threads(threads).is_ok());
    ASSERT_TRUE(program_->begin(1).is_ok());
    int64_t completed = 0;
    EXPECT_TRUE(program_->run(kNeverStop, &completed).is_ok());
    program_->end();
  }
  EXPECT_TRUE(set_process_threads(before).is_ok());
}

// What the feed of `plan` becomes: one run on the numbers 0, 1, 2, ...
std::vector<float> outcome_of(Plan plan, std::span<const std::byte> constants = {}) {
  std::unique_ptr<Program> program;
  const Status made = Program::create(std::move(plan), std::make_shared<Store>(), constants, true, &program);
  EXPECT_TRUE(made.is_ok()) << made.message();
  if (!made.is_ok()) return {};
  EXPECT_TRUE(program->begin(1).is_ok());
  if (!program->feeds().empty()) {
    auto* values = reinterpret_cast<float*>(program->feeds()[0].memory.data());
    for (int64_t i = 0; i < program->feeds()[0].bytes / 4; ++i) values[i] = static_cast<float>(i);
  }
  int64_t completed = 0;
  EXPECT_TRUE(program->run(kNeverStop, &completed).is_ok());
  for (const Program::Profile& step : program->profile()) EXPECT_EQ(step.calls, 1);
  program->end();
  const Program::Transfer& fetch = program->fetches()[0];
  const auto* result = reinterpret_cast<const float*>(fetch.memory.data());
  return std::vector<float>(result, result + fetch.bytes / 4);
}

TEST(ProgramTails, RunAsStepsWhereTheKernelHasNoRanges) {
  EXPECT_EQ(outcome_of(tail_plan().plan()), (std::vector<float>{0, -1, -2, -3}));
}

// x w for x [1, 3, 5, 2] and w the matrix {1, 2; 3, 4}, then relu(y - 20) and the sums of that for each channel.
PlanBuilder convolution_plan() {
  PlanBuilder builder;
  builder.constant_bytes = 64;
  builder.arena_bytes = 128;
  builder.feeds = 1;
  builder.fetches = 1;
  builder.buffers = {
      {2, 0, 0, {1, 3, 5, 2}}, {4, 0, 0, {1, 1, 2, 2}}, {0, 0, 0, {1, 3, 5, 2}}, {3, 0, 0, {1, 1, 1, 2}}};
  const GroupText shifted{{1, 3, 5, 2}, {20, 0}, {{Op::sub, 3, 0, 1}, {Op::maximum, 3, 3, 2}}, {{3, 0}, {3, 1}}};
  builder.steps = {{0, {0, 1}, {2}, {1, 1, 0, 0, 0, 0, 1, 1, 1, 0}}, {1, {2}, {2, 3}, shifted.attributes(), 1}};
  builder.first_write = 2;
  return builder;
}

TEST(ProgramTails, EqualStepsOfTheirOwn) {
  const std::array<float, 16> weights{1, 2, 3, 4};
  const auto constants = std::as_bytes(std::span(weights));
  PlanBuilder builder = convolution_plan();
  std::vector<float> expected(2);
  for (int pixel = 0; pixel < 15; ++pixel) {
    const auto a = static_cast<float>(2 * pixel), b = static_cast<float>(2 * pixel + 1);
    expected[0] += std::max(0.0F, a + 3 * b - 20);
    expected[1] += std::max(0.0F, 2 * a + 4 * b - 20);
  }
  EXPECT_EQ(outcome_of(builder.plan({"conv2d", "elementwise"}), constants), expected);
  builder.steps[1].is_tail = 0;
  EXPECT_EQ(outcome_of(builder.plan({"conv2d", "elementwise"}), constants), expected);
}

TEST(Process, RefusesThreadCountsOutOfRangeAndDuringARun) {
  EXPECT_EQ(set_process_threads(0).code(), Code::kValue);
  EXPECT_EQ(set_process_threads(1025).code(), Code::kValue);
  const RunGuard run;
  // A lock is asked for by another thread than the one that holds it.
  std::thread([] { EXPECT_EQ(set_process_threads(1).code(), Code::kBusy); }).join();
}

// Counts runs; the first one waits until it is told to go on or to stop.
struct CountingJob : Job {
  void run(const std::atomic<bool>& stop) noexcept override {
    started = true;
    while (waiting && !stop) std::this_thread::yield();
  }
  void done() noexcept override {
    const std::lock_guard lock(mutex);
    ++runs;
    changed.notify_all();
  }
  void wait_for(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return runs >= count; });
  }

  std::atomic<bool> waiting{false}, started{false};
  std::mutex mutex;
  std::condition_variable changed;
  int runs = 0;
};

TEST(Executor, RunsJobsInTheOrderOfSubmission) {
  CountingJob first, second;
  first.waiting = true;
  Executor executor;
  ASSERT_TRUE(executor.submit(&first).is_ok());
  ASSERT_TRUE(executor.submit(&second).is_ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_FALSE(second.started);
  first.waiting = false;
  second.wait_for(1);
  EXPECT_EQ(first.runs, 1);
  // Awake or asleep, it takes the next job.
  for (int i = 2; i < 50; ++i) {
    if (i % 10 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    first.started = false;
    ASSERT_TRUE(executor.submit(&first).is_ok());
    first.wait_for(i);
  }
}

TEST(Executor, StopsWithARunInFlightAndDropsTheRest) {
  CountingJob first, second;
  first.waiting = true;
  {
    Executor executor;
    ASSERT_TRUE(executor.submit(&first).is_ok());
    while (!first.started) std::this_thread::yield();
    ASSERT_TRUE(executor.submit(&second).is_ok());
    Executor::stop_all();
    executor.stop();
  }
  EXPECT_EQ(first.runs, 1);
  EXPECT_FALSE(second.started);
}

}  // namespace
}  // namespace convolt
