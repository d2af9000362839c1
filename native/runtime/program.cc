// Binds a plan and runs it, step after step. A run allocates nothing unless the number of threads has changed.
#include "runtime/program.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "runtime/process.h"
#include "runtime/verify.h"

namespace convolt {
namespace {

// The status with the step's label in the place of the kernel's name.
Status labelled(const std::string& label, const std::string& kernel, const Status& status) {
  const std::string prefix = kernel + ": ";
  const bool named = status.message().starts_with(prefix);
  return {status.code(), label + ": " + (named ? status.message().substr(prefix.size()) : status.message())};
}

}  // namespace

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
    if (buffer.region == Region::kFeed || buffer.region == Region::kFetch) {
      transfers_[transfer_of(buffer)].bytes = buffer.type.bytes();
    }
  }
  size_t operands = 0;
  for (const PlanStep& step : plan_.steps) operands += step.inputs.size() + step.outputs.size();
  operands_.resize(operands);
  steps_.reserve(plan_.steps.size());
  Tensor* next = operands_.data();
  for (size_t i = 0; i < plan_.steps.size(); ++i) CONVOLT_TRY(bind_step(plan_.steps[i], plan_.labels[i], &next));
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
        moving_.push_back({*next, transfer_of(buffer)});
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
    return labelled(label, name,
                    {Code::kNative, name + ": expected its attributes to be as many as it reads but got " +
                                        std::to_string(planned.attributes.size())});
  }
  step.operands.inputs = bind_operands(planned.inputs);
  step.operands.outputs = bind_operands(planned.outputs);
  step.operands.pool = &process_pool();
  if (Status status = step.kernel->check(step.operands); !status.is_ok()) return labelled(label, name, status);
  if (Status status = make_room(step, planned); !status.is_ok()) return labelled(label, name, status);
  steps_.push_back(std::move(step));
  return Status::ok();
}

// Tells the kernel which inputs are constant, and makes room for what it will make of them in the first run.
Status Program::make_room(Step& step, const PlanStep& planned) {
  constexpr size_t kBits = 32;
  for (size_t i = 0; i < std::min(planned.inputs.size(), kBits); ++i) {
    const PlanBuffer& buffer = plan_.buffers[static_cast<size_t>(planned.inputs[i])];
    if (is_constant(buffer)) step.operands.constants |= uint32_t{1} << i;
  }
  const int64_t bytes = step.operands.constants == 0 ? 0 : step.kernel->prepared_bytes(step.operands);
  if (bytes == 0) return Status::ok();
  CONVOLT_TRY(step.prepared.allocate(bytes));
  step.operands.prepared = step.prepared.data();
  return Status::ok();
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
  if (buffer.region == Region::kConstant) return true;
  return buffer.region == Region::kState && store_->find(plan_.slots[static_cast<size_t>(buffer.location)])->sealed;
}

Tensor Program::place(const PlanBuffer& buffer) {
  Tensor tensor{nullptr, buffer.type.dtype, buffer.type.shape};
  if (buffer.region == Region::kArena) tensor.data = arena_.data() + buffer.location;
  if (buffer.region == Region::kConstant) tensor.data = constants_.data() + buffer.location;
  if (buffer.region == Region::kState) {
    tensor.data = store_->find(plan_.slots[static_cast<size_t>(buffer.location)])->memory.data();
  }
  return tensor;
}

size_t Program::transfer_of(const PlanBuffer& buffer) const {
  return static_cast<size_t>(buffer.location + (buffer.region == Region::kFetch ? plan_.feeds : 0));
}

Status Program::begin(int64_t iterations) {
  CONVOLT_TRY(store_->begin_run());
  const auto make_room = [&]() -> Status {
    CONVOLT_TRY(expect_states());
    for (Transfer& transfer : transfers_) {
      int64_t bytes = 0;
      if (__builtin_mul_overflow(transfer.bytes, iterations, &bytes)) {
        return {Code::kShape, "run: expected the feeds to fit into memory but got too many iterations"};
      }
      if (transfer.memory.bytes() < bytes) CONVOLT_TRY(transfer.memory.allocate(bytes));
    }
    return Status::ok();
  };
  if (Status status = make_room(); !status.is_ok()) {
    store_->end_run();
    return status;
  }
  iterations_ = iterations;
  aborted_.store(false, std::memory_order_relaxed);
  return Status::ok();
}

