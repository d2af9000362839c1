// An intrusive queue, and a thread that looks at it a little longer before it sleeps, because a training loop's next
// run comes within microseconds.
#include "runtime/executor.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/spin_wait.h"
#include "runtime/process.h"

namespace convolt {
namespace {

constexpr std::chrono::microseconds kSpin(1000);

// All executors that can still run something. Never destroyed, because the process may end while they run.
struct Registry {
  std::mutex mutex;
  std::vector<Executor*> executors;
};

Registry& registry() {
  static auto* const made = new Registry;
  return *made;
}

}  // namespace

Executor::Executor() : thread_([this] { loop(); }) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  all.executors.push_back(this);
}

Executor::~Executor() {
  {
    Registry& all = registry();
    const std::lock_guard lock(all.mutex);
    std::erase(all.executors, this);
  }
  stop();
}

void Executor::submit(Job* job) {
  {
    const std::lock_guard lock(mutex_);
    (first_ == nullptr ? first_ : last_->next_) = job;
    last_ = job;
  }
  signals_.fetch_add(1, std::memory_order_release);
  signals_.notify_one();
}

void Executor::stop() {
  stop_.store(true, std::memory_order_relaxed);
  signals_.fetch_add(1, std::memory_order_release);
  signals_.notify_one();
  const std::lock_guard lock(joining_);
  if (thread_.joinable()) thread_.join();
}

void Executor::stop_all() {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  for (Executor* executor : all.executors) executor->stop();
}

Job* Executor::take() {
  const std::lock_guard lock(mutex_);
  Job* job = first_;
  if (job != nullptr) first_ = std::exchange(job->next_, nullptr);
  return job;
}

void Executor::loop() {
  while (true) {
    const uint32_t seen = signals_.load(std::memory_order_acquire);
    if (stop_.load(std::memory_order_relaxed)) return;
    if (Job* job = take()) {
      {
        const RunGuard guard;
        job->run(stop_);
      }
      job->done();
    } else {
      await_change(signals_, seen, kSpin);
    }
  }
}

}  // namespace convolt
