// Waiting for another thread: awake for some microseconds, since it mostly is about to answer, and then asleep.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace convolt {

inline constexpr auto kSpinTime = std::chrono::microseconds(30);

// Waits until `atom` is no longer `old`, awake for `spin` at first, and returns what it is then.
uint32_t await_change(const std::atomic<uint32_t>& atom, uint32_t old, std::chrono::microseconds spin);

// The same, but gives up after `limit` awake and returns `old`.
uint32_t await_change_until(const std::atomic<uint32_t>& atom, uint32_t old, std::chrono::microseconds limit);

}  // namespace convolt
