// Memory for states, arenas and workspaces.
#include "base/aligned.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

namespace convolt {
namespace {

// From here on memory is mapped: it arrives zeroed, page by page, and leaves the process when it is released.
constexpr int64_t kMapped = 1 << 20;
// From here on huge pages save enough address translations to be worth asking for.
constexpr int64_t kHugePages = 8 << 20;

std::atomic<int64_t> allocated{0};

std::byte* map(int64_t bytes) {
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return nullptr;
#ifdef MADV_HUGEPAGE
  if (bytes >= kHugePages) madvise(data, bytes, MADV_HUGEPAGE);
#endif
  return static_cast<std::byte*>(data);
}

std::byte* allocate_small(int64_t bytes) {
  void* data = std::aligned_alloc(kAlignment, aligned(bytes));
  if (data) std::memset(data, 0, bytes);
  return static_cast<std::byte*>(data);
}

}  // namespace

Status AlignedBuffer::allocate(int64_t bytes) {
  constexpr int64_t limit = std::numeric_limits<int64_t>::max() - kAlignment;
  if (bytes < 0 || bytes > limit) {
    return {Code::kNative, "memory: expected a size of 0 or more bytes but got " + std::to_string(bytes)};
  }
  AlignedBuffer made;
  if (bytes > 0) {
    made.data_ = bytes >= kMapped ? map(bytes) : allocate_small(bytes);
    if (!made.data_) {
      return {Code::kNative, "memory: expected the system to give " + std::to_string(bytes) + " bytes but it refused"};
    }
    made.bytes_ = bytes;
    allocated.fetch_add(bytes, std::memory_order_relaxed);
  }
  *this = std::move(made);
  return Status::ok();
}

void AlignedBuffer::release() {
  if (bytes_ >= kMapped) {
    munmap(data_, bytes_);
  } else {
    std::free(data_);
  }
  allocated.fetch_sub(bytes_, std::memory_order_relaxed);
  data_ = nullptr;
  bytes_ = 0;
}

int64_t allocated_bytes() { return allocated.load(std::memory_order_relaxed); }

}  // namespace convolt
