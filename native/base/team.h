// The threads that work on one thing together and wait for each other on the way.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace convolt {

class Team {
 public:
  // Of `wanted` threads at most; waiting is awake for `spin` at first.
  Team(int wanted, std::chrono::microseconds spin) : wanted_(wanted), spin_(spin) {}

  // Joins the calling thread and waits until the team is complete, or until those who came in a fraction of a
  // millisecond go on without the rest. Returns its place in the team, or -1 when it comes too late.
  int join();
  // The members, once joined.
  int size() const { return static_cast<int>(joined_.load(std::memory_order_relaxed) & ~kClosed); }
  // Returns when all members have come here; what they wrote before is seen by all behind it.
  void barrier();

 private:
  static constexpr uint32_t kClosed = 1u << 31;

  int wanted_;
  std::chrono::microseconds spin_;
  alignas(64) std::atomic<uint32_t> joined_{0};  // kClosed | threads that came
  alignas(64) std::atomic<uint32_t> waiting_{0};
  alignas(64) std::atomic<uint32_t> round_{0};
};

}  // namespace convolt
