// The entry of libFuzzer, for the one target that this executable is built for.
#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  convolt::CONVOLT_FUZZ_TARGET({data, size});
  return 0;
}
