// The result of anything that may fail: ok, or a code and one sentence. Nothing in the core throws or aborts.
#pragma once

#include <string>
#include <utility>

namespace convolt {

// The names equal the `code` of the ConvoltError that the bindings make of it.
enum class Code { kOk, kShape, kDtype, kValue, kState, kBusy, kDisposed, kAborted, kNotFinite, kNative };

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  static Status ok() { return {}; }

  bool is_ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

}  // namespace convolt

// Returns from the enclosing function when `expression` is not ok.
#define CONVOLT_TRY(expression)                                   \
  do {                                                            \
    if (::convolt::Status tried = (expression); !tried.is_ok()) { \
      return tried;                                               \
    }                                                             \
  } while (false)
