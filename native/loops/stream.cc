// Copies past the caches.
#include "loops/stream.h"

#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {

void stream(float* y, const float* x, int64_t n) {
  int64_t i = 0;
  for (; i < n && reinterpret_cast<uintptr_t>(y + i) % sizeof(Floats) != 0; ++i) y[i] = x[i];
  for (; i + kLanes <= n; i += kLanes) store_or_stream<true>(y + i, load<Floats>(x + i));
  for (; i < n; ++i) y[i] = x[i];
}

void end_stream() { end_streaming(); }

}  // namespace convolt::CONVOLT_ISA
