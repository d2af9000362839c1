// Finds kernels by name, and the checks that most of them share.
#include "kernels/kernel.h"

#include <cstring>
#include <initializer_list>
#include <string>

namespace convolt {

#define KERNEL(name) std::unique_ptr<Kernel> make_kernel_##name(AttributeReader& read);
#include "kernels/kernels.inc"
#undef KERNEL

namespace {

struct Row {
  const char* name;
  MakeKernel make;
};

constexpr Row kRows[] = {
#define KERNEL(name) {#name, make_kernel_##name},
#include "kernels/kernels.inc"
#undef KERNEL
};

constexpr const char* kNames[] = {
#define KERNEL(name) #name,
#include "kernels/kernels.inc"
#undef KERNEL
    nullptr,
};

constexpr const char* kDTypeNames[] = {"float32", "int32", "uint8", "bool", "int8"};

// `<kernel>: expected <what> to be <expected> but got <actual>`
std::string complaint(const char* kernel, const char* what, const std::string& expected, const std::string& actual) {
  return std::string(kernel) + ": expected " + what + " to be " + expected + " but got " + actual;
}

}  // namespace

MakeKernel find_kernel(const char* name) {
  for (const Row& row : kRows) {
    if (std::strcmp(row.name, name) == 0) return row.make;
  }
  return nullptr;
}

const char* const* kernel_names() { return kNames; }

Status expect_counts(const char* kernel, const Operands& operands, size_t inputs, size_t outputs) {
  const auto counted = [&](const char* what, size_t expected, size_t actual) -> Status {
    if (expected == actual) return Status::ok();
    return {Code::kValue, complaint(kernel, what, std::to_string(expected), std::to_string(actual))};
  };
  CONVOLT_TRY(counted("the number of inputs", inputs, operands.inputs.size()));
  return counted("the number of outputs", outputs, operands.outputs.size());
}

Status expect_dtype(const char* kernel, const char* what, const Tensor& tensor, DType dtype) {
  if (tensor.dtype == dtype) return Status::ok();
  const auto name = [](DType type) { return kDTypeNames[static_cast<int>(type)]; };
  return {Code::kDtype, complaint(kernel, what, name(dtype), name(tensor.dtype))};
}

Status expect_shape(const char* kernel, const char* what, const Tensor& tensor, std::initializer_list<int64_t> shape) {
  const Shape expected(std::span<const int64_t>(shape.begin(), shape.size()));
  if (tensor.shape == expected) return Status::ok();
  return {Code::kShape, complaint(kernel, what, expected.to_string(), tensor.shape.to_string())};
}

Status expect_rank(const char* kernel, const char* what, const Tensor& tensor, int rank) {
  if (tensor.shape.rank() == rank) return Status::ok();
  return {Code::kShape, complaint(kernel, what, "of rank " + std::to_string(rank), tensor.shape.to_string())};
}

}  // namespace convolt
