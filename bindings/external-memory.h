// Tells the garbage collector how much native memory hangs on a JavaScript object.
#pragma once

#include <napi.h>

#include <cstdint>

namespace convolt {

class ExternalMemory {
 public:
  // Reports that the object now holds `bytes` in all.
  void report(napi_env env, int64_t bytes) {
    if (bytes == reported_) return;
    int64_t total = 0;
    napi_adjust_external_memory(env, bytes - reported_, &total);
    reported_ = bytes;
  }

 private:
  int64_t reported_ = 0;
};

}  // namespace convolt
