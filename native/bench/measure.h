// Measures a kernel by name on operands of its own, at a number of threads.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "kernels/kernel.h"

namespace convolt {

// A float32 or int32 tensor of memory of its own; floats hold small numbers, integers zeros.
class Operand {
 public:
  explicit Operand(const std::vector<int64_t>& shape, DType dtype = DType::kFloat32) {
    tensor_.dtype = dtype;
    tensor_.shape = Shape(shape);
    if (!memory_.allocate(tensor_.bytes()).is_ok()) std::exit(1);
    tensor_.data = memory_.data();
    auto* numbers = static_cast<float*>(tensor_.data);
    for (int64_t i = 0; dtype == DType::kFloat32 && i < tensor_.elements(); ++i) {
      numbers[i] = static_cast<float>(i % 97) / 97 - 0.5f;
    }
  }
  const Tensor& tensor() const { return tensor_; }

 private:
  Tensor tensor_;
  AlignedBuffer memory_;
};

// The least and the middle time of one run, in microseconds; bit i of `constants`: input i never changes.
struct Times {
  double least, median;
};

inline Times measure(const char* name, const std::vector<double>& attributes, const std::vector<Tensor>& inputs,
                     const std::vector<Tensor>& outputs, int threads, uint32_t constants = 0) {
  AttributeReader read(attributes);
  const std::unique_ptr<Kernel> kernel = find_kernel(name)(read);
  ThreadPool pool(threads);
  Operands operands{.inputs = inputs, .outputs = outputs, .constants = constants, .pool = &pool};
  AlignedBuffer workspace, prepared;
  if (const Status status = kernel->check(operands); !status.is_ok()) {
    std::fprintf(stderr, "%s\n", status.message().c_str());
    std::exit(1);
  }
  if (!workspace.allocate(kernel->workspace(operands, threads)).is_ok()) std::exit(1);
  operands.workspace = workspace.data();
  if (const int64_t bytes = kernel->prepared_bytes(operands); bytes > 0) {
    if (!prepared.allocate(bytes).is_ok()) std::exit(1);
    operands.prepared = prepared.data();
    kernel->prepare(operands);
  }
  const auto time = [&](int64_t runs) {
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < runs; ++i) (void)kernel->run(operands).is_ok();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / runs;
  };
  const auto runs = static_cast<int64_t>(std::max(1.0, 2000 / std::max(time(1), time(1))));
  std::vector<double> times(15);
  for (double& t : times) t = time(runs);
  std::sort(times.begin(), times.end());
  return {times.front(), times[times.size() / 2]};
}

// One line per number of threads; `work` is in floating-point operations, or in bytes where `unit` says GB/s.
inline void report(const std::string& what, double work, const char* unit, const char* name,
                   const std::vector<double>& attributes, const std::vector<Tensor>& inputs,
                   const std::vector<Tensor>& outputs, uint32_t constants = 0) {
  std::printf("%-52s", what.c_str());
  for (const int threads : {1, 2}) {
    const Times times = measure(name, attributes, inputs, outputs, threads, constants);
    std::printf("  %d: %10.2f us %7.1f %s", threads, times.median, work / times.median * 1e-3, unit);
  }
  std::printf("\n");
}

}  // namespace convolt
