// Memory for states, arenas and workspaces: 64-byte aligned, zeroed, and honest about failure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/status.h"

namespace convolt {

inline constexpr int64_t kAlignment = 64;

// The smallest multiple of kAlignment that is not below `bytes`.
inline constexpr int64_t aligned(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// Owns one block of memory; large ones go back to the operating system when it dies.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  ~AlignedBuffer() { release(); }
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  // Replaces the block by a zeroed one. Keeps the old one when it fails (Code::kNative).
  Status allocate(int64_t bytes);
  void release();

  std::byte* data() const { return data_; }
  int64_t bytes() const { return bytes_; }

 private:
  std::byte* data_ = nullptr;
  int64_t bytes_ = 0;
};

// What all blocks of the process hold now.
int64_t allocated_bytes();

}  // namespace convolt
