// Writes plan words by hand, in the order of lib/compiler/plan.ts.
#pragma once

#include <initializer_list>
#include <vector>

#include "runtime/plan.h"

namespace convolt {

struct PlanBuilder {
  struct Buffer {
    double region, location, dtype;
    std::vector<double> shape;
  };
  struct Step {
    double kernel;
    std::vector<double> inputs, outputs, attributes;
  };

  double arena_bytes = 0, constant_bytes = 0, feeds = 0, fetches = 0, first_write = 0;
  std::vector<double> slots;
  std::vector<Buffer> buffers;
  std::vector<Step> steps;

  std::vector<double> words() const {
    std::vector<double> words = {1,
                                 arena_bytes,
                                 constant_bytes,
                                 static_cast<double>(slots.size()),
                                 feeds,
                                 fetches,
                                 static_cast<double>(buffers.size()),
                                 static_cast<double>(steps.size()),
                                 first_write};
    const auto append = [&](const std::vector<double>& list) { words.insert(words.end(), list.begin(), list.end()); };
    const auto append_list = [&](const std::vector<double>& list) {
      words.push_back(static_cast<double>(list.size()));
      append(list);
    };
    append(slots);
    for (const Buffer& buffer : buffers) {
      append({buffer.region, buffer.location, buffer.dtype});
      append_list(buffer.shape);
    }
    for (const Step& step : steps) {
      words.push_back(step.kernel);
      append_list(step.inputs);
      append_list(step.outputs);
      append_list(step.attributes);
    }
    return words;
  }

  // The decoded plan; its kernels are all called `kernel`.
  Plan plan(const char* kernel = "copy") const {
    Plan plan;
    const std::vector<double> encoded = words();
    EXPECT_TRUE(decode_plan(encoded, &plan).is_ok());
    plan.names = {kernel};
    plan.labels.assign(plan.steps.size(), "step");
    return plan;
  }
};

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

}  // namespace convolt
