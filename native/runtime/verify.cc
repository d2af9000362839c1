// One function per property that a plan must have.
#include "runtime/verify.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "kernels/kernel.h"

namespace convolt {
namespace {

Status refuse(const std::string& what, const std::string& actual) {
  return {Code::kNative, "plan: expected " + what + " but got " + actual};
}

bool within(int64_t index, size_t size) { return index >= 0 && static_cast<size_t>(index) < size; }

// All bytes that a buffer covers in any turn of its loops, from `begin` to `end`.
struct Span {
  int64_t begin = 0, end = 0;
};

// Where a buffer begins in the first turn, within what its region calls one object.
int64_t start_of(const PlanBuffer& buffer) {
  const bool is_block = buffer.region == Region::kArena || buffer.region == Region::kConstant;
  return buffer.offset + (is_block ? buffer.location : 0);
}

// The span of a buffer, which has to lie within an object of `bytes` bytes in every turn.
Status span_of(const PlanBuffer& buffer, const Plan& plan, int64_t bytes, Span* out) {
  const int64_t start = start_of(buffer), size = buffer.type.bytes();
  const auto leaves = [&] {
    return refuse("every buffer to stay within " + std::to_string(bytes) + " bytes",
                  std::to_string(size) + " bytes at " + std::to_string(start) +
                      (buffer.moves.empty() ? "" : ", which move out of them"));
  };
  if (size > bytes || start > bytes - size) return leaves();
  *out = {start, start + size};
  for (const PlanMove& move : buffer.moves) {
    int64_t way = 0;
    if (__builtin_mul_overflow(move.stride, plan.loops[move.loop].count - 1, &way)) return leaves();
    if (way < 0 ? way < -out->begin : way > bytes - out->end) return leaves();
    (way < 0 ? out->begin : out->end) += way;
  }
  return Status::ok();
}

// Blocks of the arena and of the constants begin at aligned offsets and stay within `bytes`.
Status verify_block(const PlanBuffer& buffer, const Plan& plan, int64_t bytes) {
  if (buffer.location % kAlignment != 0) {
    return refuse("every offset to be a multiple of " + std::to_string(kAlignment), std::to_string(buffer.location));
  }
  Span span;
  return span_of(buffer, plan, bytes, &span);
}

// Loops exist, and elements stay where elements can lie.
Status verify_moves(const PlanBuffer& buffer, const Plan& plan) {
  const int64_t element = bytes_per_element(buffer.type.dtype);
  bool fits = buffer.offset % element == 0;
  for (const PlanMove& move : buffer.moves) {
    if (!within(move.loop, plan.loops.size())) return refuse("every loop to be listed", std::to_string(move.loop));
    fits = fits && move.stride % element == 0;
  }
  return fits ? Status::ok() : refuse("buffers to begin and move by whole elements", "another number of bytes");
}

// A buffer may show a state in another shape, but never as more, fewer or other elements; a part of it, only of its
// own.
Status verify_state(const PlanBuffer& buffer, const Plan& plan, Store& store) {
  if (!within(buffer.location, plan.slots.size())) {
    return refuse("every state to be listed", "state " + std::to_string(buffer.location));
  }
  const Store::Slot* slot = store.find(plan.slots[static_cast<size_t>(buffer.location)]);
  if (slot == nullptr) return {Code::kState, "plan: expected every state to be declared but got one that is not"};
  const TensorType& type = slot->type;
  Span span;
  if (!is_whole(buffer) && type.dtype == buffer.type.dtype) return span_of(buffer, plan, type.bytes(), &span);
  if (type.dtype == buffer.type.dtype && type.shape.elements() == buffer.type.shape.elements()) return Status::ok();
  return {Code::kState, "plan: expected the state to be of shape " + type.shape.to_string() + " but got " +
                            buffer.type.shape.to_string() +
                            (type.dtype == buffer.type.dtype ? "" : " of another dtype")};
}

Status verify_buffer(const PlanBuffer& buffer, const Plan& plan, Store& store) {
  CONVOLT_TRY(verify_moves(buffer, plan));
  switch (buffer.region) {
    case Region::kArena:
      return verify_block(buffer, plan, plan.arena_bytes);
    case Region::kConstant:
      return verify_block(buffer, plan, plan.constant_bytes);
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

// Every feed and fetch has a buffer; all that show it whole are equally large, and the others stay within it.
Status verify_transfers(const Plan& plan, Region region, int64_t count) {
  std::vector<int64_t> bytes(static_cast<size_t>(count), -1);
  for (const PlanBuffer& buffer : plan.buffers) {
    if (buffer.region != region || !is_whole(buffer)) continue;
    int64_t& known = bytes[static_cast<size_t>(buffer.location)];
    if (known >= 0 && known != buffer.type.bytes()) return refuse("a feed or fetch to have one size", "two");
    known = buffer.type.bytes();
  }
  for (const int64_t known : bytes) {
    if (known < 0) return refuse("every feed and fetch to have a buffer", "one without");
  }
  for (const PlanBuffer& buffer : plan.buffers) {
    if (buffer.region != region || is_whole(buffer)) continue;
    Span span;
    CONVOLT_TRY(span_of(buffer, plan, bytes[static_cast<size_t>(buffer.location)], &span));
  }
  return Status::ok();
}

bool move_alike(const PlanBuffer& a, const PlanBuffer& b) {
  return std::equal(a.moves.begin(), a.moves.end(), b.moves.begin(), b.moves.end(),
                    [](const PlanMove& x, const PlanMove& y) { return x.loop == y.loop && x.stride == y.stride; });
}

// The bytes of a buffer that was verified: in the first turn, or in all turns.
Span verified_span(const PlanBuffer& buffer, const Plan& plan, bool in_all_turns) {
  Span span{start_of(buffer), start_of(buffer) + buffer.type.bytes()};
  for (size_t i = 0; in_all_turns && i < buffer.moves.size(); ++i) {
    const int64_t way = buffer.moves[i].stride * (plan.loops[buffer.moves[i].loop].count - 1);
    (way < 0 ? span.begin : span.end) += way;
  }
  return span;
}

}  // namespace

bool overlap(const PlanBuffer& a, const PlanBuffer& b, const Plan& plan) {
  if (a.region != b.region || a.type.bytes() == 0 || b.type.bytes() == 0) return false;
  if (a.region == Region::kState && plan.slots[a.location] != plan.slots[b.location]) return false;
  const bool is_transfer = a.region == Region::kFeed || a.region == Region::kFetch;
  if (is_transfer && a.location != b.location) return false;
  const bool in_all_turns = !move_alike(a, b);
  const Span x = verified_span(a, plan, in_all_turns), y = verified_span(b, plan, in_all_turns);
  return x.begin < y.end && y.begin < x.end;
}

namespace {

// For buffers that overlap: they are the same bytes in every turn.
bool same_memory(const PlanBuffer& a, const PlanBuffer& b) {
  return start_of(a) == start_of(b) && a.type.bytes() == b.type.bytes() && move_alike(a, b);
}

// Loops lie within each other or apart, end before states are written, and do not tear a kernel from its tail.
Status verify_loops(const Plan& plan) {
  std::vector<const PlanLoop*> around;
  for (const PlanLoop& loop : plan.loops) {
    if (loop.begin >= loop.end || loop.end > plan.first_write || loop.count < 1) {
      return refuse("every loop to repeat steps before the first write", "steps " + std::to_string(loop.begin) +
                                                                             " to " + std::to_string(loop.end) + ", " +
                                                                             std::to_string(loop.count) + " times");
    }
    if (&loop != plan.loops.data() && loop.begin < (&loop - 1)->begin) {
      return refuse("loops in the order of their first steps", "another order");
    }
    while (!around.empty() && around.back()->end <= loop.begin) around.pop_back();
    if (!around.empty() && loop.end > around.back()->end) return refuse("loops to nest", "an overlap");
    around.push_back(&loop);
    const auto end = static_cast<size_t>(loop.end);
    if (plan.steps[static_cast<size_t>(loop.begin)].is_tail || (end < plan.steps.size() && plan.steps[end].is_tail)) {
      return refuse("a tail to run in the loop of its kernel", "one outside");
    }
  }
  return Status::ok();
}

// Outputs go to writable memory, apart from each other and from each input; those of kernels that read an element
// before they write may stand exactly in its place. Others check indices first, which an output in their place would
// change.
Status verify_overlaps(const PlanStep& step, const Plan& plan) {
  const std::string& name = plan.names[step.kernel];
  const bool in_place = name == "elementwise" || name == "copy" || name == "softmax" || name == "logSoftmax";
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
      if (overlap(output, input, plan) && !(in_place && same_memory(output, input))) {
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
      for (const PlanMove& move : plan.buffers[number].moves) {
        const PlanLoop& loop = plan.loops[move.loop];
        if (static_cast<int64_t>(index) >= loop.begin && static_cast<int64_t>(index) < loop.end) continue;
        return refuse("operands to move in loops of their step", "loop " + std::to_string(move.loop));
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
  CONVOLT_TRY(verify_loops(plan));
  for (const PlanBuffer& buffer : plan.buffers) CONVOLT_TRY(verify_buffer(buffer, plan, store));
  CONVOLT_TRY(verify_transfers(plan, Region::kFeed, plan.feeds));
  CONVOLT_TRY(verify_transfers(plan, Region::kFetch, plan.fetches));
  for (size_t i = 0; i < plan.steps.size(); ++i) CONVOLT_TRY(verify_step(plan.steps[i], i, plan, store));
  return Status::ok();
}

}  // namespace convolt
