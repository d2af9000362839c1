// Affinity masks: the leader's own, without its processor.
#include "base/apart.h"

#if defined(__linux__)
#include <sched.h>
#endif

#include <utility>

namespace convolt {

#if defined(__linux__)

bool Apart::has_moved() {
  const int here = sched_getcpu();
  if (std::exchange(here_, here) == here) return false;
  return sched_getaffinity(0, sizeof(allowed_), &allowed_) == 0;
}

void Apart::bar(pthread_t thread) const {
  cpu_set_t others = allowed_;
  if (here_ >= 0) CPU_CLR(here_, &others);
  if (CPU_COUNT(&others) > 0) pthread_setaffinity_np(thread, sizeof(others), &others);
}

#else

bool Apart::has_moved() { return false; }
void Apart::bar(pthread_t) const {}

#endif

}  // namespace convolt
