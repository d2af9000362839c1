// Stands in for the parts of OpenBLAS that no call of Convolt reaches, so that the linker takes only those that are used:
// other precisions and routines (their names are listed when the build is configured), and OpenBLAS's own threads.
#include <stdio.h>
#include <stdlib.h>

#pragma GCC visibility push(hidden)

static void absent(void) {
  fputs("convolt: OpenBLAS called a routine that this binary was built without\n", stderr);
  abort();
}

#define ABSENT(name) void name(void) __attribute__((alias("absent")));
#include "openblas-absent.inc"
ABSENT(sgemm_thread_nn)
ABSENT(sgemm_thread_nt)
ABSENT(sgemm_thread_tn)
ABSENT(sgemm_thread_tt)
ABSENT(sgemv_thread_n)
ABSENT(sgemv_thread_t)

__attribute__((weak)) extern int blas_cpu_number, blas_num_threads;  // an OpenBLAS without threads has none
int blas_server_avail = 0;

// Called when the library is loaded, before any product. With one thread OpenBLAS never asks for another.
int blas_thread_init(void) {
  if (&blas_cpu_number) blas_cpu_number = 1;
  if (&blas_num_threads) blas_num_threads = 1;
  blas_server_avail = 1;
  return 0;
}

int blas_thread_shutdown_(void) { return 0; }

void openblas_set_num_threads(int threads) { (void)threads; }

#pragma GCC visibility pop
