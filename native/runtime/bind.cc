// Binds a plan: finds kernels, gives operands their addresses, and decides what can be decided before a run.
#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/process.h"
#include "runtime/program.h"
#include "runtime/verify.h"

namespace convolt {

Status Program::create(Plan plan, std::shared_ptr<Store> store, std::span<const std::byte> constants, bool profiling,
                       std::unique_ptr<Program>* out) {
  if (store->disposed()) {
    return {Code::kDisposed, "program: expected the store to be in use but got one that was disposed"};
  }
  CONVOLT_TRY(verify_plan(plan, *store, static_cast<int64_t>(constants.size())));
  std::unique_ptr<Program> made(new Program(std::move(plan), std::move(store)));
  CONVOLT_TRY(made->bind(constants, profiling));
  *out = std::move(made);
  return Status::ok();
}

Status Program::bind(std::span<const std::byte> constants, bool profiling) {
  generation_ = store_->generation();
  CONVOLT_TRY(arena_.allocate(plan_.arena_bytes));
  CONVOLT_TRY(constants_.allocate(plan_.constant_bytes));
  if (!constants.empty()) std::memcpy(constants_.data(), constants.data(), constants.size());

  transfers_.resize(static_cast<size_t>(plan_.feeds + plan_.fetches));
  for (const PlanBuffer& buffer : plan_.buffers) {
    if (is_whole(buffer) && (buffer.region == Region::kFeed || buffer.region == Region::kFetch)) {
      transfers_[transfer_of(buffer)].bytes = buffer.type.bytes();
    }
  }
  size_t operands = 0;
  for (const PlanStep& step : plan_.steps) operands += step.inputs.size() + step.outputs.size();
  operands_.resize(operands);
  bind_loops();
  steps_.reserve(plan_.steps.size());
  Tensor* next = operands_.data();
  for (size_t i = 0; i < plan_.steps.size(); ++i) CONVOLT_TRY(bind_step(plan_.steps[i], plan_.labels[i], &next));
  CONVOLT_TRY(place_prepared());
  bind_tails();
  if (profiling) profile_.resize(steps_.size());
  return Status::ok();
}

Status Program::bind_step(const PlanStep& planned, const std::string& label, Tensor** next) {
  const auto bind_operands = [&](const std::vector<int64_t>& numbers) {
    const std::span<const Tensor> bound(*next, numbers.size());
    for (const int64_t number : numbers) {
      const PlanBuffer& buffer = plan_.buffers[static_cast<size_t>(number)];
      if (buffer.region == Region::kFeed || buffer.region == Region::kFetch) {
        moving_.push_back({*next, transfer_of(buffer), buffer.offset});
      }
      for (const PlanMove& move : buffer.moves) {
        if (move.stride != 0) loops_[static_cast<size_t>(move.loop)].strides.push_back({*next, move.stride});
      }
      *(*next)++ = place(buffer);
    }
    return bound;
  };
  const std::string& name = plan_.names[static_cast<size_t>(planned.kernel)];
  AttributeReader read(planned.attributes);
  Step step;
  step.kernel = find_kernel(name.c_str())(read);
  if (!read.exhausted()) {
    return labelled(
        label, name,
        {Code::kNative, name + ": expected as many attributes as it reads, whole ones where it counts, but got " +
                            std::to_string(planned.attributes.size()) + " others"});
  }
  step.operands.inputs = bind_operands(planned.inputs);
  step.operands.outputs = bind_operands(planned.outputs);
  step.operands.pool = &process_pool();
  if (Status status = step.kernel->check(step.operands); !status.is_ok()) return labelled(label, name, status);
  make_room(step, steps_.size());
  steps_.push_back(std::move(step));
  return Status::ok();
}

// Tells the kernel which inputs never change, and makes room for what it will make of them in the first run; failing
// that, which do not change in a loop, as long as possible, to be prepared whenever that begins.
void Program::make_room(Step& step, size_t index) {
  const PlanStep& planned = plan_.steps[index];
  const auto inputs_that = [&](const auto& is_fixed) {
    constexpr size_t kBits = 32;
    uint32_t bits = 0;
    for (size_t i = 0; i < std::min(planned.inputs.size(), kBits); ++i) {
      if (is_fixed(plan_.buffers[static_cast<size_t>(planned.inputs[i])])) bits |= uint32_t{1} << i;
    }
    return bits;
  };
  make_room_for(inputs_that([&](const PlanBuffer& buffer) { return is_constant(buffer); }), step);
  for (size_t i = 0; i < loops_.size() && step.prepared_bytes == 0; ++i) {
    const PlanLoop& loop = plan_.loops[i];
    if (index < loops_[i].begin || index >= loops_[i].end || loop.count == 1) continue;
    make_room_for(inputs_that([&](const PlanBuffer& buffer) { return stands_still(buffer, loop); }), step);
    if (step.prepared_bytes == 0) continue;
    step.prepared_in_loop = true;
    loops_[i].prepared.push_back(index);
  }
}

void Program::make_room_for(uint32_t constants, Step& step) {
  const uint32_t before = std::exchange(step.operands.constants, constants);
  if (constants != 0) step.prepared_bytes = step.kernel->prepared_bytes(step.operands);
  if (step.prepared_bytes == 0) step.operands.constants = before;
}

// One block for all that is prepared: what is read in every run lies together, on huge pages where it is large.
Status Program::place_prepared() {
  int64_t bytes = 0;
  for (const Step& step : steps_) bytes += aligned(step.prepared_bytes);
  CONVOLT_TRY(prepared_.allocate(bytes));
  std::byte* next = prepared_.data();
  for (Step& step : steps_) {
    if (step.prepared_bytes == 0) continue;
    step.operands.prepared = next;
    next += aligned(step.prepared_bytes);
  }
  return Status::ok();
}

// True for a buffer that neither moves nor changes from the beginning of a loop to its end.
bool Program::stands_still(const PlanBuffer& buffer, const PlanLoop& loop) const {
  for (const PlanMove& move : buffer.moves) {
    if (plan_.loops[static_cast<size_t>(move.loop)].begin >= loop.begin) return false;
  }
  for (int64_t i = loop.begin; i < loop.end; ++i) {
    for (const int64_t output : plan_.steps[static_cast<size_t>(i)].outputs) {
      if (overlap(plan_.buffers[static_cast<size_t>(output)], buffer, plan_)) return false;
    }
  }
  return true;
}

void Program::bind_loops() {
  const auto size_of = [](int64_t value) { return static_cast<size_t>(value); };
  for (const auto& [begin, end, count] : plan_.loops)
    loops_.push_back({size_of(begin), size_of(end), count, 0, {}, {}});
  for (size_t i = 0; i < loops_.size(); ++i) {
    size_t& after = loops_[i].after;
    for (after = i + 1; after < loops_.size() && loops_[after].begin < loops_[i].end;) ++after;
  }
}

// A tail runs behind its kernel where both can; otherwise it stays a step like all others.
void Program::bind_tails() {
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (!plan_.steps[i].is_tail) continue;
    Step& step = steps_[i];
    Step& producer = steps_[i - 1];
    const int64_t ranges = producer.kernel->tail_ranges(producer.operands);
    if (ranges <= 0) continue;
    step.tail = RowTail::bind(plan_.steps[i].attributes, step.operands, producer.operands.outputs[0], ranges);
    producer.operands.tail = step.tail.get();
  }
}

// True for memory that never changes while the program is bound to it.
bool Program::is_constant(const PlanBuffer& buffer) const {
  if (!buffer.moves.empty()) return false;
  if (buffer.region == Region::kConstant) return true;
  return buffer.region == Region::kState && store_->find(plan_.slots[static_cast<size_t>(buffer.location)])->sealed;
}

Tensor Program::place(const PlanBuffer& buffer) {
  Tensor tensor{nullptr, buffer.type.dtype, buffer.type.shape};
  if (buffer.region == Region::kArena) tensor.data = arena_.data() + buffer.location + buffer.offset;
  if (buffer.region == Region::kConstant) tensor.data = constants_.data() + buffer.location + buffer.offset;
  if (buffer.region == Region::kState) {
    tensor.data = store_->find(plan_.slots[static_cast<size_t>(buffer.location)])->memory.data() + buffer.offset;
  }
  return tensor;
}

size_t Program::transfer_of(const PlanBuffer& buffer) const {
  return static_cast<size_t>(buffer.location + (buffer.region == Region::kFetch ? plan_.feeds : 0));
}

}  // namespace convolt
