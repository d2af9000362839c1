// Loops of a plan: operands that move stay within their memory in every turn or are refused, and come back afterwards.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <limits>
#include <random>

#include "plan-builder.h"
#include "runtime/program.h"
#include "runtime/verify.h"

namespace convolt {
namespace {

const std::atomic<bool> kNeverStop{false};

std::shared_ptr<Store> store_with_state() {
  auto store = std::make_shared<Store>();
  const std::vector<double> sizes = {4};
  TensorType type;
  int64_t slot = 0;
  EXPECT_TRUE(make_tensor_type("test", 0, sizes, &type).is_ok());
  EXPECT_TRUE(store->declare(type, &slot).is_ok());
  return store;
}

Status load(std::span<const double> words, std::unique_ptr<Program>* out, bool profiling = false) {
  Plan plan;
  CONVOLT_TRY(decode_plan(words, &plan));
  plan.names = {"copy", "elementwise", "checkFinite"};
  plan.labels.assign(plan.steps.size(), "step");
  return Program::create(std::move(plan), store_with_state(), {}, profiling, out);
}

Status load(const PlanBuilder& builder, std::unique_ptr<Program>* out, bool profiling = false) {
  return load(builder.words(), out, profiling);
}

std::vector<float> run(Program& program, size_t inputs, size_t outputs, int64_t iterations = 1) {
  EXPECT_TRUE(program.begin(iterations).is_ok());
  auto* feed = reinterpret_cast<float*>(program.feeds()[0].memory.data());
  for (size_t i = 0; i < inputs * iterations; ++i) feed[i] = static_cast<float>(i);
  int64_t completed = 0;
  EXPECT_TRUE(program.run(kNeverStop, &completed).is_ok());
  EXPECT_EQ(completed, iterations);
  program.end();
  const auto* fetched = reinterpret_cast<const float*>(program.fetches()[0].memory.data());
  return {fetched, fetched + outputs * iterations};
}

TEST(Loop, MovesThroughItsOperandsInEveryIteration) {
  std::unique_ptr<Program> program;
  ASSERT_TRUE(load(loop_plan(), &program, true).is_ok());
  const std::vector<float> fetched = run(*program, 12, 12, 2);
  for (int i = 0; i < 24; ++i) {
    const int row = i / 4 % 3, in_row = i % 4;
    EXPECT_EQ(fetched[i], -static_cast<float>(i / 12 * 12 + (2 - row) * 4 + in_row)) << i;
  }
  for (const Program::Profile& step : program->profile()) EXPECT_EQ(step.calls, 6);
}

TEST(Loop, RunsInLoops) {
  std::unique_ptr<Program> program;
  ASSERT_TRUE(load(nested_loop_plan(), &program).is_ok());
  const std::vector<float> fetched = run(*program, 48, 16);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(fetched[i], 3 * (i / 4 * 12 + i % 4) + 12) << i;
}

TEST(Loop, LeavesItsOperandsInPlaceWhenAStepFails) {
  PlanBuilder builder = loop_plan();
  builder.buffers.push_back({0, 0, 1, {}});
  builder.steps.insert(builder.steps.begin() + 1, {2, {3}, {5}, {}});
  builder.loops = {{0, 3, 3}};
  builder.first_write = 3;
  std::unique_ptr<Program> program;
  ASSERT_TRUE(load(builder, &program).is_ok());
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(program->begin(1).is_ok());
    auto* feed = reinterpret_cast<float*>(program->feeds()[0].memory.data());
    std::fill(feed, feed + 12, 1.0f);
    feed[4] = std::numeric_limits<float>::infinity();
    int64_t completed = 0;
    EXPECT_EQ(program->run(kNeverStop, &completed).code(), Code::kNotFinite);
    program->end();
  }
  EXPECT_EQ(run(*program, 12, 12)[0], -8);
}

struct Lie {
  const char* name;
  std::function<void(PlanBuilder&)> tell;
};

class LyingLoop : public testing::TestWithParam<Lie> {};

TEST_P(LyingLoop, IsRefused) {
  PlanBuilder builder = loop_plan();
  GetParam().tell(builder);
  std::unique_ptr<Program> program;
  const Status status = load(builder, &program);
  EXPECT_EQ(status.code(), Code::kNative) << status.message();
  EXPECT_NE(status.message().find("plan: expected "), std::string::npos) << status.message();
  EXPECT_NE(status.message().find(" but got "), std::string::npos) << status.message();
}

constexpr double kHuge = 9007199254740988.0;

const Lie kLies[] = {
    {"too_many_turns", [](PlanBuilder& plan) { plan.loops[0][2] = 4; }},
    {"more_turns_than_numbers", [](PlanBuilder& plan) { plan.loops[0][2] = kHuge; }},
    {"no_turns", [](PlanBuilder& plan) { plan.loops[0][2] = 0; }},
    {"no_steps",
     [](PlanBuilder& plan) {
       plan.loops[0] = {1, 1, 3};
     }},
    {"backward",
     [](PlanBuilder& plan) {
       plan.loops[0] = {2, 1, 3};
     }},
    {"steps_outside", [](PlanBuilder& plan) { plan.loops[0][1] = 3; }},
    {"wide_stride",
     [](PlanBuilder& plan) {
       plan.buffers[2].moves = {0, 20};
     }},
    {"huge_stride",
     [](PlanBuilder& plan) {
       plan.buffers[2].moves = {0, kHuge};
     }},
    {"huge_backward_stride",
     [](PlanBuilder& plan) {
       plan.buffers[4].moves = {0, -kHuge};
     }},
    {"starts_too_late", [](PlanBuilder& plan) { plan.buffers[2].offset = 4; }},
    {"starts_too_early", [](PlanBuilder& plan) { plan.buffers[4].offset = 28; }},
    {"starts_far_outside", [](PlanBuilder& plan) { plan.buffers[4].offset = kHuge; }},
    {"starts_before", [](PlanBuilder& plan) { plan.buffers[4].offset = -4; }},
    {"torn_element",
     [](PlanBuilder& plan) {
       plan.buffers[2].moves = {0, 2};
     }},
    {"torn_offset", [](PlanBuilder& plan) { plan.buffers[4].offset = 34; }},
    {"two_strides_at_once",
     [](PlanBuilder& plan) {
       plan.buffers[2].moves = {0, 16, 0, 16};
     }},
    {"leaves_the_arena",
     [](PlanBuilder& plan) {
       plan.buffers[3].moves = {0, 32};
     }},
    {"leaves_the_arena_downward",
     [](PlanBuilder& plan) {
       plan.buffers[3].moves = {0, -64};
     }},
    {"unknown_loop",
     [](PlanBuilder& plan) {
       plan.buffers[2].moves = {1, 16};
     }},
    {"moves_in_another_loop",
     [](PlanBuilder& plan) {
       plan.steps.push_back({0, {2}, {3}, {}});
       plan.first_write = 3;
     }},
    {"overlapping_loops",
     [](PlanBuilder& plan) {
       plan.steps.push_back({0, {3}, {5}, {}});
       plan.buffers.push_back({0, 0, 0, {4}});
       plan.first_write = 3;
       plan.loops.push_back({1, 3, 2});
     }},
    {"loops_in_another_order",
     [](PlanBuilder& plan) {
       plan.loops = {{1, 2, 1}, {0, 1, 3}};
     }},
    {"late_writes", [](PlanBuilder& plan) { plan.first_write = 1; }},
    {"output_runs_into_an_input",
     [](PlanBuilder& plan) {
       plan.arena_bytes = 192;
       plan.buffers[3] = {0, 0, 0, {4}, 0, {0, 16}};
       plan.buffers[4] = {0, 0, 0, {4}, 32, {}};
     }},
    {"output_runs_into_another_that_moves_alike",
     [](PlanBuilder& plan) {
       plan.arena_bytes = 192;
       plan.buffers[3] = {0, 0, 0, {4}, 0, {0, 16}};
       plan.buffers[4] = {0, 0, 0, {4}, 8, {0, 16}};
     }},
    {"feed_in_parts_alone", [](PlanBuilder& plan) { plan.buffers[0] = plan.buffers[2]; }},
    {"tail_behind_the_loop",
     [](PlanBuilder& plan) {
       plan.loops[0] = {0, 1, 3};
       plan.buffers[4] = plan.buffers[1];
       plan.buffers[4].shape = {4};
       plan.steps[1].is_tail = 1;
     }},
};

INSTANTIATE_TEST_SUITE_P(Loop, LyingLoop, testing::ValuesIn(kLies),
                         [](const auto& lie) { return std::string(lie.param.name); });

TEST(Loop, RefusesAStateThatMovesOutOfItself) {
  PlanBuilder builder = loop_plan();
  builder.slots = {0};
  builder.buffers[2] = {1, 0, 0, {2}, 0, {0, 4}};
  builder.buffers[3] = {0, 64, 0, {2}};
  builder.buffers[4] = {3, 0, 0, {2}, 0, {0, 8}};
  builder.steps[1].attributes = GroupText{{2}, {}, {{Op::neg, 1, 0}}, {{1, 0}}}.attributes();
  std::unique_ptr<Program> program;
  EXPECT_EQ(load(builder, &program).message(), "");
  builder.buffers[2].moves = {0, 8};
  EXPECT_EQ(load(builder, &program).code(), Code::kNative);
}

int64_t turns(const Plan& plan) {
  double turns = 1;
  for (const PlanLoop& loop : plan.loops) turns *= static_cast<double>(loop.count);
  return turns < 1000 ? static_cast<int64_t>(turns) : 1000;
}

// What passes verification must run within its memory: run it, for sanitizers and guard pages to see.
TEST(Loop, SurvivesRandomMutations) {
  const double odd[] = {-1,
                        -16,
                        -48,
                        0.5,
                        3,
                        4,
                        8,
                        12,
                        16,
                        32,
                        36,
                        48,
                        64,
                        1e9,
                        kHuge,
                        1e300,
                        std::numeric_limits<double>::quiet_NaN(),
                        -std::numeric_limits<double>::infinity()};
  std::mt19937 random(7);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  int refused = 0, accepted = 0;
  for (int round = 0; round < 100000 && std::chrono::steady_clock::now() < end; ++round) {
    std::vector<double> words = (round % 2 ? loop_plan() : nested_loop_plan()).words();
    for (uint32_t i = random() % 3 + 1; i > 0; --i) {
      double& word = words[random() % words.size()];
      word = random() % 2 ? random() % 6 : odd[random() % std::size(odd)];
    }
    std::unique_ptr<Program> program;
    Plan plan;
    if (!load(words, &program).is_ok() || program->bytes() > (1 << 20)) {
      ++refused;
      continue;
    }
    ASSERT_TRUE(decode_plan(words, &plan).is_ok());
    if (turns(plan) >= 1000 || program->feeds()[0].bytes > 4096 || program->fetches()[0].bytes > 4096) continue;
    ++accepted;
    int64_t completed = 0;
    ASSERT_TRUE(program->begin(2).is_ok());
    EXPECT_TRUE(program->run(kNeverStop, &completed).is_ok());
    program->end();
  }
  EXPECT_GT(refused, accepted);
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace convolt
