// Our own compute threads. Work is cut into tasks by shape, never by thread count, so results do not depend on it.
#pragma once

#include <cstdint>
#include <memory>

#include "base/team.h"

namespace convolt {

// A borrowed callable; cheaper than std::function and never allocates.
template <typename... Arguments>
class BodyRef {
 public:
  template <typename F>
  BodyRef(const F& body)  // NOLINT: implicit on purpose
      : object_(&body),
        call_([](const void* object, Arguments... arguments) { (*static_cast<const F*>(object))(arguments...); }) {}
  void operator()(Arguments... arguments) const { call_(object_, arguments...); }

 private:
  const void* object_;
  void (*call_)(const void*, Arguments...);
};

using TaskRef = BodyRef<int64_t, int>;  // (task, thread)
using TeamRef = BodyRef<Team&, int>;    // (team, place in the team)

class ThreadPool {
 public:
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Threads that take part in a run, the calling one included.
  int threads() const;
  // Not while a run is in flight.
  void set_threads(int threads);
  // In the child of a fork, where the workers do not exist: others start with the next run.
  void begin_anew();

  // Calls body(task, thread) for every task of [0, tasks), thread in [0, threads()), and returns when all are done.
  // Tasks are handed out one by one. A nested or concurrent call runs its tasks on the calling thread alone
  // (as thread 0 of a run that has the pool for itself, so per-thread workspace must not be shared between runs).
  void parallel_for(int64_t tasks, TaskRef body);

  // Calls body(team, place) on up to `most` threads that work together: each has its place in [0, team.size()). The
  // team may be smaller, down to the calling thread alone, so which part a place works on is cut by team.size() and
  // must not change results.
  void run_team(int64_t most, TeamRef body);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The number of processors that this process may use: affinity mask and cgroup quota respected, at least 1.
int default_threads();

}  // namespace convolt
