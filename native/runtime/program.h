// A plan bound to memory and kernels: everything that can be decided before a run is decided here.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "elementwise/row-tail.h"
#include "kernels/kernel.h"
#include "runtime/plan.h"
#include "runtime/store.h"

namespace convolt {

class Program {
 public:
  struct Profile {
    int64_t nanoseconds = 0;
    int64_t calls = 0;
  };

  // Verifies `plan` and binds it. `profiling` keeps the time of every step; without it a run reads no clock.
  static Status create(Plan plan, std::shared_ptr<Store> store, std::span<const std::byte> constants, bool profiling,
                       std::unique_ptr<Program>* out);

  // Owner's thread: takes the store for one run of `iterations` and makes room for its feeds and fetches.
  Status begin(int64_t iterations);
  // Owner's thread: gives the store back.
  void end() { store_->end_run(); }

  // Any one thread, between begin and end: runs all iterations, or those before an abort, a stop or a failure.
  Status run(const std::atomic<bool>& stop, int64_t* completed) noexcept;

  // Any thread: ends the run in flight before its next write of a state, or after the iteration at work.
  void abort() { aborted_.store(true, std::memory_order_relaxed); }

  // Memory for the feeds that begin() announced, [iterations, ...shape] each, and for the fetches likewise.
  struct Transfer {
    AlignedBuffer memory;
    int64_t bytes = 0;  // of one iteration
  };
  std::span<Transfer> feeds() { return std::span(transfers_).first(static_cast<size_t>(plan_.feeds)); }
  std::span<Transfer> fetches() { return std::span(transfers_).subspan(static_cast<size_t>(plan_.feeds)); }

  int64_t arena_bytes() const { return plan_.arena_bytes; }
  // All memory of the program; the store's is not its own.
  int64_t bytes() const;
  const Store& store() const { return *store_; }
  std::span<const std::string> labels() const { return plan_.labels; }
  // One per step, or none without profiling. Not during a run.
  std::span<const Profile> profile() const { return profile_; }

 private:
  struct Step {
    std::unique_ptr<Kernel> kernel;
    Operands operands;
    int64_t prepared_bytes = 0;
    bool prepared_in_loop = false;
    std::unique_ptr<RowTail> tail;  // set when the step runs behind the one before it
  };
  // An operand that lies in a transfer, so that its address depends on the iteration.
  struct Moving {
    Tensor* operand;
    size_t transfer;
    int64_t offset;
  };
  // Steps that run `count` times, and operands that go on by some bytes after every turn.
  struct Loop {
    struct Stride {
      Tensor* operand;
      int64_t bytes;
    };
    size_t begin, end;
    int64_t count;
    size_t after;  // the first loop that is not within this one
    std::vector<Stride> strides;
    std::vector<size_t> prepared;  // steps that prepare inputs which do not change in it
  };

  Program(Plan plan, std::shared_ptr<Store> store) : plan_(std::move(plan)), store_(std::move(store)) {}
  static Status labelled(const std::string& label, const std::string& kernel, const Status& status);
  Status bind(std::span<const std::byte> constants, bool profiling);
  Status bind_step(const PlanStep& planned, const std::string& label, Tensor** next);
  void make_room(Step& step, size_t index);
  void make_room_for(uint32_t constants, Step& step);
  Status place_prepared();
  bool stands_still(const PlanBuffer& buffer, const PlanLoop& loop) const;
  void bind_loops();
  void bind_tails();
  bool is_constant(const PlanBuffer& buffer) const;
  Tensor place(const PlanBuffer& buffer);
  size_t transfer_of(const PlanBuffer& buffer) const;
  Status expect_states() const;
  Status fit_workspace();
  void prepare();
  void move_to(int64_t iteration);
  Status run_iteration(const std::atomic<bool>& stop, bool* finished);
  Status run_range(size_t begin, size_t end, size_t loop, const std::atomic<bool>& stop, bool* finished);
  Status run_loop(size_t number, const std::atomic<bool>& stop, bool* finished);
  Status run_step(size_t i);
  Status time_step(size_t i);

  Plan plan_;
  std::shared_ptr<Store> store_;
  uint64_t generation_ = 0;
  AlignedBuffer arena_, constants_, prepared_, workspace_;
  int threads_ = 0;  // that the workspace is made for
  bool is_prepared_ = false;
  int64_t iterations_ = 0;
  std::vector<Tensor> operands_;  // of all steps; never resized once bound
  std::vector<Step> steps_;
  std::vector<Transfer> transfers_;  // feeds, then fetches
  std::vector<Moving> moving_;
  std::vector<Loop> loops_;
  std::vector<Profile> profile_;
  std::atomic<bool> aborted_{false};
};

}  // namespace convolt