// Slots never move, so only a store that freed some can have lost one of ours.
Status Program::expect_states() const {
  if (store_->generation() == generation_) return Status::ok();
  for (const int64_t slot : plan_.slots) {
    if (store_->find(slot) != nullptr) continue;
    return {Code::kState, "run: expected every state of the program to be there but got one that was released"};
  }
  return Status::ok();
}

Status Program::run(const std::atomic<bool>& stop, int64_t* completed) noexcept {
  *completed = 0;
  CONVOLT_TRY(fit_workspace());
  prepare();
  while (*completed < iterations_) {
    move_to(*completed);
    bool finished = false;
    CONVOLT_TRY(run_iteration(stop, &finished));
    if (!finished) break;
    ++*completed;
  }
  return Status::ok();
}

// Lets kernels make of their constant inputs what they like, once.
void Program::prepare() {
  if (std::exchange(prepared_, true)) return;
  for (const Step& step : steps_) {
    if (step.operands.prepared != nullptr) step.kernel->prepare(step.operands);
  }
}

// The steps share one workspace, made for as many threads as the pool has now.
Status Program::fit_workspace() {
  const int threads = process_pool().threads();
  if (threads == threads_) return Status::ok();
  const auto bytes_of = [&](const Step& step) { return aligned(step.kernel->workspace(step.operands, threads)); };
  int64_t bytes = 0;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const RowTail* tail = steps_[i].tail.get();  // its scratch memory lies behind that of its kernel
    bytes = std::max(bytes, tail ? bytes_of(steps_[i - 1]) + tail->workspace(threads) : bytes_of(steps_[i]));
  }
  if (workspace_.bytes() < bytes) CONVOLT_TRY(workspace_.allocate(bytes));
  for (size_t i = 0; i < steps_.size(); ++i) {
    steps_[i].operands.workspace = workspace_.data();
    if (steps_[i].tail) steps_[i].tail->fit(workspace_.data() + bytes_of(steps_[i - 1]), threads);
  }
  threads_ = threads;
  return Status::ok();
}

void Program::move_to(int64_t iteration) {
  for (const auto& [operand, number] : moving_) {
    Transfer& transfer = transfers_[number];
    operand->data = transfer.memory.data() + iteration * transfer.bytes;
  }
}

Status Program::run_iteration(const std::atomic<bool>& stop, bool* finished) {
  const auto first_write = static_cast<size_t>(plan_.first_write);
  const auto halted = [&] { return aborted_.load(std::memory_order_relaxed) || stop.load(std::memory_order_relaxed); };
  if (halted()) return Status::ok();
  for (size_t i = 0; i < steps_.size(); ++i) {
    // A stop means that nobody will see the states again, so that they may stay half written.
    if (i < first_write ? halted() : stop.load(std::memory_order_relaxed)) return Status::ok();
    if (Status status = time_step(i); !status.is_ok()) {
      return labelled(plan_.labels[i], plan_.names[static_cast<size_t>(plan_.steps[i].kernel)], status);
    }
  }
  *finished = true;
  return Status::ok();
}

Status Program::run_step(size_t i) {
  Step& step = steps_[i];
  if (step.tail) {
    step.tail->finish();
    return Status::ok();
  }
  if (step.operands.tail != nullptr) steps_[i + 1].tail->begin();
  return step.kernel->run(step.operands);
}

Status Program::time_step(size_t i) {
  if (profile_.empty()) return run_step(i);
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  Status status = run_step(i);
  profile_[i].nanoseconds += std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
  ++profile_[i].calls;
  return status;
}

int64_t Program::bytes() const {
  int64_t bytes = arena_.bytes() + constants_.bytes() + workspace_.bytes();
  for (const Step& step : steps_) bytes += step.prepared.bytes();
  for (const Transfer& transfer : transfers_) bytes += transfer.memory.bytes();
  return bytes;
}

}  // namespace convolt
