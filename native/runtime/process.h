// What the whole process shares: the compute threads, and the rule that their number changes only between runs.
#pragma once

#include "base/status.h"
#include "base/thread_pool.h"

namespace convolt {

// Lives until the process ends, whatever order its threads end in. The child of a fork has a pool of its own, and
// counts none of the runs that were in flight.
ThreadPool& process_pool();

// Refused outside [1, 1024], and while a run is in flight anywhere in the process.
Status set_process_threads(int64_t threads);

// Held by every run.
class RunGuard {
 public:
  RunGuard();
  ~RunGuard();
  RunGuard(const RunGuard&) = delete;
  RunGuard& operator=(const RunGuard&) = delete;
};

}  // namespace convolt
