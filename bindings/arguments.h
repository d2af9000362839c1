// Takes JavaScript arguments apart; whatever comes in, the answer is a value or a Status.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"

namespace convolt {

// `where` begins the message and `what` names the argument.
Status whole_argument(napi_env env, napi_value value, const char* where, const char* what, int64_t* out);
Status numbers_argument(napi_env env, napi_value value, const char* where, const char* what, std::vector<double>* out);
Status strings_argument(napi_env env, napi_value value, const char* where, const char* what,
                        std::vector<std::string>* out);
// The bytes behind a typed array or a DataView. They stay where they are until JavaScript runs again.
Status view_argument(napi_env env, napi_value value, const char* where, const char* what, std::span<std::byte>* out);
// The bytes behind an array of views.
Status views_argument(napi_env env, napi_value value, const char* where, const char* what,
                      std::vector<std::span<std::byte>>* out);

}  // namespace convolt
