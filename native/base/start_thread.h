// Threads of our own, where the system may refuse one.
#pragma once

#include <pthread.h>

namespace convolt {

// Runs body(argument) on a new thread, whose stack is large enough for every kernel whatever the system's default is.
// False when the system refuses the thread.
bool start_thread(void* (*body)(void*), void* argument, pthread_t* out);

}  // namespace convolt
