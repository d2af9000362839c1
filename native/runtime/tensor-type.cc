// Checks of the numbers behind a dtype and a shape.
#include "runtime/tensor-type.h"

#include <array>
#include <cmath>
#include <string>

namespace convolt {
namespace {

constexpr int64_t kMaxBytes = (int64_t{1} << 53) - 1;  // JavaScript's largest safe integer

std::string text_of(double value) {
  return is_index(value, kMaxBytes) ? std::to_string(static_cast<int64_t>(value)) : std::to_string(value);
}

}  // namespace

bool is_index(double value, int64_t limit) {
  return value >= 0 && value <= static_cast<double>(limit) && value == std::floor(value);
}

Status make_tensor_type(const char* where, double dtype, std::span<const double> sizes, TensorType* out) {
  if (!is_index(dtype, static_cast<int64_t>(DType::kInt8))) {
    return {Code::kDtype, std::string(where) + ": expected the dtype to be between 0 and 4 but got " + text_of(dtype)};
  }
  if (sizes.size() > static_cast<size_t>(kMaxRank)) {
    return {Code::kShape, std::string(where) + ": expected the rank to be at most " + std::to_string(kMaxRank) +
                              " but got " + std::to_string(sizes.size())};
  }
  std::array<int64_t, kMaxRank> whole{};
  const auto type = static_cast<DType>(dtype);
  // Zeros count as ones here, so that no product of some of the axes overflows either.
  int64_t bytes = bytes_per_element(type);
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (!is_index(sizes[i], kMaxBytes)) {
      return {Code::kShape,
              std::string(where) + ": expected every size to be a whole number but got " + text_of(sizes[i])};
    }
    whole[i] = static_cast<int64_t>(sizes[i]);
    if (__builtin_mul_overflow(bytes, whole[i] > 0 ? whole[i] : 1, &bytes) || bytes > kMaxBytes) {
      return {Code::kShape, std::string(where) + ": expected the tensor to be smaller than 2^53 bytes but got " +
                                text_of(sizes[i]) + " as a size"};
    }
  }
  *out = {type, Shape(std::span<const int64_t>(whole.data(), sizes.size()))};
  return Status::ok();
}

}  // namespace convolt
