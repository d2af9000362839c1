// Runs a bound plan, step after step. A run allocates nothing unless the number of threads has changed.
#include "runtime/program.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/process.h"

namespace convolt {

// The status with the step's label in the place of the kernel's name.
Status Program::labelled(const std::string& label, const std::string& kernel, const Status& status) {
  const std::string prefix = kernel + ": ";
  const bool named = status.message().starts_with(prefix);
  return {status.code(), label + ": " + (named ? status.message().substr(prefix.size()) : status.message())};
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
  if (std::exchange(is_prepared_, true)) return;
  for (const Step& step : steps_) {
    if (step.prepared_bytes > 0 && !step.prepared_in_loop) step.kernel->prepare(step.operands);
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
  for (const auto& [operand, number, offset] : moving_) {
    Transfer& transfer = transfers_[number];
    operand->data = transfer.memory.data() + iteration * transfer.bytes + offset;
  }
}

Status Program::run_iteration(const std::atomic<bool>& stop, bool* finished) {
  *finished = !aborted_.load(std::memory_order_relaxed) && !stop.load(std::memory_order_relaxed);
  if (!*finished) return Status::ok();
  return run_range(0, steps_.size(), 0, stop, finished);
}

// Runs the steps [begin, end); `loop` is the first loop that does not begin before them.
Status Program::run_range(size_t begin, size_t end, size_t loop, const std::atomic<bool>& stop, bool* finished) {
  const auto first_write = static_cast<size_t>(plan_.first_write);
  const auto halted = [&] { return aborted_.load(std::memory_order_relaxed) || stop.load(std::memory_order_relaxed); };
  for (size_t i = begin; i < end;) {
    if (loop < loops_.size() && loops_[loop].begin == i) {
      CONVOLT_TRY(run_loop(loop, stop, finished));
      if (!*finished) return Status::ok();
      i = loops_[loop].end;
      loop = loops_[loop].after;
      continue;
    }
    // A stop means that nobody will see the states again, so that they may stay half written.
    if (i < first_write ? halted() : stop.load(std::memory_order_relaxed)) {
      *finished = false;
      return Status::ok();
    }
    if (Status status = time_step(i); !status.is_ok()) {
      return labelled(plan_.labels[i], plan_.names[static_cast<size_t>(plan_.steps[i].kernel)], status);
    }
    ++i;
  }
  return Status::ok();
}

// Runs all turns of a loop, and leaves its operands where they were.
Status Program::run_loop(size_t number, const std::atomic<bool>& stop, bool* finished) {
  const Loop& loop = loops_[number];
  const auto move = [&](int64_t turns) {
    for (const auto& [operand, bytes] : loop.strides)
      operand->data = static_cast<std::byte*>(operand->data) + turns * bytes;
  };
  for (const size_t i : loop.prepared) steps_[i].kernel->prepare(steps_[i].operands);
  int64_t turn = 0;
  Status status;
  for (; turn < loop.count && status.is_ok() && *finished; ++turn) {
    status = run_range(loop.begin, loop.end, number + 1, stop, finished);
    move(1);
  }
  move(-turn);
  return status;
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
  int64_t bytes = arena_.bytes() + constants_.bytes() + prepared_.bytes() + workspace_.bytes();
  for (const Transfer& transfer : transfers_) bytes += transfer.memory.bytes();
  return bytes;
}

}  // namespace convolt
