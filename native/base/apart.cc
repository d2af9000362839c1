// Affinity masks: those of the process, without the caller's processor.
#include "base/apart.h"

#include <sched.h>

#include <utility>

namespace convolt {

#if defined(__linux__)

Apart::Apart() {
  CPU_ZERO(&allowed_);
  sched_getaffinity(0, sizeof(allowed_), &allowed_);
}

bool Apart::has_moved() {
  const int here = sched_getcpu();
  return std::exchange(here_, here) != here;
}

void Apart::bar(pthread_t thread) const {
  cpu_set_t others = allowed_;
  if (here_ >= 0) CPU_CLR(here_, &others);
  if (CPU_COUNT(&others) > 0) pthread_setaffinity_np(thread, sizeof(others), &others);
}

#else

Apart::Apart() = default;
bool Apart::has_moved() { return false; }
void Apart::bar(pthread_t) const {}

#endif

}  // namespace convolt
