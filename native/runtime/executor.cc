// An intrusive queue, and a thread that looks at it a little longer before it sleeps, because a training loop's next
// run comes within microseconds.
#include "runtime/executor.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "base/spin_wait.h"
#include "base/start_thread.h"
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

struct Executor::State {
  std::mutex queue;
  Job* first = nullptr;
  Job* last = nullptr;
  std::atomic<uint32_t> signals{0};  // counts submissions
  std::atomic<bool> stop{false};
  std::atomic<bool> running{false};
  std::mutex starting;  // and joining
  pthread_t thread{};

  void append(Job* job) {
    const std::lock_guard lock(queue);
    (first == nullptr ? first : last->next_) = job;
    last = job;
  }

  Job* take() {
    const std::lock_guard lock(queue);
    Job* job = first;
    if (job != nullptr) first = std::exchange(job->next_, nullptr);
    return job;
  }

  void signal() {
    signals.fetch_add(1, std::memory_order_release);
    signals.notify_one();
  }

  Status start() {
    const std::lock_guard lock(starting);
    if (running || stop) return Status::ok();
    const auto body = [](void* state) -> void* {
      static_cast<State*>(state)->loop();
      return nullptr;
    };
    if (!start_thread(body, this, &thread)) {
      return {Code::kNative, "run: expected the system to give a thread but it refused"};
    }
    running = true;
    return Status::ok();
  }

  void join() {
    const std::lock_guard lock(starting);
    if (running.exchange(false)) pthread_join(thread, nullptr);
  }

  void loop() {
    while (true) {
      const uint32_t seen = signals.load(std::memory_order_acquire);
      if (stop.load(std::memory_order_relaxed)) return;
      if (Job* job = take()) {
        {
          const RunGuard guard;
          job->run(stop);
        }
        job->done();
      } else {
        await_change(signals, seen, kSpin);
      }
    }
  }
};

Executor::Executor() : state_(std::make_unique<State>()) {
  [[maybe_unused]] static const bool registered =
      (around_fork([] { registry().mutex.lock(); }, [] { registry().mutex.unlock(); }, &Executor::begin_all_anew),
       true);
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

Status Executor::submit(Job* job) {
  if (!state_->running.load(std::memory_order_relaxed)) CONVOLT_TRY(state_->start());
  state_->append(job);
  state_->signal();
  return Status::ok();
}

void Executor::stop() {
  state_->stop.store(true, std::memory_order_relaxed);
  state_->signal();
  state_->join();
}

void Executor::stop_all() {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  for (Executor* executor : all.executors) executor->stop();
}

// In the child of a fork, with the registry locked. What threads held that do not exist here is left as it is.
void Executor::begin_all_anew() {
  for (Executor* executor : registry().executors) {
    static_cast<void>(executor->state_.release());
    executor->state_ = std::make_unique<State>();
  }
  registry().mutex.unlock();
}

}  // namespace convolt
