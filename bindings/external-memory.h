// Tells the garbage collector, and process.memoryUsage().external, how much native memory hangs on a JavaScript object.
#pragma once

#include <napi.h>

#include <algorithm>
#include <cstdint>

namespace convolt {

// What napi_adjust_external_memory is told hastens collections, but Node shows only the sizes of ArrayBuffers. So the
// bytes are reported as the size of one that nobody can reach; where such are not allowed, the collector alone is told.
class ExternalMemory {
 public:
  // Reports that the object now holds `bytes` in all.
  void report(napi_env env, int64_t bytes) {
    const Napi::HandleScope scope(env);
    if (bytes == shown_ + told_ || is_ending(env)) return;
    hide(env);
    if (bytes > 0) show(env, std::min(bytes, kLargest));
    tell(env, bytes - shown_);
  }

 private:
  static constexpr int64_t kLargest = int64_t{1} << 31;  // of any version of Node

  // In a worker that is being terminated V8 refuses what Node takes for granted, and nobody asks for numbers any more.
  static bool is_ending(napi_env env) {
    napi_value number = nullptr, text = nullptr;
    return napi_create_int32(env, 0, &number) != napi_ok || napi_coerce_to_string(env, number, &text) != napi_ok;
  }

  void show(napi_env env, int64_t bytes) {
    static char nothing;  // its memory is never read: no script sees it
    napi_value buffer = nullptr;
    if (napi_create_external_arraybuffer(env, &nothing, static_cast<size_t>(bytes), nullptr, nullptr, &buffer) !=
        napi_ok)
      return;
    if (napi_create_reference(env, buffer, 1, &buffer_) == napi_ok) shown_ = bytes;
  }

  void hide(napi_env env) {
    if (buffer_ == nullptr) return;
    napi_value buffer = nullptr;
    if (napi_get_reference_value(env, buffer_, &buffer) == napi_ok && buffer) napi_detach_arraybuffer(env, buffer);
    napi_delete_reference(env, buffer_);
    buffer_ = nullptr;
    shown_ = 0;
  }

  void tell(napi_env env, int64_t bytes) {
    int64_t total = 0;
    if (bytes != told_) napi_adjust_external_memory(env, bytes - told_, &total);
    told_ = bytes;
  }

  napi_ref buffer_ = nullptr;
  int64_t shown_ = 0, told_ = 0;
};

}  // namespace convolt
