// Threads of our own, where the system may refuse one, and what becomes of them in a fork of the process.
#pragma once

#include <pthread.h>

namespace convolt {

// Runs body(argument) on a new thread, whose stack is large enough for every kernel whatever the system's default is.
// False when the system refuses the thread.
bool start_thread(void* (*body)(void*), void* argument, pthread_t* out);

// Has them called around a fork of the process, where there is such a thing; any may be null.
void around_fork(void (*before)(), void (*in_parent)(), void (*in_child)());

}  // namespace convolt
