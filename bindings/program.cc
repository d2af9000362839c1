// A run: feeds are copied in here, the executor runs the program, fetches are copied out when it has completed.
#include "program.h"

#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "arguments.h"
#include "errors.h"
#include "runtime/plan.h"
#include "runtime/process.h"
#include "store.h"

namespace convolt {
namespace {

// Set to anything but 0, CONVOLT_PROFILE makes programs keep the time of every step.
bool profiling() {
  const char* value = std::getenv("CONVOLT_PROFILE");
  return value != nullptr && std::strcmp(value, "") != 0 && std::strcmp(value, "0") != 0;
}

Status disposed() {
  return {Code::kDisposed, "program: expected the program to be in use but got one that was disposed"};
}

}  // namespace

Napi::Function NativeProgram::define(Napi::Env env) {
  return DefineClass(
      env, "NativeProgram",
      {InstanceMethod<&NativeProgram::run_async>("run"), InstanceMethod<&NativeProgram::run_now>("runNow"),
       InstanceMethod<&NativeProgram::abort>("abort"), InstanceMethod<&NativeProgram::profile>("profile"),
       InstanceMethod<&NativeProgram::dispose>("dispose"),
       InstanceAccessor<&NativeProgram::arena_bytes>("arenaBytes")});
}

NativeProgram::NativeProgram(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  CONVOLT_OR_THROW(info.Env(), bind(info), );
  memory_.report(info.Env(), program_->bytes());
}

Status NativeProgram::bind(const Napi::CallbackInfo& info) {
  std::shared_ptr<Store> store = NativeStore::unwrap(info[0]);
  if (!store) return {Code::kValue, "program: expected the store to be a NativeStore but got something else"};
  Plan plan;
  CONVOLT_TRY(strings_argument(info.Env(), info[2], "program", "the kernel names", &plan.names));
  CONVOLT_TRY(strings_argument(info.Env(), info[3], "program", "the step labels", &plan.labels));
  if (!info[1].IsTypedArray() || info[1].As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) {
    return {Code::kValue, "program: expected the plan words to be a Float64Array but got something else"};
  }
  std::span<std::byte> words, constants;
  CONVOLT_TRY(view_argument(info.Env(), info[1], "program", "the plan words", &words));
  CONVOLT_TRY(view_argument(info.Env(), info[4], "program", "the constants", &constants));
  CONVOLT_TRY(decode_plan({reinterpret_cast<const double*>(words.data()), words.size() / sizeof(double)}, &plan));
  std::unique_ptr<Program> made;
  CONVOLT_TRY(Program::create(std::move(plan), std::move(store), constants, profiling(), &made));
  program_ = std::move(made);
  return Status::ok();
}

Napi::Value NativeProgram::run_async(const Napi::CallbackInfo& info) {
  napi_value promise = nullptr;
  napi_deferred deferred = nullptr;
  if (napi_create_promise(info.Env(), &deferred, &promise) != napi_ok) return {};
  if (Status status = start(info); !status.is_ok()) {
    napi_reject_deferred(info.Env(), deferred, make_error(info.Env(), status).Value());
    return {info.Env(), promise};
  }
  deferred_ = deferred;
  napi_create_reference(info.Env(), info[1], 1, &fetches_);
  Ref();
  if (Status refused = Environment::of(info.Env()).submit(info.Env(), this); !refused.is_ok()) {
    status_ = std::move(refused);
    completed_ = 0;
    complete(info.Env());
  }
  return {info.Env(), promise};
}

Status NativeProgram::start(const Napi::CallbackInfo& info) {
  const std::shared_ptr<Program> program = program_;  // a getter of the arrays may dispose
  if (!program) return disposed();
  int64_t iterations = 0;
  CONVOLT_TRY(whole_argument(info.Env(), info[2], "run", "the number of iterations", &iterations));
  if (iterations < 1) return {Code::kValue, "run: expected the number of iterations to be at least 1 but got 0"};
  CONVOLT_TRY(take_views(info.Env(), info[1], "fetches", program->fetches(), iterations));
  CONVOLT_TRY(take_views(info.Env(), info[0], "feeds", program->feeds(), iterations));
  CONVOLT_TRY(program->begin(iterations));
  for (size_t i = 0; i < views_.size(); ++i) {
    if (!views_[i].empty()) std::memcpy(program->feeds()[i].memory.data(), views_[i].data(), views_[i].size());
  }
  running_ = program;
  iterations_ = iterations;
  return Status::ok();
}

// Opens `views` into views_ and compares their sizes with those of `transfers`.
Status NativeProgram::take_views(napi_env env, napi_value views, const char* what,
                                 std::span<Program::Transfer> transfers, int64_t iterations) {
  CONVOLT_TRY(views_argument(env, views, "run", what, &views_));
  if (views_.size() != transfers.size()) {
    return {Code::kShape, std::string("run: expected the number of ") + what + " to be " +
                              std::to_string(transfers.size()) + " but got " + std::to_string(views_.size())};
  }
  for (size_t i = 0; i < views_.size(); ++i) {
    int64_t bytes = 0;
    const bool overflows = __builtin_mul_overflow(transfers[i].bytes, iterations, &bytes);
    if (!overflows && views_[i].size() == static_cast<size_t>(bytes)) continue;
    return {Code::kShape, std::string("run: expected number ") + std::to_string(i) + " of the " + what + " to be " +
                              std::to_string(iterations) + " x " + std::to_string(transfers[i].bytes) +
                              " bytes but got " + std::to_string(views_[i].size())};
  }
  return Status::ok();
}

void NativeProgram::run(const std::atomic<bool>& stop) noexcept { status_ = running_->run(stop, &completed_); }

// On the JavaScript thread; for runs that are shorter than the way to the executor and back.
Napi::Value NativeProgram::run_now(const Napi::CallbackInfo& info) {
  static const std::atomic<bool> never{false};
  CONVOLT_OR_THROW(info.Env(), start(info), {});
  {
    const RunGuard guard;
    run(never);
  }
  const Status status = finish(info.Env(), info[1]);
  if (status.is_ok()) return Napi::Number::New(info.Env(), static_cast<double>(completed_));
  error_of(info.Env(), status).ThrowAsJavaScriptException();
  return {};
}

void NativeProgram::complete(Napi::Env env) {
  napi_value fetches = nullptr;
  napi_get_reference_value(env, fetches_, &fetches);
  const Status status = finish(env, fetches);
  napi_delete_reference(env, std::exchange(fetches_, nullptr));
  const napi_deferred deferred = std::exchange(deferred_, nullptr);
  if (status.is_ok()) {
    napi_resolve_deferred(env, deferred, Napi::Number::New(env, static_cast<double>(completed_)));
  } else {
    napi_reject_deferred(env, deferred, error_of(env, status).Value());
  }
  Unref();
}

// The run is over: gives what it has computed, and the store back.
Status NativeProgram::finish(Napi::Env env, napi_value fetches) {
  if (status_.is_ok()) status_ = give_fetches(env, fetches);
  running_->end();
  running_.reset();
  memory_.report(env, program_ ? program_->bytes() : 0);
  return std::exchange(status_, Status::ok());
}

Napi::Error NativeProgram::error_of(Napi::Env env, const Status& status) const {
  Napi::Error error = make_error(env, status);
  error.Set("iterations", Napi::Number::New(env, static_cast<double>(completed_)));
  return error;
}

// Fills the fetch views with the completed iterations. JavaScript may have run meanwhile, so they are looked at again.
Status NativeProgram::give_fetches(Napi::Env env, napi_value views) {
  CONVOLT_TRY(take_views(env, views, "fetches", running_->fetches(), iterations_));
  for (size_t i = 0; i < views_.size(); ++i) {
    const Program::Transfer& fetch = running_->fetches()[i];
    const auto bytes = static_cast<size_t>(fetch.bytes * completed_);
    if (bytes > 0) std::memcpy(views_[i].data(), fetch.memory.data(), bytes);
  }
  return Status::ok();
}

void NativeProgram::abort(const Napi::CallbackInfo&) {
  if (running_) running_->abort();
}

Napi::Value NativeProgram::profile(const Napi::CallbackInfo& info) {
  if (running_) {
    throw_status(info.Env(), {Code::kBusy, "profile: expected the program to be idle but got a run in flight"});
    return {};
  }
  if (!program_) {
    throw_status(info.Env(), disposed());
    return {};
  }
  const std::span<const Program::Profile> profile = program_->profile();
  Napi::Array rows = Napi::Array::New(info.Env(), profile.size());
  for (size_t i = 0; i < profile.size(); ++i) {
    Napi::Object row = Napi::Object::New(info.Env());
    row.Set("label", program_->labels()[i]);
    row.Set("nanoseconds", static_cast<double>(profile[i].nanoseconds));
    row.Set("calls", static_cast<double>(profile[i].calls));
    rows.Set(static_cast<uint32_t>(i), row);
  }
  return rows;
}

Napi::Value NativeProgram::arena_bytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), program_ ? static_cast<double>(program_->arena_bytes()) : 0);
}

// A run in flight keeps the memory until it has completed.
void NativeProgram::dispose(const Napi::CallbackInfo& info) {
  program_.reset();
  if (!running_) memory_.report(info.Env(), 0);
}

}  // namespace convolt
