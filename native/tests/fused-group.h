// A fused group for tests and micro-benchmarks: its attributes, its operands' memory, and a plain loop that computes
// the same in double.
#pragma once

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "base/cpu.h"
#include "elementwise/opcodes.h"
#include "elementwise/vm.h"
#include "kernels/kernel.h"

namespace convolt {

inline constexpr const char* kOpNames[] = {
#define UNARY(name, value) #name,
#define BINARY(name, value) #name,
#define TERNARY(name, value) #name,
#include "elementwise/ops.inc"
#undef UNARY
#undef BINARY
#undef TERNARY
};

// Attributes of the kernel `elementwise`, built in the order in which lib/compiler/lower.ts writes them.
struct GroupText {
  struct Line {
    Op op;
    int y, a, b = -1, c = -1;
  };
  std::vector<int64_t> shape;
  std::vector<double> immediates;
  std::vector<Line> lines;
  std::vector<std::pair<int, int>> ends;

  std::vector<double> attributes() const {
    std::vector<double> all{static_cast<double>(shape.size())};
    all.insert(all.end(), shape.begin(), shape.end());
    all.push_back(static_cast<double>(immediates.size()));
    all.insert(all.end(), immediates.begin(), immediates.end());
    all.push_back(static_cast<double>(lines.size()));
    for (const auto& [op, y, a, b, c] : lines) {
      for (const int number : {static_cast<int>(op), y, a, b, c}) all.push_back(number);
    }
    for (const auto& [value, tail] : ends) {
      all.push_back(value);
      all.push_back(tail);
    }
    return all;
  }
};

inline Shape shape_of(const std::vector<int64_t>& sizes) { return Shape(std::span(sizes)); }

// Owns the memory of tensors.
class Memory {
 public:
  Tensor make(const std::vector<int64_t>& sizes, DType dtype = DType::kFloat32) {
    Tensor tensor{nullptr, dtype, shape_of(sizes)};
    // A little more than needed, so that writing past the end can be seen.
    (void)buffers_.emplace_back().allocate(tensor.bytes() + 64);
    std::memset(buffers_.back().data() + tensor.bytes(), 0x5a, 64);
    ends_.push_back(buffers_.back().data() + tensor.bytes());
    tensor.data = buffers_.back().data();
    return tensor;
  }
  bool is_intact() const {
    for (const std::byte* end : ends_) {
      for (int i = 0; i < 64; ++i) {
        if (end[i] != std::byte{0x5a}) return false;
      }
    }
    return true;
  }

 private:
  std::vector<AlignedBuffer> buffers_;
  std::vector<std::byte*> ends_;
};

inline double number_at(const Tensor& tensor, int64_t i) {
  if (tensor.dtype == DType::kFloat32) return static_cast<const float*>(tensor.data)[i];
  if (tensor.dtype == DType::kInt32) return static_cast<const int32_t*>(tensor.data)[i];
  return static_cast<const uint8_t*>(tensor.data)[i];
}

// A group bound to its operands with the loops of one ISA.
class BoundGroup {
 public:
  BoundGroup(const GroupText& text, std::vector<Tensor> inputs, std::vector<Tensor> outputs, Isa isa, ThreadPool& pool)
      : inputs_(std::move(inputs)),
        outputs_(std::move(outputs)),
        attributes_(text.attributes()),
        reader_(attributes_),
        code_(reader_) {
    operands_.inputs = inputs_;
    operands_.outputs = outputs_;
    operands_.pool = &pool;
    status_ = code_.check(operands_);
    if (!status_.is_ok()) return;
    passes_ = bind_passes(code_, operands_, loops_of(isa));
    int64_t bytes = 0;
    for (const Pass& pass : passes_) bytes = std::max(bytes, pass_workspace(pass, pool.threads()));
    status_ = workspace_.allocate(bytes);
    operands_.workspace = workspace_.data();
  }
  BoundGroup(const BoundGroup&) = delete;

  const Status& status() const { return status_; }
  // Loops that the first pass calls for each block.
  size_t calls() const { return passes_[0].calls.size(); }
  void run() {
    for (const Pass& pass : passes_) run_pass(pass, operands_);
  }

 private:
  std::vector<Tensor> inputs_;
  std::vector<Tensor> outputs_;
  std::vector<double> attributes_;
  AttributeReader reader_;
  Bytecode code_;
  Operands operands_;
  std::vector<Pass> passes_;
  AlignedBuffer workspace_;
  Status status_;
};

}  // namespace convolt
