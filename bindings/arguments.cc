// Plain Node-API, because it reports a wrong type as a status instead of an exception.
#include "arguments.h"

#include "runtime/tensor-type.h"

namespace convolt {
namespace {

Status wrong(const char* where, const char* what, const char* expected) {
  return {Code::kValue, std::string(where) + ": expected " + what + " to be " + expected + " but got something else"};
}

// Elements of an array. Reading them may run JavaScript (getters), so views are opened only once all are here.
Status elements_of(napi_env env, napi_value value, const char* where, const char* what, std::vector<napi_value>* out) {
  bool is_array = false;
  uint32_t length = 0;
  if (napi_is_array(env, value, &is_array) != napi_ok || !is_array ||
      napi_get_array_length(env, value, &length) != napi_ok) {
    return wrong(where, what, "an array");
  }
  out->resize(length);
  for (uint32_t i = 0; i < length; ++i) {
    if (napi_get_element(env, value, i, &(*out)[i]) == napi_ok) continue;
    napi_value thrown = nullptr;  // by a getter; our complaint takes its place
    napi_get_and_clear_last_exception(env, &thrown);
    return wrong(where, what, "a readable array");
  }
  return Status::ok();
}

size_t bytes_per_element(napi_typedarray_type type) {
  switch (type) {
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      return 8;
    default:
      return 1;
  }
}

}  // namespace

Status whole_argument(napi_env env, napi_value value, const char* where, const char* what, int64_t* out) {
  constexpr int64_t kMaxSafe = (int64_t{1} << 53) - 1;
  double number = 0;
  if (napi_get_value_double(env, value, &number) != napi_ok || !is_index(number, kMaxSafe)) {
    return wrong(where, what, "a whole number of at least 0");
  }
  *out = static_cast<int64_t>(number);
  return Status::ok();
}

Status numbers_argument(napi_env env, napi_value value, const char* where, const char* what, std::vector<double>* out) {
  std::vector<napi_value> elements;
  CONVOLT_TRY(elements_of(env, value, where, what, &elements));
  out->resize(elements.size());
  for (size_t i = 0; i < elements.size(); ++i) {
    if (napi_get_value_double(env, elements[i], &(*out)[i]) != napi_ok) return wrong(where, what, "numbers");
  }
  return Status::ok();
}

Status strings_argument(napi_env env, napi_value value, const char* where, const char* what,
                        std::vector<std::string>* out) {
  std::vector<napi_value> elements;
  CONVOLT_TRY(elements_of(env, value, where, what, &elements));
  out->resize(elements.size());
  for (size_t i = 0; i < elements.size(); ++i) {
    size_t length = 0;
    if (napi_get_value_string_utf8(env, elements[i], nullptr, 0, &length) != napi_ok) {
      return wrong(where, what, "strings");
    }
    std::string& text = (*out)[i];
    text.resize(length);
    napi_get_value_string_utf8(env, elements[i], text.data(), length + 1, &length);
  }
  return Status::ok();
}

Status view_argument(napi_env env, napi_value value, const char* where, const char* what, std::span<std::byte>* out) {
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type type{};
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) == napi_ok) {
    length *= bytes_per_element(type);
  } else if (bool is_view = false; napi_is_dataview(env, value, &is_view) != napi_ok || !is_view ||
                                   napi_get_dataview_info(env, value, &length, &data, nullptr, nullptr) != napi_ok) {
    return wrong(where, what, "a typed array");
  }
  *out = {static_cast<std::byte*>(data), data == nullptr ? 0 : length};
  return Status::ok();
}

Status views_argument(napi_env env, napi_value value, const char* where, const char* what,
                      std::vector<std::span<std::byte>>* out) {
  std::vector<napi_value> elements;
  CONVOLT_TRY(elements_of(env, value, where, what, &elements));
  out->resize(elements.size());
  for (size_t i = 0; i < elements.size(); ++i) CONVOLT_TRY(view_argument(env, elements[i], where, what, &(*out)[i]));
  return Status::ok();
}

}  // namespace convolt
