// Start and end of an environment. Its thread is joined before Node closes the way back, and before the process's
// static objects go, so that neither worker.terminate() nor process.exit() meets a run in flight.
#include "environment.h"

#if defined(_WIN32)
#include <windows.h>
#else
#include <dlfcn.h>
#endif

#include <cstdlib>

namespace convolt {
namespace {

// A worker that ends closes the addon, and the last one would unload it under the feet of the compute threads.
#if defined(_WIN32)
bool stay_loaded() {
  HMODULE own{};
  const DWORD how = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
  return GetModuleHandleExW(how, reinterpret_cast<LPCWSTR>(&stay_loaded), &own) != 0;
}
#else
bool stay_loaded() {
  Dl_info own{};
  if (dladdr(reinterpret_cast<const void*>(&stay_loaded), &own) == 0) return false;
  return dlopen(own.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE) != nullptr;
}
#endif

}  // namespace

void EnvironmentJob::done() noexcept { napi_call_threadsafe_function(finished_, this, napi_tsfn_nonblocking); }

void Environment::on_finished(napi_env env, napi_value, void* context, void* data) {
  if (env == nullptr) return;  // the environment is going away, and the job with it
  auto* environment = static_cast<Environment*>(context);
  if (--environment->in_flight_ == 0) napi_unref_threadsafe_function(env, environment->finished_);
  static_cast<EnvironmentJob*>(data)->complete(env);
}

bool Environment::create(Napi::Env env) {
  static const bool stays = stay_loaded();
  if (!stays) return false;
  [[maybe_unused]] static const int registered = std::atexit(&Executor::stop_all);
  auto made = std::make_unique<Environment>();
  const Napi::String name = Napi::String::New(env, "convolt");
  if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, made.get(),
                                      &Environment::on_finished, &made->finished_) != napi_ok ||
      napi_unref_threadsafe_function(env, made->finished_) != napi_ok) {
    return false;
  }
  // Hooks run in reverse order: this one before the one with which Node closes the threadsafe function.
  Environment* environment = made.release();
  napi_add_env_cleanup_hook(
      env, [](void* data) { static_cast<Environment*>(data)->executor_.stop(); }, environment);
  env.SetInstanceData(environment);
  return true;
}

Status Environment::submit(Napi::Env env, EnvironmentJob* job) {
  job->finished_ = finished_;
  CONVOLT_TRY(executor_.submit(job));
  if (in_flight_++ == 0) napi_ref_threadsafe_function(env, finished_);
  return Status::ok();
}

}  // namespace convolt
