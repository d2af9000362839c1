// Writes plan words by hand, in the order of lib/compiler/plan.ts.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "runtime/plan.h"
#include "tests/fused-group.h"

namespace convolt {

struct PlanBuilder {
  struct Buffer {
    double region, location, dtype;
    std::vector<double> shape;
    double offset = 0;
    std::vector<double> moves = {};  // loop and stride, in turn
  };
  struct Step {
    double kernel;
    std::vector<double> inputs, outputs, attributes;
    double is_tail = 0;
  };

  double arena_bytes = 0, constant_bytes = 0, feeds = 0, fetches = 0, first_write = 0;
  std::vector<double> slots;
  std::vector<Buffer> buffers;
  std::vector<Step> steps;
  std::vector<std::array<double, 3>> loops;  // first step, end, turns

  std::vector<double> words() const {
    std::vector<double> words = {3,
                                 arena_bytes,
                                 constant_bytes,
                                 static_cast<double>(slots.size()),
                                 feeds,
                                 fetches,
                                 static_cast<double>(buffers.size()),
                                 static_cast<double>(steps.size()),
                                 static_cast<double>(loops.size()),
                                 first_write};
    const auto append = [&](const std::vector<double>& list) { words.insert(words.end(), list.begin(), list.end()); };
    const auto append_list = [&](const std::vector<double>& list) {
      words.push_back(static_cast<double>(list.size()));
      append(list);
    };
    append(slots);
    for (const Buffer& buffer : buffers) {
      append({buffer.region, buffer.location, buffer.offset, buffer.dtype});
      append_list(buffer.shape);
      words.push_back(static_cast<double>(buffer.moves.size() / 2));
      append(buffer.moves);
    }
    for (const Step& step : steps) {
      words.push_back(step.kernel);
      append_list(step.inputs);
      append_list(step.outputs);
      append_list(step.attributes);
      words.push_back(step.is_tail);
    }
    for (const auto& [begin, end, turns] : loops) append({begin, end, turns});
    return words;
  }

  // The decoded plan; `names` are those of its kernels.
  Plan plan(const std::vector<std::string>& names = {"copy", "elementwise"}) const {
    Plan plan;
    const std::vector<double> encoded = words();
    EXPECT_TRUE(decode_plan(encoded, &plan).is_ok());
    plan.names = names;
    plan.labels.assign(plan.steps.size(), "step");
    return plan;
  }
};

// feed -> arena -> arena -> fetch; the last step negates, and is a tail.
inline PlanBuilder tail_plan() {
  PlanBuilder builder;
  builder.arena_bytes = 128;
  builder.feeds = 1;
  builder.fetches = 1;
  builder.buffers = {{2, 0, 0, {4}}, {0, 0, 0, {4}}, {0, 64, 0, {4}}, {3, 0, 0, {4}}};
  const GroupText negate{{4}, {}, {{Op::neg, 1, 0}}, {{1, 0}}};
  builder.steps = {{0, {0}, {1}, {}}, {0, {1}, {2}, {}}, {1, {2}, {3}, negate.attributes(), 1}};
  builder.first_write = 3;
  return builder;
}

// feed -> arena -> state 0, and state 1 -> fetch; all float32[4], copied.
inline PlanBuilder sample_plan() {
  PlanBuilder builder;
  builder.arena_bytes = 128;
  builder.feeds = 1;
  builder.fetches = 1;
  builder.slots = {0, 1};
  builder.buffers = {{2, 0, 0, {4}}, {0, 64, 0, {4}}, {1, 0, 0, {4}}, {1, 1, 0, {4}}, {3, 0, 0, {4}}};
  builder.steps = {{0, {0}, {1}, {}}, {0, {3}, {4}, {}}, {0, {1}, {2}, {}}};
  builder.first_write = 2;
  return builder;
}

// feed [3, 4] -> fetch [3, 4], row by row through the arena, negated and in reverse order.
inline PlanBuilder loop_plan() {
  PlanBuilder builder;
  builder.arena_bytes = 128;
  builder.feeds = 1;
  builder.fetches = 1;
  builder.buffers = {
      {2, 0, 0, {3, 4}}, {3, 0, 0, {3, 4}}, {2, 0, 0, {4}, 0, {0, 16}}, {0, 64, 0, {4}}, {3, 0, 0, {4}, 32, {0, -16}}};
  const GroupText negate{{4}, {}, {{Op::neg, 1, 0}}, {{1, 0}}};
  builder.steps = {{0, {2}, {3}, {}}, {1, {3}, {4}, negate.attributes()}};
  builder.loops = {{0, 2, 3}};
  builder.first_write = 2;
  return builder;
}

// Two loops in each other: the rows of four matrices in the feed [2, 2, 3, 4] are added to one row of the fetch each.
inline PlanBuilder nested_loop_plan() {
  PlanBuilder builder;
  builder.arena_bytes = 128;
  builder.feeds = 1;
  builder.fetches = 1;
  builder.buffers = {
      {2, 0, 0, {4, 3, 4}}, {3, 0, 0, {4, 4}},         {2, 0, 0, {4}, 0, {0, 48}}, {2, 0, 0, {4}, 16, {0, 48, 1, 16}},
      {0, 0, 0, {4}},       {3, 0, 0, {4}, 0, {0, 16}}};
  const GroupText add{{4}, {}, {{Op::add, 2, 0, 1}}, {{2, 0}}};
  builder.steps = {{0, {2}, {4}, {}}, {1, {4, 3}, {4}, add.attributes()}, {0, {4}, {5}, {}}};
  builder.loops = {{0, 3, 4}, {1, 2, 2}};
  builder.first_write = 3;
  return builder;
}

}  // namespace convolt
