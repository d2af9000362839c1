// The thread that runs an environment's jobs one after the other, so that the event loop stays free.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

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

class Executor {
 public:
  Executor();
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Allocates nothing. After stop(), jobs are not run any more.
  void submit(Job* job);
  // Asks the job at work to come back, drops the others, and waits for the thread to end.
  void stop();
  // Stops every executor of the process; for its exit.
  static void stop_all();

 private:
  void loop();
  Job* take();

  std::mutex mutex_;  // of the queue
  Job* first_ = nullptr;
  Job* last_ = nullptr;
  std::atomic<uint32_t> signals_{0};  // counts submissions
  std::atomic<bool> stop_{false};
  std::mutex joining_;
  std::thread thread_;
};

}  // namespace convolt
