// One function per property that a plan must have.
#include "runtime/verify.h"

#include <string>

#include "base/aligned.h"
#include "kernels/kernel.h"

namespace convolt {
namespace {

Status refuse(const std::string& what, const std::string& actual) {
  return {Code::kNative, "plan: expected " + what + " but got " + actual};
}

bool within(int64_t index, size_t size) { return index >= 0 && static_cast<size_t>(index) < size; }

// Blocks of the arena and of the constants begin at aligned offsets and end within `bytes`.
Status verify_block(const PlanBuffer& buffer, int64_t bytes) {
  if (buffer.location % kAlignment != 0) {
    return refuse("every offset to be a multiple of " + std::to_string(kAlignment), std::to_string(buffer.location));
  }
  const int64_t size = buffer.type.bytes();
  if (size <= bytes && buffer.location <= bytes - size) return Status::ok();
  return refuse("every buffer to end within " + std::to_string(bytes) + " bytes",
                std::to_string(size) + " bytes at " + std::to_string(buffer.location));
}

// A buffer may show a state in another shape, but never as more, fewer or other elements.
Status verify_state(const PlanBuffer& buffer, const Plan& plan, Store& store) {
  if (!within(buffer.location, plan.slots.size())) {
    return refuse("every state to be listed", "state " + std::to_string(buffer.location));
  }
  const Store::Slot* slot = store.find(plan.slots[static_cast<size_t>(buffer.location)]);
  if (slot == nullptr) return {Code::kState, "plan: expected every state to be declared but got one that is not"};
  const TensorType& type = slot->type;
  if (type.dtype == buffer.type.dtype && type.shape.elements() == buffer.type.shape.elements()) return Status::ok();
  return {Code::kState, "plan: expected the state to be of shape " + type.shape.to_string() + " but got " +
                            buffer.type.shape.to_string() +
                            (type.dtype == buffer.type.dtype ? "" : " of another dtype")};
}

Status verify_buffer(const PlanBuffer& buffer, const Plan& plan, Store& store) {
  switch (buffer.region) {
    case Region::kArena:
      return verify_block(buffer, plan.arena_bytes);
    case Region::kConstant:
      return verify_block(buffer, plan.constant_bytes);
    case Region::kState:
      return verify_state(buffer, plan, store);
    case Region::kFeed:
    case Region::kFetch:
      const int64_t limit = buffer.region == Region::kFeed ? plan.feeds : plan.fetches;
      if (buffer.location < limit) return Status::ok();
      return refuse("every feed and fetch to be listed", "number " + std::to_string(buffer.location));
  }
  return Status::ok();
}

// Every feed and fetch has a buffer, and all of its buffers are equally large.
Status verify_transfers(const Plan& plan, Region region, int64_t count) {
  std::vector<int64_t> bytes(static_cast<size_t>(count), -1);
  for (const PlanBuffer& buffer : plan.buffers) {
    if (buffer.region != region) continue;
    int64_t& known = bytes[static_cast<size_t>(buffer.location)];
    if (known >= 0 && known != buffer.type.bytes()) return refuse("a feed or fetch to have one size", "two");
    known = buffer.type.bytes();
  }
  for (const int64_t known : bytes) {
    if (known < 0) return refuse("every feed and fetch to have a buffer", "one without");
  }
  return Status::ok();
}

// True when two buffers share memory.
bool overlap(const PlanBuffer& a, const PlanBuffer& b, const Plan& plan) {
  if (a.region != b.region || a.type.bytes() == 0 || b.type.bytes() == 0) return false;
  if (a.region == Region::kArena) {
    return a.location < b.location + b.type.bytes() && b.location < a.location + a.type.bytes();
  }
  if (a.region == Region::kState) return plan.slots[a.location] == plan.slots[b.location];
  return a.location == b.location;
}

bool same_memory(const PlanBuffer& a, const PlanBuffer& b) {
  return (a.region != Region::kArena || a.location == b.location) && a.type.bytes() == b.type.bytes();
}

// Outputs go to writable memory, apart from each other, and either apart from each input or exactly in its place.
Status verify_overlaps(const PlanStep& step, const Plan& plan) {
  for (size_t i = 0; i < step.outputs.size(); ++i) {
    const PlanBuffer& output = plan.buffers[step.outputs[i]];
    if (output.region == Region::kFeed || output.region == Region::kConstant) {
      return refuse("every output to be writable", "a feed or a constant");
    }
    for (size_t j = 0; j < i; ++j) {
      if (overlap(output, plan.buffers[step.outputs[j]], plan)) return refuse("outputs to lie apart", "an overlap");
    }
    for (const int64_t number : step.inputs) {
      const PlanBuffer& input = plan.buffers[number];
      if (overlap(output, input, plan) && !same_memory(output, input)) {
        return refuse("an output to lie apart from the inputs or in the place of one", "an overlap");
      }
    }
  }
  return Status::ok();
}

// The outputs of one step lie apart from `other`; that of the same place is allowed where `shared`.
Status expect_apart(const std::vector<int64_t>& outputs, int64_t other, bool shared, const Plan& plan) {
  const PlanBuffer& buffer = plan.buffers[other];
  for (const int64_t number : outputs) {
    const PlanBuffer& output = plan.buffers[number];
    if (overlap(output, buffer, plan) && !(shared && same_memory(output, buffer))) {
      return refuse("a tail to lie apart from what its kernel reads and writes", "an overlap");
    }
  }
  return Status::ok();
}

// A tail runs while its kernel is at work: neither writes what the other one still needs, and of what the kernel writes
// the tail sees output 0 alone, position by position.
Status verify_tail(const PlanStep& step, size_t index, const Plan& plan) {
  if (index == 0 || plan.steps[index - 1].is_tail || plan.names[step.kernel] != "elementwise") {
    return refuse("a tail to be an elementwise step behind a kernel", "step " + std::to_string(index));
  }
  const PlanStep& kernel = plan.steps[index - 1];
  if (kernel.outputs.empty()) return refuse("the kernel before a tail to have an output", "none");
  for (const int64_t input : kernel.inputs) CONVOLT_TRY(expect_apart(step.outputs, input, false, plan));
  for (size_t i = 0; i < kernel.outputs.size(); ++i) {
    CONVOLT_TRY(expect_apart(step.outputs, kernel.outputs[i], i == 0, plan));
  }
  const PlanBuffer& produced = plan.buffers[kernel.outputs[0]];
  for (const int64_t input : step.inputs) {
    const PlanBuffer& buffer = plan.buffers[input];
    const bool reads_it = same_memory(buffer, produced) && buffer.type.shape == produced.type.shape;
    CONVOLT_TRY(expect_apart(kernel.outputs, input, reads_it, plan));
  }
  for (const int64_t output : step.outputs) {
    if (plan.buffers[output].region == Region::kState) return refuse("no tail to write a state", "one that does");
  }
  return Status::ok();
}

Status verify_step(const PlanStep& step, size_t index, const Plan& plan, Store& store) {
  if (!within(step.kernel, plan.names.size())) {
    return refuse("every kernel to be listed", "kernel " + std::to_string(step.kernel));
  }
  for (const std::vector<int64_t>* operands : {&step.inputs, &step.outputs}) {
    for (const int64_t number : *operands) {
      if (!within(number, plan.buffers.size())) {
        return refuse("every operand to be a buffer", "buffer " + std::to_string(number));
      }
    }
  }
  CONVOLT_TRY(verify_overlaps(step, plan));
  for (const int64_t number : step.outputs) {
    const PlanBuffer& output = plan.buffers[number];
    if (output.region == Region::kState && store.find(plan.slots[output.location])->sealed) {
      return {Code::kState, "plan: expected every state that is written to be open but got a sealed one"};
    }
  }
  if (step.is_tail) CONVOLT_TRY(verify_tail(step, index, plan));
  if (static_cast<int64_t>(index) >= plan.first_write) return Status::ok();
  for (const int64_t number : step.outputs) {
    if (plan.buffers[number].region == Region::kState) {
      return refuse("no state to be written before step " + std::to_string(plan.first_write),
                    "a write in step " + std::to_string(index));
    }
  }
  return Status::ok();
}

}  // namespace

Status verify_plan(const Plan& plan, Store& store, int64_t constant_bytes) {
  if (plan.constant_bytes != constant_bytes) {
    return refuse("the constants to have " + std::to_string(plan.constant_bytes) + " bytes",
                  std::to_string(constant_bytes));
  }
  if (plan.labels.size() != plan.steps.size()) {
    return refuse("as many labels as steps", std::to_string(plan.labels.size()));
  }
  if (plan.first_write > static_cast<int64_t>(plan.steps.size())) {
    return refuse("the first write to be a step", std::to_string(plan.first_write));
  }
  for (const std::string& name : plan.names) {
    if (find_kernel(name.c_str()) == nullptr) return refuse("every kernel to be known", "'" + name + "'");
  }
  for (const PlanBuffer& buffer : plan.buffers) CONVOLT_TRY(verify_buffer(buffer, plan, store));
  CONVOLT_TRY(verify_transfers(plan, Region::kFeed, plan.feeds));
  CONVOLT_TRY(verify_transfers(plan, Region::kFetch, plan.fetches));
  for (size_t i = 0; i < plan.steps.size(); ++i) CONVOLT_TRY(verify_step(plan.steps[i], i, plan, store));
  return Status::ok();
}

}  // namespace convolt
