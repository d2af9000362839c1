// Any attributes and operands are refused by a kernel's check, or it stays within each operand. Input: the kernel, its
// operands' types, which inputs are constant, the attributes, and bytes that fill the inputs.
#include "kernels/kernel.h"

#include <cstdlib>
#include <memory>
#include <vector>

#include "base/aligned.h"
#include "fuzz/input.h"
#include "fuzz/targets.h"

namespace convolt {
namespace {

constexpr int64_t kMostBytes = 1 << 16;      // of an operand
constexpr int64_t kMostWorkspace = 1 << 28;  // more is not asked for
constexpr uint32_t kMostOperands = 16;

// Tensors that end where their memory ends.
class OperandList {
 public:
  ~OperandList() {
    for (const Tensor& tensor : tensors) std::free(tensor.data);
  }
  bool add(FuzzInput& input) {
    TensorType type;
    const uint32_t dtype = input.byte();
    if (!input.type(dtype, &type).is_ok() || type.bytes() > kMostBytes) return false;
    void* data = nullptr;
    if (posix_memalign(&data, kAlignment, static_cast<size_t>(type.bytes())) != 0) return false;
    tensors.push_back({data, type.dtype, type.shape});
    return true;
  }
  bool read(FuzzInput& input) {
    for (uint32_t i = input.below(kMostOperands + 1); i > 0; --i) {
      if (!add(input)) return false;
    }
    return true;
  }
  void fill(const FuzzInput& input) const {
    for (const Tensor& tensor : tensors) input.fill(static_cast<std::byte*>(tensor.data), tensor.bytes());
  }
  std::vector<Tensor> tensors;
};

uint32_t count_kernels() {
  uint32_t count = 0;
  while (kernel_names()[count] != nullptr) ++count;
  return count;
}

}  // namespace

void fuzz_kernel(std::span<const uint8_t> bytes) {
  static const uint32_t kernels = count_kernels();
  static ThreadPool pool(1);
  FuzzInput input(bytes);
  const char* name = kernel_names()[input.below(kernels)];
  const uint32_t constants = input.pair();
  OperandList inputs, outputs;
  if (!inputs.read(input) || !outputs.read(input)) return;
  const std::vector<double> attributes = input.words(input.pair());
  AttributeReader read(attributes);
  const std::unique_ptr<Kernel> kernel = find_kernel(name)(read);
  Operands operands{.inputs = inputs.tensors, .outputs = outputs.tensors, .pool = &pool};
  if (!read.exhausted() || !kernel->check(operands).is_ok()) return;
  inputs.fill(input);
  operands.constants = constants & ((1u << inputs.tensors.size()) - 1);
  AlignedBuffer prepared, workspace;
  if (const int64_t size = operands.constants ? kernel->prepared_bytes(operands) : 0; size > 0) {
    if (size > kMostWorkspace || !prepared.allocate(size).is_ok()) return;
    operands.prepared = prepared.data();
  }
  const int64_t size = kernel->workspace(operands, 1);
  if (size > kMostWorkspace || !workspace.allocate(size).is_ok()) return;
  operands.workspace = workspace.data();
  if (operands.prepared != nullptr) kernel->prepare(operands);
  static_cast<void>(kernel->run(operands).is_ok());  // index values may be refused
}

}  // namespace convolt
