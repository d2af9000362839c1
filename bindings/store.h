// The JavaScript class NativeStore.
#pragma once

#include <napi.h>

#include <memory>

#include "external-memory.h"
#include "runtime/store.h"

namespace convolt {

class NativeStore final : public Napi::ObjectWrap<NativeStore> {
 public:
  static Napi::Function define(Napi::Env env);
  // The store behind `value`, or nullptr when `value` is anything else.
  static std::shared_ptr<Store> unwrap(Napi::Value value);

  explicit NativeStore(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) { memory_.report(env, 0); }

 private:
  Napi::Value declare(const Napi::CallbackInfo& info);
  void write(const Napi::CallbackInfo& info);
  void read(const Napi::CallbackInfo& info);
  void seal(const Napi::CallbackInfo& info);
  void release(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);
  Napi::Value bytes(const Napi::CallbackInfo& info);
  Napi::Value busy(const Napi::CallbackInfo& info);

  std::shared_ptr<Store> store_;
  ExternalMemory memory_;
};

}  // namespace convolt
