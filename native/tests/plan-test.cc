// Decoding and verification: every lie is refused with a Status, and no numbers whatsoever crash.
#include "runtime/plan.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <random>

#include "plan-builder.h"
#include "runtime/program.h"
#include "runtime/verify.h"

namespace convolt {
namespace {

std::shared_ptr<Store> sample_store() {
  auto store = std::make_shared<Store>();
  const std::vector<double> sizes = {4};
  TensorType type;
  EXPECT_TRUE(make_tensor_type("test", 0, sizes, &type).is_ok());
  for (int64_t slot = 0; slot < 2; ++slot) EXPECT_TRUE(store->declare(type, &slot).is_ok());
  return store;
}

// Decodes, verifies and binds words.
Status load(std::span<const double> words, const std::shared_ptr<Store>& store, std::unique_ptr<Program>* out) {
  Plan plan;
  CONVOLT_TRY(decode_plan(words, &plan));
  plan.names = {"copy", "elementwise", "concat"};
  plan.labels.assign(plan.steps.size(), "step");
  return Program::create(std::move(plan), store, {}, false, out);
}

Status load(const PlanBuilder& builder) {
  std::unique_ptr<Program> program;
  const std::vector<double> words = builder.words();
  return load(words, sample_store(), &program);
}

TEST(Plan, DecodesWhatWasEncoded) {
  const Plan plan = sample_plan().plan();
  EXPECT_EQ(plan.arena_bytes, 128);
  EXPECT_EQ(plan.slots, (std::vector<int64_t>{0, 1}));
  ASSERT_EQ(plan.buffers.size(), 5u);
  EXPECT_EQ(plan.buffers[1].region, Region::kArena);
  EXPECT_EQ(plan.buffers[1].location, 64);
  EXPECT_EQ(plan.buffers[1].type.bytes(), 16);
  ASSERT_EQ(plan.steps.size(), 3u);
  EXPECT_EQ(plan.steps[1].inputs, (std::vector<int64_t>{3}));
  EXPECT_EQ(plan.first_write, 2);
  EXPECT_TRUE(load(sample_plan()).is_ok());
}

// One way to lie, and the code with which it is refused.
struct Lie {
  const char* name;
  std::function<void(PlanBuilder&)> tell;
  Code code = Code::kNative;
};

class LyingPlan : public testing::TestWithParam<Lie> {};

TEST_P(LyingPlan, IsRefused) {
  PlanBuilder builder = sample_plan();
  GetParam().tell(builder);
  const Status status = load(builder);
  EXPECT_EQ(status.code(), GetParam().code) << status.message();
  EXPECT_NE(status.message().find(": expected "), std::string::npos) << status.message();
  EXPECT_NE(status.message().find(" but "), std::string::npos) << status.message();
}

// A concatenation reads its axis as an integer.
void take_attribute(PlanBuilder& plan, double axis) {
  plan.steps[0].kernel = 2;
  plan.steps[0].attributes = {axis};
}

const Lie kLies[] = {
    {"offset_outside", [](PlanBuilder& plan) { plan.buffers[1].location = 128; }},
    {"offset_far_outside", [](PlanBuilder& plan) { plan.buffers[1].location = 9007199254740928.0; }},
    {"end_outside", [](PlanBuilder& plan) { plan.buffers[1].shape = {17}; }},
    {"unaligned", [](PlanBuilder& plan) { plan.buffers[1].location = 4; }},
    {"fraction", [](PlanBuilder& plan) { plan.buffers[1].location = 0.5; }},
    {"negative", [](PlanBuilder& plan) { plan.buffers[1].location = -64; }},
    {"unknown_region", [](PlanBuilder& plan) { plan.buffers[1].region = 5; }},
    {"unknown_dtype", [](PlanBuilder& plan) { plan.buffers[1].dtype = 4; }, Code::kDtype},
    {"rank_9", [](PlanBuilder& plan) { plan.buffers[1].shape.assign(9, 1); }, Code::kShape},
    {"huge_size",
     [](PlanBuilder& plan) {
       plan.buffers[1].shape = {1e15, 1e15};
     },
     Code::kShape},
    {"constants_missing", [](PlanBuilder& plan) { plan.constant_bytes = 64; }},
    {"arena_too_large", [](PlanBuilder& plan) { plan.arena_bytes = 1e15; }},
    {"unknown_state", [](PlanBuilder& plan) { plan.buffers[2].location = 2; }},
    {"unknown_slot", [](PlanBuilder& plan) { plan.slots[0] = 7; }, Code::kState},
    {"state_of_other_shape", [](PlanBuilder& plan) { plan.buffers[2].shape = {5}; }, Code::kState},
    {"state_of_other_dtype", [](PlanBuilder& plan) { plan.buffers[2].dtype = 1; }, Code::kState},
    {"unknown_feed", [](PlanBuilder& plan) { plan.buffers[0].location = 1; }},
    {"unknown_fetch", [](PlanBuilder& plan) { plan.buffers[4].location = 1; }},
    {"feed_without_buffer", [](PlanBuilder& plan) { plan.feeds = 2; }},
    {"feed_of_two_sizes",
     [](PlanBuilder& plan) {
       plan.buffers.push_back({2, 0, 0, {5}});
     }},
    {"unknown_kernel", [](PlanBuilder& plan) { plan.steps[0].kernel = 3; }},
    {"unknown_input", [](PlanBuilder& plan) { plan.steps[0].inputs = {5}; }},
    {"unknown_output", [](PlanBuilder& plan) { plan.steps[0].outputs = {5}; }},
    {"too_few_inputs", [](PlanBuilder& plan) { plan.steps[0].inputs = {}; }, Code::kValue},
    {"attributes_left_over", [](PlanBuilder& plan) { plan.steps[0].attributes = {1}; }},
    {"attribute_not_a_number", [](PlanBuilder& plan) { take_attribute(plan, NAN); }},
    {"attribute_not_whole", [](PlanBuilder& plan) { take_attribute(plan, 0.5); }},
    {"attribute_too_large", [](PlanBuilder& plan) { take_attribute(plan, 1e300); }},
    {"output_is_a_feed", [](PlanBuilder& plan) { plan.steps[0].outputs = {0}; }},
    {"outputs_overlap",
     [](PlanBuilder& plan) {
       plan.steps[0].outputs = {1, 1};
     }},
    {"late_first_write", [](PlanBuilder& plan) { plan.first_write = 3; }},
    {"first_write_outside", [](PlanBuilder& plan) { plan.first_write = 4; }},
    {"partial_overlap",
     [](PlanBuilder& plan) {
       plan.arena_bytes = 256;
       plan.buffers[1] = {0, 64, 0, {32}};
       plan.buffers.push_back({0, 0, 0, {32}});
       plan.steps[2] = {0, {1}, {5}, {}};
     }},
};

INSTANTIATE_TEST_SUITE_P(Plan, LyingPlan, testing::ValuesIn(kLies),
                         [](const auto& lie) { return std::string(lie.param.name); });

class LyingTail : public testing::TestWithParam<Lie> {};

TEST_P(LyingTail, IsRefused) {
  PlanBuilder builder = tail_plan();
  EXPECT_TRUE(load(builder).is_ok());
  GetParam().tell(builder);
  const Status status = load(builder);
  EXPECT_EQ(status.code(), GetParam().code) << status.message();
  EXPECT_NE(status.message().find(": expected "), std::string::npos) << status.message();
}

const Lie kTailLies[] = {
    {"is_neither", [](PlanBuilder& plan) { plan.steps[2].is_tail = 2; }},
    {"of_nothing", [](PlanBuilder& plan) { plan.steps[0].is_tail = 1; }},
    {"not_elementwise", [](PlanBuilder& plan) { plan.steps[1].is_tail = 1; }},
    {"of_a_tail",
     [](PlanBuilder& plan) {
       plan.steps.push_back({1, {2}, {3}, plan.steps[2].attributes, 1});
       plan.first_write = 4;
     }},
    {"overwrites_the_kernels_input", [](PlanBuilder& plan) { plan.steps[2].outputs = {1}; }},
    {"reads_the_output_elsewhere",
     [](PlanBuilder& plan) {
       plan.buffers.push_back({0, 64, 0, {1}});
       plan.steps[2].inputs = {4};
     }},
    {"reads_what_the_kernel_overwrites",
     [](PlanBuilder& plan) {
       plan.steps[1].outputs = {1, 2};
     }},
    {"writes_a_state",
     [](PlanBuilder& plan) {
       plan.buffers.push_back({1, 0, 0, {4}});
       plan.steps[2].outputs = {4};
       plan.first_write = 0;
     }},
};

INSTANTIATE_TEST_SUITE_P(Plan, LyingTail, testing::ValuesIn(kTailLies),
                         [](const auto& lie) { return std::string(lie.param.name); });

// Were it not, the indices that were checked would be sums by the time that they are used.
TEST(Plan, RefusesSumsInThePlaceOfTheirIndices) {
  PlanBuilder builder;
  builder.arena_bytes = 128;
  builder.feeds = 1;
  builder.buffers = {{2, 0, 0, {4, 2}}, {0, 0, 1, {4}}, {0, 0, 0, {2, 2}}};
  builder.steps = {{0, {1, 0}, {2}, {0}}};
  builder.first_write = 1;
  const Plan plan = builder.plan({"scatterAdd"});
  const Status status = verify_plan(plan, *sample_store(), 0);
  EXPECT_EQ(status.code(), Code::kNative);
  EXPECT_NE(status.message().find("in the place of one"), std::string::npos) << status.message();
}

TEST(Plan, RefusesUnknownKernelNamesAndMissingLabels) {
  Plan plan = sample_plan().plan({"noSuchKernel"});
  EXPECT_EQ(verify_plan(plan, *sample_store(), 0).code(), Code::kNative);
  plan.names = {"copy"};
  plan.labels.pop_back();
  EXPECT_EQ(verify_plan(plan, *sample_store(), 0).code(), Code::kNative);
}

TEST(Plan, RefusesEveryTruncation) {
  const std::vector<double> words = sample_plan().words();
  for (size_t size = 0; size < words.size(); ++size) {
    std::unique_ptr<Program> program;
    EXPECT_FALSE(load(std::span(words).first(size), sample_store(), &program).is_ok()) << size;
  }
  std::vector<double> longer = words;
  longer.push_back(0);
  std::unique_ptr<Program> program;
  EXPECT_FALSE(load(longer, sample_store(), &program).is_ok());
}

// What passes verification must run within its memory: run it, for sanitizers and guard pages to see.
TEST(Plan, SurvivesRandomMutations) {
  const std::vector<double> original = sample_plan().words();
  const double odd[] = {-1,
                        0.5,
                        3,
                        8,
                        63,
                        64,
                        1e9,
                        9007199254740991.0,
                        1e300,
                        std::numeric_limits<double>::quiet_NaN(),
                        std::numeric_limits<double>::infinity(),
                        -std::numeric_limits<double>::infinity()};
  std::mt19937 random(7);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  const std::atomic<bool> stop{false};
  int refused = 0, accepted = 0;
  for (int round = 0; round < 100000 && std::chrono::steady_clock::now() < end; ++round) {
    std::vector<double> words = original;
    for (uint32_t i = random() % 3 + 1; i > 0; --i) {
      double& word = words[random() % words.size()];
      word = random() % 2 ? random() % 6 : odd[random() % std::size(odd)];
    }
    if (random() % 8 == 0) words.resize(random() % (words.size() + 1));
    std::unique_ptr<Program> program;
    if (!load(words, sample_store(), &program).is_ok() || program->bytes() > (1 << 20)) {
      ++refused;
      continue;
    }
    ++accepted;
    int64_t completed = 0;
    ASSERT_TRUE(program->begin(2).is_ok());
    EXPECT_TRUE(program->run(stop, &completed).is_ok());
    program->end();
  }
  EXPECT_GT(refused, accepted);
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace convolt
