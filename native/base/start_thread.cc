// POSIX threads, because std::thread ends the process when it is refused.
#include "base/start_thread.h"

#include <cstddef>

namespace convolt {
namespace {

constexpr size_t kStackBytes = size_t{2} << 20;  // musl gives 128 KiB

}  // namespace

bool start_thread(void* (*body)(void*), void* argument, pthread_t* out) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setstacksize(&attributes, kStackBytes);
  const bool started = pthread_create(out, &attributes, body, argument) == 0;
  pthread_attr_destroy(&attributes);
  return started;
}

#if defined(_WIN32)
void around_fork(void (*)(), void (*)(), void (*)()) {}
#else
void around_fork(void (*before)(), void (*in_parent)(), void (*in_child)()) {
  pthread_atfork(before, in_parent, in_child);
}
#endif

}  // namespace convolt
