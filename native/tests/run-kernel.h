// Runs one kernel by name on small arrays, as a program would: decode, check, workspace, run.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "kernels/kernel.h"

namespace convolt {

// A tensor that owns its memory, filled with 0xa5 bytes unless numbers are given.
class Array {
 public:
  Array(DType dtype, std::vector<int64_t> shape, const std::vector<double>& numbers = {}) {
    tensor_.dtype = dtype;
    tensor_.shape = Shape(shape);
    memory_.assign(tensor_.bytes() + 8, std::byte{0xa5});  // 8 more, to see that nothing is written behind the end
    tensor_.data = memory_.data();
    for (size_t i = 0; i < numbers.size(); ++i) set(i, numbers[i]);
  }
  Array(Array&&) = default;

  const Tensor& tensor() const { return tensor_; }
  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(memory_.data());
  }
  double operator[](size_t i) const {
    if (tensor_.dtype == DType::kFloat32) return as<float>()[i];
    if (tensor_.dtype == DType::kInt8) return as<int8_t>()[i];
    return tensor_.dtype == DType::kInt32 ? as<int32_t>()[i] : as<uint8_t>()[i];
  }
  std::vector<double> numbers() const {
    std::vector<double> result;
    for (int64_t i = 0; i < tensor_.elements(); ++i) result.push_back((*this)[i]);
    return result;
  }
  bool end_untouched() const {
    for (size_t i = tensor_.bytes(); i < memory_.size(); ++i) {
      if (memory_[i] != std::byte{0xa5}) return false;
    }
    return true;
  }

 private:
  void set(size_t i, double value) {
    if (tensor_.dtype == DType::kFloat32) {
      reinterpret_cast<float*>(memory_.data())[i] = static_cast<float>(value);
    } else if (tensor_.dtype == DType::kInt32) {
      reinterpret_cast<int32_t*>(memory_.data())[i] = static_cast<int32_t>(value);
    } else {
      reinterpret_cast<uint8_t*>(memory_.data())[i] = static_cast<uint8_t>(static_cast<int32_t>(value));
    }
  }

  Tensor tensor_;
  std::vector<std::byte> memory_;
};

inline Array floats(std::vector<int64_t> shape, const std::vector<double>& numbers = {}) {
  return Array(DType::kFloat32, std::move(shape), numbers);
}
inline Array ints(std::vector<int64_t> shape, const std::vector<double>& numbers = {}) {
  return Array(DType::kInt32, std::move(shape), numbers);
}

inline Status run_kernel(const char* name, const std::vector<double>& attributes,
                         const std::vector<const Array*>& inputs, const std::vector<const Array*>& outputs,
                         int threads = 1) {
  std::vector<Tensor> in;
  std::vector<Tensor> out;
  for (const Array* array : inputs) in.push_back(array->tensor());
  for (const Array* array : outputs) out.push_back(array->tensor());
  AttributeReader read(attributes);
  const std::unique_ptr<Kernel> kernel = find_kernel(name)(read);
  EXPECT_TRUE(read.exhausted()) << name << " reads all attributes";
  ThreadPool pool(threads);
  AlignedBuffer workspace;
  Operands operands{.inputs = in, .outputs = out, .pool = &pool};
  CONVOLT_TRY(kernel->check(operands));
  CONVOLT_TRY(workspace.allocate(kernel->workspace(operands, threads)));
  operands.workspace = workspace.data();
  const Status status = kernel->run(operands);
  for (const Array* array : outputs) EXPECT_TRUE(array->end_untouched()) << name << " stays inside its output";
  return status;
}

inline void expect_ok(const Status& status) { EXPECT_TRUE(status.is_ok()) << status.message(); }

inline void expect_fails(const Status& status, Code code, const std::string& part) {
  EXPECT_EQ(status.code(), code);
  EXPECT_NE(status.message().find(part), std::string::npos) << status.message();
}

// 0, 1, 2, ... for `count` numbers.
inline std::vector<double> counting(int64_t count) {
  std::vector<double> numbers(count);
  for (int64_t i = 0; i < count; ++i) numbers[i] = static_cast<double>(i);
  return numbers;
}

}  // namespace convolt
