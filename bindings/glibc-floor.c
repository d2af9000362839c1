// What the compiler's headers and its C++ library take from glibc and older versions of it lack. For releases only.
#define _GNU_SOURCE
#include <sys/stat.h>

#pragma GCC visibility push(hidden)

// True while the process has one thread, so that counts of references need not be atomic. Node has several from its start.
char __libc_single_threaded = 0;

// Until glibc 2.33 this was a macro, which named the layout of the structure.
#if defined(__x86_64__)
enum { kLayout = 1 };
#else
enum { kLayout = 0 };
#endif
#pragma GCC visibility push(default)
extern int __fxstat64(int layout, int file, struct stat64* status);
#pragma GCC visibility pop
int fstat64(int file, struct stat64* status) { return __fxstat64(kLayout, file, status); }

#pragma GCC visibility pop
