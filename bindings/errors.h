// Turns the core's Status into a JavaScript Error with a `code`.
#pragma once

#include <napi.h>

#include "base/status.h"

namespace convolt {

Napi::Error make_error(Napi::Env env, const Status& status);

inline void throw_status(Napi::Env env, const Status& status) { make_error(env, status).ThrowAsJavaScriptException(); }

}  // namespace convolt

// Throws into JavaScript and returns `result` from the enclosing function when `expression` is not ok.
#define CONVOLT_OR_THROW(env, expression, result)                 \
  do {                                                            \
    if (::convolt::Status tried = (expression); !tried.is_ok()) { \
      ::convolt::throw_status(env, tried);                        \
      return result;                                              \
    }                                                             \
  } while (false)
