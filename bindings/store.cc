// Arguments in, Store calls, results out.
#include "store.h"

#include "arguments.h"
#include "base/cpu.h"
#include "errors.h"

namespace convolt {
namespace {

constexpr napi_type_tag kTag = {0x636f6e766f6c7401, 0x73746f7265000001};

// (slot, view, byteOffset) of read and write.
struct Access {
  int64_t slot = 0;
  std::span<std::byte> view;
  int64_t offset = 0;
};

Status access_arguments(const Napi::CallbackInfo& info, Access* out) {
  CONVOLT_TRY(whole_argument(info.Env(), info[0], "store", "the slot", &out->slot));
  CONVOLT_TRY(whole_argument(info.Env(), info[2], "store", "the byte offset", &out->offset));
  return view_argument(info.Env(), info[1], "store", "the view", &out->view);
}

}  // namespace

Napi::Function NativeStore::define(Napi::Env env) {
  return DefineClass(env, "NativeStore",
                     {InstanceMethod<&NativeStore::declare>("declare"), InstanceMethod<&NativeStore::write>("write"),
                      InstanceMethod<&NativeStore::read>("read"), InstanceMethod<&NativeStore::release>("release"),
                      InstanceMethod<&NativeStore::seal>("seal"), InstanceMethod<&NativeStore::dispose>("dispose"),
                      InstanceAccessor<&NativeStore::bytes>("bytes"), InstanceAccessor<&NativeStore::busy>("busy")});
}

std::shared_ptr<Store> NativeStore::unwrap(Napi::Value value) {
  bool is_store = false;
  if (!value.IsObject() || napi_check_object_type_tag(value.Env(), value, &kTag, &is_store) != napi_ok || !is_store) {
    return nullptr;
  }
  return Unwrap(value.As<Napi::Object>())->store_;
}

NativeStore::NativeStore(const Napi::CallbackInfo& info) : ObjectWrap(info), store_(std::make_shared<Store>()) {
  CONVOLT_OR_THROW(info.Env(), isa_status(), );
  napi_type_tag_object(info.Env(), info.This(), &kTag);
}

Napi::Value NativeStore::declare(const Napi::CallbackInfo& info) {
  std::vector<double> sizes;
  CONVOLT_OR_THROW(info.Env(), numbers_argument(info.Env(), info[1], "store", "the shape", &sizes), {});
  const double dtype = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
  TensorType type;
  CONVOLT_OR_THROW(info.Env(), make_tensor_type("store", dtype, sizes, &type), {});
  int64_t slot = 0;
  CONVOLT_OR_THROW(info.Env(), store_->declare(type, &slot), {});
  memory_.report(info.Env(), store_->bytes());
  return Napi::Number::New(info.Env(), static_cast<double>(slot));
}

void NativeStore::write(const Napi::CallbackInfo& info) {
  Access access;
  CONVOLT_OR_THROW(info.Env(), access_arguments(info, &access), );
  CONVOLT_OR_THROW(info.Env(), store_->write(access.slot, access.view, access.offset), );
}

void NativeStore::read(const Napi::CallbackInfo& info) {
  Access access;
  CONVOLT_OR_THROW(info.Env(), access_arguments(info, &access), );
  CONVOLT_OR_THROW(info.Env(), store_->read(access.slot, access.view, access.offset), );
}

void NativeStore::seal(const Napi::CallbackInfo& info) {
  int64_t slot = 0;
  CONVOLT_OR_THROW(info.Env(), whole_argument(info.Env(), info[0], "store", "the slot", &slot), );
  CONVOLT_OR_THROW(info.Env(), store_->seal(slot), );
}

void NativeStore::release(const Napi::CallbackInfo& info) {
  int64_t slot = 0;
  CONVOLT_OR_THROW(info.Env(), whole_argument(info.Env(), info[0], "store", "the slot", &slot), );
  CONVOLT_OR_THROW(info.Env(), store_->release(slot), );
  memory_.report(info.Env(), store_->bytes());
}

void NativeStore::dispose(const Napi::CallbackInfo& info) {
  store_->dispose();
  memory_.report(info.Env(), 0);
}

Napi::Value NativeStore::bytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(store_->bytes()));
}

Napi::Value NativeStore::busy(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), store_->busy()); }

}  // namespace convolt
