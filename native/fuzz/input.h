// Takes the bytes of a fuzzer apart: small numbers, words of plans, tensor types; behind the end there are zeros.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/tensor-type.h"

namespace convolt {

class FuzzInput {
 public:
  explicit FuzzInput(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint32_t byte() { return next_ < bytes_.size() ? bytes_[next_++] : 0; }
  uint32_t below(uint32_t limit) { return byte() % limit; }
  uint32_t pair() {
    const uint32_t low = byte();
    return low | byte() << 8;
  }
  // Whole numbers below 2^30 are themselves; the other half of all patterns are floats without their last bit.
  double word() {
    const uint32_t low = pair();
    const uint32_t bits = low | pair() << 16, other = bits - 0x40000000;
    return other < 0x80000000 ? static_cast<double>(std::bit_cast<float>(other << 1)) : static_cast<int32_t>(bits);
  }
  // At most as many words as there are bytes for.
  std::vector<double> words(size_t count) {
    std::vector<double> result(std::min(count, (bytes_.size() - next_) / 4));
    for (double& value : result) value = word();
    return result;
  }
  // A rank, then so many sizes.
  Status type(double dtype, TensorType* out) {
    std::vector<double> sizes(below(kMaxRank + 1));
    for (double& size : sizes) size = pair();
    return make_tensor_type("fuzz", dtype, sizes, out);
  }
  // Fills memory with what is left, again and again; the input does not advance.
  void fill(std::byte* to, int64_t bytes) const {
    const std::span<const uint8_t> left = bytes_.subspan(next_);
    for (int64_t i = 0; i < bytes && !left.empty(); ++i) to[i] = std::byte{left[i % left.size()]};
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t next_ = 0;
};

}  // namespace convolt
