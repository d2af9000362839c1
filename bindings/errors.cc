// The names of the codes, as lib/graph/errors.ts lists them.
#include "errors.h"

namespace convolt {
namespace {

const char* name_of(Code code) {
  switch (code) {
    case Code::kShape:
      return "SHAPE";
    case Code::kDtype:
      return "DTYPE";
    case Code::kValue:
      return "VALUE";
    case Code::kState:
      return "STATE";
    case Code::kBusy:
      return "BUSY";
    case Code::kDisposed:
      return "DISPOSED";
    case Code::kAborted:
      return "ABORTED";
    case Code::kNotFinite:
      return "NOT_FINITE";
    case Code::kOk:
    case Code::kNative:
      break;
  }
  return "NATIVE";
}

}  // namespace

Napi::Error make_error(Napi::Env env, const Status& status) {
  Napi::Error error = Napi::Error::New(env, status.message());
  error.Set("code", Napi::String::New(env, name_of(status.code())));
  return error;
}

}  // namespace convolt
