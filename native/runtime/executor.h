// The thread that runs an environment's jobs one after the other, so that the event loop stays free.
#pragma once

#include <atomic>
#include <memory>

#include "base/status.h"

namespace convolt {

// Something to run. Owned by whoever submits it, who must keep it until it has run or the executor has stopped.
class Job {
 public:
  virtual ~Job() = default;
  // On the executor's thread. A stop asks to come back soon.
  virtual void run(const std::atomic<bool>& stop) noexcept = 0;
  // On the executor's thread, when the run is over and no longer counts as in flight. The job may be gone afterwards.
  virtual void done() noexcept = 0;

 private:
  friend class Executor;
  Job* next_ = nullptr;
};

// Its thread starts with the first job. In the child of a fork, where that thread does not exist, an executor begins
// anew: jobs that were submitted before the fork do not come back there.
class Executor {
 public:
  Executor();
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Owner's thread. Allocates nothing once the thread runs; fails, and does not take the job, when the system refuses
  // the thread. After stop(), jobs are not run any more.
  Status submit(Job* job);
  // Asks the job at work to come back, drops the others, and waits for the thread to end.
  void stop();
  // Stops every executor of the process; for its exit.
  static void stop_all();

 private:
  struct State;
  static void begin_all_anew();

  std::unique_ptr<State> state_;
};

}  // namespace convolt
