// The JavaScript class NativeProgram.
#pragma once

#include <napi.h>

#include <memory>
#include <span>
#include <vector>

#include "environment.h"
#include "external-memory.h"
#include "runtime/program.h"

namespace convolt {

// The object is its own job: a program has one run in flight at most, so that a run allocates nothing here.
class NativeProgram final : public Napi::ObjectWrap<NativeProgram>, public EnvironmentJob {
 public:
  static Napi::Function define(Napi::Env env);

  explicit NativeProgram(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) { memory_.report(env, 0); }

  void run(const std::atomic<bool>& stop) noexcept override;
  void complete(Napi::Env env) override;

 private:
  Napi::Value run_async(const Napi::CallbackInfo& info);
  Napi::Value run_now(const Napi::CallbackInfo& info);
  void abort(const Napi::CallbackInfo& info);
  Napi::Value profile(const Napi::CallbackInfo& info);
  Napi::Value arena_bytes(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);

  Status bind(const Napi::CallbackInfo& info);
  Status start(const Napi::CallbackInfo& info);
  Status take_views(napi_env env, napi_value views, const char* what, std::span<Program::Transfer> transfers,
                    int64_t iterations);
  Status give_fetches(Napi::Env env, napi_value views);
  Status finish(Napi::Env env, napi_value fetches);
  Napi::Error error_of(Napi::Env env, const Status& status) const;

  std::shared_ptr<Program> program_;  // gone once disposed
  std::vector<std::span<std::byte>> views_;
  ExternalMemory memory_;

  // Of the run in flight.
  std::shared_ptr<Program> running_;
  int64_t iterations_ = 0;
  int64_t completed_ = 0;
  Status status_;
  napi_deferred deferred_ = nullptr;
  napi_ref fetches_ = nullptr;
};

}  // namespace convolt
