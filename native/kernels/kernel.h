// The form of every kernel: decode (constructor), check, run. See docs/add-an-op.md.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/status.h"
#include "base/tensor.h"
#include "base/thread_pool.h"
#include "loops/column-clip.h"

namespace convolt {

// Hands out a step's attributes, flat numbers, in the order in which the op's `encode` wrote them.
class AttributeReader {
 public:
  explicit AttributeReader(std::span<const double> values) : values_(values) {}
  double number() { return next_ < values_.size() ? values_[next_++] : fail(); }
  int64_t integer() {
    constexpr double limit = int64_t{1} << 53;
    const double value = number();
    return std::abs(value) <= limit && value == std::trunc(value) ? static_cast<int64_t>(value) : fail();
  }
  bool flag() { return number() != 0; }
  // True when every number was read, none was missing, and those read as integers are whole.
  bool exhausted() const { return !failed_ && next_ == values_.size(); }

 private:
  int fail() {
    failed_ = true;
    return 0;
  }
  std::span<const double> values_;
  size_t next_ = 0;
  bool failed_ = false;
};

// Elementwise work on the output of a kernel, done range by range while a range is still in the cache.
class Tail {
 public:
  virtual ~Tail() = default;
  // Called by the kernel once for each of its ranges, in any order and on any thread, as soon as the rows [begin, end)
  // of its output 0 are final; a row is all that has one index of the axes before the last. `range` is the number of
  // the range: sums are kept for each range and added in their order.
  virtual void run(int64_t range, int64_t begin, int64_t end, int thread) = 0;
  // The whole work, if it is so simple: a kernel that does it itself need not call `run`. Nothing follows otherwise.
  virtual ColumnClip clip() const { return {}; }
};

// Operands of one step, and what it may use while it runs.
struct Operands {
  std::span<const Tensor> inputs;
  std::span<const Tensor> outputs;
  std::byte* workspace = nullptr;  // 64-byte aligned, as many bytes as `workspace()` asked for
  std::byte* prepared = nullptr;   // what `prepare` made of the constant inputs, or nullptr
  uint32_t constants = 0;          // bit i: input i never changes
  Tail* tail = nullptr;            // work that follows the output while that is in the cache, or nullptr
  ThreadPool* pool = nullptr;

  template <typename T>
  const T* in(size_t i) const {
    return static_cast<const T*>(inputs[i].data);
  }
  template <typename T>
  T* out(size_t i) const {
    return static_cast<T*>(outputs[i].data);
  }
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  // Called once when a program is bound: counts, dtypes, shapes. After it, `run` may trust its operands' shapes, but
  // never index values found in tensors.
  virtual Status check(const Operands& operands) const = 0;
  // Scratch bytes that `run` needs with `threads` threads.
  virtual int64_t workspace(const Operands& /*operands*/, int /*threads*/) const { return 0; }
  // Bytes that `prepare` fills once, before the first run, from inputs that are constant; 0 when there is nothing to
  // do.
  virtual int64_t prepared_bytes(const Operands& /*operands*/) const { return 0; }
  virtual void prepare(const Operands& /*operands*/) const noexcept {}
  // The number of ranges in which `run` hands the rows of its output 0 to `operands.tail`; 0 when it cannot. A function
  // of shapes only.
  virtual int64_t tail_ranges(const Operands& /*operands*/) const { return 0; }
  // Computes. Allocates nothing unless it fails.
  virtual Status run(const Operands& operands) const noexcept = 0;
};

using MakeKernel = std::unique_ptr<Kernel> (*)(AttributeReader& read);

// The maker of a kernel by name, or nullptr. Names are the rows of kernels.inc.
MakeKernel find_kernel(const char* name);
// Names of all kernels, ended by nullptr.
const char* const* kernel_names();

// Helpers for `check`.
Status expect_counts(const char* kernel, const Operands& operands, size_t inputs, size_t outputs);
Status expect_dtype(const char* kernel, const char* what, const Tensor& tensor, DType dtype);
Status expect_shape(const char* kernel, const char* what, const Tensor& tensor, std::initializer_list<int64_t> shape);
Status expect_rank(const char* kernel, const char* what, const Tensor& tensor, int rank);

}  // namespace convolt

// Defines the maker that the row KERNEL(name) of kernels.inc names.
#define CONVOLT_KERNEL(name, Class)                                                         \
  std::unique_ptr<::convolt::Kernel> make_kernel_##name(::convolt::AttributeReader& read) { \
    return std::make_unique<Class>(read);                                                   \
  }
