// What one JavaScript environment (the main thread or a worker) owns: its executor, and the way back to its event loop.
#pragma once

#include <napi.h>

#include <memory>

#include "base/status.h"
#include "runtime/executor.h"

namespace convolt {

// A job whose end is reported on the JavaScript thread.
class EnvironmentJob : public Job {
 public:
  // On the JavaScript thread, in a handle scope; promises settled here run their continuations right after.
  virtual void complete(Napi::Env env) = 0;
  void done() noexcept final;

 private:
  friend class Environment;
  napi_threadsafe_function finished_ = nullptr;
};

class Environment {
 public:
  // Made once per environment, when the addon is loaded into it.
  static bool create(Napi::Env env);
  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  // Runs the job; the process stays alive until it has completed. Fails, and does not take it, when the system refuses
  // a thread.
  Status submit(Napi::Env env, EnvironmentJob* job);

 private:
  static void on_finished(napi_env env, napi_value callback, void* context, void* data);

  Executor executor_;
  napi_threadsafe_function finished_ = nullptr;
  int in_flight_ = 0;
};

}  // namespace convolt
