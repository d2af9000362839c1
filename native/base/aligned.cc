// Memory for states, arenas and workspaces.
#include "base/aligned.h"

#if defined(_WIN32)
#include <malloc.h>
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

namespace convolt {
namespace {

// From here on memory is mapped: it arrives zeroed, page by page, and leaves the process when it is released.
constexpr int64_t kMapped = 1 << 20;
// From here on memory begins at a multiple of this, so that huge pages save address translations.
constexpr int64_t kHugePage = 2 << 20;

std::atomic<int64_t> allocated{0};

#if defined(_WIN32)

std::byte* map(int64_t bytes) {
  return static_cast<std::byte*>(VirtualAlloc(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
}

void unmap(std::byte* data, int64_t) { VirtualFree(data, 0, MEM_RELEASE); }

void* allocate_aligned(int64_t bytes) { return _aligned_malloc(bytes, kAlignment); }

void free_aligned(void* data) { _aligned_free(data); }

#else

void* map_anywhere(int64_t bytes) {
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return data == MAP_FAILED ? nullptr : data;
}

std::byte* map(int64_t bytes) {
#ifdef MADV_HUGEPAGE
  if (bytes >= kHugePage) {
    auto* begin = static_cast<std::byte*>(map_anywhere(bytes + kHugePage));
    if (begin == nullptr) return nullptr;
    const int64_t before = -reinterpret_cast<intptr_t>(begin) & (kHugePage - 1);
    const int64_t page = sysconf(_SC_PAGESIZE);
    const int64_t mapped = (bytes + page - 1) / page * page;
    if (before > 0) munmap(begin, before);
    munmap(begin + before + mapped, kHugePage - before);
    madvise(begin + before, bytes, MADV_HUGEPAGE);
    return begin + before;
  }
#endif
  return static_cast<std::byte*>(map_anywhere(bytes));
}

void unmap(std::byte* data, int64_t bytes) { munmap(data, bytes); }

void* allocate_aligned(int64_t bytes) { return std::aligned_alloc(kAlignment, bytes); }

void free_aligned(void* data) { std::free(data); }

#endif

std::byte* allocate_small(int64_t bytes) {
  void* data = allocate_aligned(aligned(bytes));
  if (data) std::memset(data, 0, bytes);
  return static_cast<std::byte*>(data);
}

}  // namespace

Status AlignedBuffer::allocate(int64_t bytes) {
  constexpr int64_t limit = std::numeric_limits<int64_t>::max() - kHugePage;
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
    unmap(data_, bytes_);
  } else {
    free_aligned(data_);
  }
  allocated.fetch_sub(bytes_, std::memory_order_relaxed);
  data_ = nullptr;
  bytes_ = 0;
}

int64_t allocated_bytes() { return allocated.load(std::memory_order_relaxed); }

}  // namespace convolt
