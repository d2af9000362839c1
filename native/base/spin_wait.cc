// Waiting for another thread.
#include "base/spin_wait.h"

namespace convolt {
namespace {

constexpr int kLooksPerClockReading = 32;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

uint32_t await_change_until(const std::atomic<uint32_t>& atom, uint32_t old, std::chrono::microseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  do {
    for (int i = 0; i < kLooksPerClockReading; ++i) {
      const uint32_t now = atom.load(std::memory_order_acquire);
      if (now != old) return now;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return old;
}

uint32_t await_change(const std::atomic<uint32_t>& atom, uint32_t old, std::chrono::microseconds spin) {
  if (spin.count() > 0) {
    const uint32_t now = await_change_until(atom, old, spin);
    if (now != old) return now;
  }
  atom.wait(old, std::memory_order_acquire);
  return atom.load(std::memory_order_acquire);
}

}  // namespace convolt
