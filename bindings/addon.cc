// Registers the addon in an environment: its classes, what the machine offers, and the names of what the core knows.
#include <napi.h>

#include "arguments.h"
#include "base/aligned.h"
#include "base/cpu.h"
#include "environment.h"
#include "errors.h"
#include "gemm/sgemm.h"
#include "kernels/kernel.h"
#include "linalg.h"
#include "program.h"
#include "runtime/process.h"
#include "store.h"

namespace convolt {
namespace {

Napi::Array strings(Napi::Env env, const std::vector<std::string>& values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (size_t i = 0; i < values.size(); ++i) array.Set(static_cast<uint32_t>(i), values[i]);
  return array;
}

Napi::Value info(const Napi::CallbackInfo& info) {
  CONVOLT_OR_THROW(info.Env(), isa_status(), {});
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("isa", isa_name(active_isa()));
  result.Set("features", strings(info.Env(), cpu_features()));
  result.Set("threads", process_pool().threads());
  result.Set("hardwareThreads", default_threads());
  result.Set("blas", blas_name());
  result.Set("version", CONVOLT_VERSION);
  return result;
}

void set_threads(const Napi::CallbackInfo& info) {
  int64_t threads = 0;
  CONVOLT_OR_THROW(info.Env(), whole_argument(info.Env(), info[0], "setThreads", "the number of threads", &threads), );
  CONVOLT_OR_THROW(info.Env(), set_process_threads(threads), );
}

Napi::Value native_bytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(allocated_bytes()));
}

Napi::Value opcode_names(const Napi::CallbackInfo& info) {
  return strings(info.Env(), {
#define UNARY(name, value) #name,
#define BINARY(name, value) #name,
#define TERNARY(name, value) #name,
#include "elementwise/ops.inc"
#undef UNARY
#undef BINARY
#undef TERNARY
                             });
}

Napi::Value reduction_names(const Napi::CallbackInfo& info) {
  return strings(info.Env(), {
#define FOLD(name, ...) #name,
#include "elementwise/folds.inc"
#undef FOLD
                             });
}

Napi::Value all_kernel_names(const Napi::CallbackInfo& info) {
  std::vector<std::string> names;
  for (const char* const* name = kernel_names(); *name != nullptr; ++name) names.emplace_back(*name);
  return strings(info.Env(), names);
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  if (!Environment::create(env)) {
    throw_status(env,
                 {Code::kNative, "convolt: expected Node.js to take the addon into a new environment but it refused"});
    return exports;
  }
  exports.Set("version", CONVOLT_VERSION);
  exports.Set("info", Napi::Function::New<info>(env, "info"));
  exports.Set("setThreads", Napi::Function::New<set_threads>(env, "setThreads"));
  exports.Set("nativeBytes", Napi::Function::New<native_bytes>(env, "nativeBytes"));
  exports.Set("opcodeNames", Napi::Function::New<opcode_names>(env, "opcodeNames"));
  exports.Set("reductionNames", Napi::Function::New<reduction_names>(env, "reductionNames"));
  exports.Set("kernelNames", Napi::Function::New<all_kernel_names>(env, "kernelNames"));
  define_linalg(env, exports);
  exports.Set("NativeStore", NativeStore::define(env));
  exports.Set("NativeProgram", NativeProgram::define(env));
  return exports;
}

NODE_API_MODULE(convolt, init)

}  // namespace
}  // namespace convolt
