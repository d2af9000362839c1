// Keeps threads that work together on processors of their own.
#pragma once

#include <pthread.h>

namespace convolt {

// The processors that the leader of a run may use, and the one that it was on when it was looked at last.
//
// Linux puts a thread that is woken while every processor is busy, if only for some microseconds more, on the caller's
// own, where it waits until the next tick, which is longer than many a run. So the workers of a pool are barred from
// the processor of the thread that leads the run. Other systems than Linux are left alone.
class Apart {
 public:
  // True when the caller has moved since the last call: `bar` its fellows anew then.
  bool has_moved();
  // Bars `thread` from the caller's processor.
  void bar(pthread_t thread) const;

 private:
#if defined(__linux__)
  cpu_set_t allowed_{};
#endif
  int here_ = -1;
};

}  // namespace convolt
