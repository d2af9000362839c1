// The sentences of expect.h.
#include "kernels/expect.h"

#include <algorithm>

namespace convolt {
namespace {

std::string expected(const char* kernel, const std::string& what, const std::string& actual) {
  return std::string(kernel) + ": expected " + what + " but got " + actual;
}

}  // namespace

Status expect_shape(const char* kernel, const char* what, const Tensor& tensor, const Shape& shape) {
  if (tensor.shape == shape) return Status::ok();
  return {Code::kShape, expected(kernel, std::string(what) + " to be " + shape.to_string(), tensor.shape.to_string())};
}

Status expect_axis(const char* kernel, int64_t axis, const Shape& shape) {
  if (axis >= 0 && axis < shape.rank()) return Status::ok();
  return {Code::kShape, expected(kernel, "the axis to be one of " + shape.to_string(), std::to_string(axis))};
}

Status expect_indices(const char* kernel, const int32_t* indices, int64_t count, int64_t limit) {
  const auto outside = [limit](int32_t index) { return index < 0 || index >= limit; };
  const int32_t* found = std::find_if(indices, indices + count, outside);
  if (found == indices + count) return Status::ok();
  return {Code::kValue,
          expected(kernel, "every index to be between 0 and " + std::to_string(limit - 1), std::to_string(*found))};
}

Status expect_lengths(const char* kernel, const int32_t* lengths, int64_t count, int64_t steps) {
  const auto outside = [steps](int32_t length) { return length < 1 || length > steps; };
  const int32_t* found = std::find_if(lengths, lengths + count, outside);
  if (found == lengths + count) return Status::ok();
  return {Code::kValue,
          expected(kernel, "every length to be between 1 and " + std::to_string(steps), std::to_string(*found))};
}

}  // namespace convolt
