// Our own compute threads: they spin for some microseconds after a run, since the next one mostly follows at once, and
// then sleep.
#include "base/thread_pool.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "base/apart.h"
#include "base/spin_wait.h"
#include "base/start_thread.h"

namespace convolt {
namespace {

constexpr int kMaxThreads = 256;
// Workers may enter a run while this bit of `gate` is set; the other bits count those inside.
constexpr uint32_t kOpen = 1u << 31;

}  // namespace

struct ThreadPool::Impl {
  struct Worker {
    Impl* pool;
    int thread;
    pthread_t handle;
  };

  explicit Impl(int threads) : threads(threads) {}

  // The run in flight. Written while no worker is inside, read by workers that passed the gate.
  const TaskRef* body = nullptr;
  int64_t tasks = 0;

  alignas(64) std::atomic<int64_t> next{0};         // the first task that nobody has taken
  alignas(64) std::atomic<uint32_t> gate{0};        // kOpen | number of workers inside
  alignas(64) std::atomic<uint32_t> generation{0};  // counts runs; workers wait for it to change
  alignas(64) std::atomic<bool> busy{false};        // somebody's run has the pool
  std::atomic<bool> stopping{false};
  int threads;
  bool has_processors = true;  // one for each thread
  std::vector<Worker> workers;
  Apart apart;

  std::chrono::microseconds spin() const { return has_processors ? kSpinTime : std::chrono::microseconds(0); }

  void take_tasks(int thread) {
    for (int64_t task; (task = next.fetch_add(1, std::memory_order_relaxed)) < tasks;) (*body)(task, thread);
  }

  bool enter() {
    uint32_t seen = gate.load(std::memory_order_relaxed);
    while (seen & kOpen) {
      if (gate.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire)) return true;
    }
    return false;
  }

  void leave() {
    if (gate.fetch_sub(1, std::memory_order_release) == 1) gate.notify_one();
  }

  void work(int thread) {
    // A worker starts as one that has seen nothing: a run may be in flight already.
    uint32_t seen = 0;
    while (!stopping.load(std::memory_order_relaxed)) {
      if (enter()) {
        take_tasks(thread);
        leave();
      }
      seen = await_change(generation, seen, spin());
    }
  }

  // Starts the workers at the first run. Those that the system refuses are done without.
  void start() {
    if (static_cast<int>(workers.size()) + 1 >= threads) return;
    has_processors = threads <= default_threads();
    workers.reserve(threads - 1);
    while (static_cast<int>(workers.size()) + 1 < threads) {
      const int thread = static_cast<int>(workers.size()) + 1;
      Worker& worker = workers.emplace_back(Worker{this, thread, {}});
      const auto enter_thread = [](void* argument) -> void* {
        const auto* self = static_cast<Worker*>(argument);
        self->pool->work(self->thread);
        return nullptr;
      };
      if (!start_thread(enter_thread, &worker, &worker.handle)) {
        workers.pop_back();
        threads = thread;
        return;
      }
    }
  }

  void stop() {
    stopping.store(true, std::memory_order_relaxed);
    generation.fetch_add(1, std::memory_order_release);
    generation.notify_all();
    for (const Worker& worker : workers) pthread_join(worker.handle, nullptr);
    workers.clear();
    apart = {};
    stopping.store(false, std::memory_order_relaxed);
  }

  // True when a run of so many tasks stays on the calling thread; otherwise that thread has the pool.
  bool is_alone(int64_t tasks) { return tasks <= 1 || threads == 1 || busy.exchange(true, std::memory_order_acquire); }

  void run(int64_t count, const TaskRef& task_body) {
    start();
    if (has_processors && apart.has_moved()) {
      for (const Worker& worker : workers) apart.bar(worker.handle);
    }
    body = &task_body;
    tasks = count;
    next.store(0, std::memory_order_relaxed);
    gate.store(kOpen, std::memory_order_release);
    generation.fetch_add(1, std::memory_order_release);
    generation.notify_all();
    take_tasks(0);
    // Late workers stay outside; those inside finish their last task.
    uint32_t inside = gate.fetch_and(~kOpen, std::memory_order_acq_rel) & ~kOpen;
    while (inside != 0) inside = await_change(gate, inside, spin());
  }
};

ThreadPool::ThreadPool(int threads) : impl_(std::make_unique<Impl>(std::clamp(threads, 1, kMaxThreads))) {}

ThreadPool::~ThreadPool() { impl_->stop(); }

int ThreadPool::threads() const { return impl_->threads; }

void ThreadPool::set_threads(int threads) {
  impl_->stop();
  impl_->threads = std::clamp(threads, 1, kMaxThreads);
}

void ThreadPool::begin_anew() {
  const int threads = impl_->threads;
  static_cast<void>(impl_.release());  // left as the fork found it: in the middle of a run, perhaps
  impl_ = std::make_unique<Impl>(threads);
}

void ThreadPool::parallel_for(int64_t tasks, TaskRef body) {
  if (impl_->is_alone(tasks)) {
    for (int64_t task = 0; task < tasks; ++task) body(task, 0);
    return;
  }
  impl_->run(tasks, body);
  impl_->busy.store(false, std::memory_order_release);
}

void ThreadPool::run_team(int64_t most, TeamRef body) {
  const auto wanted = static_cast<int>(std::min<int64_t>(most, impl_->threads));
  if (impl_->is_alone(wanted)) {
    Team team(1, {});
    body(team, team.join());
    return;
  }
  impl_->start();
  Team team(std::min(wanted, impl_->threads), impl_->spin());
  impl_->run(wanted, [&](int64_t, int) {
    const int place = team.join();
    if (place >= 0) body(team, place);
  });
  impl_->busy.store(false, std::memory_order_release);
}

}  // namespace convolt
