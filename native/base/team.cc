// Members count themselves at the door and at every barrier; the last one lets all go on.
#include "base/team.h"

#include "base/spin_wait.h"

namespace convolt {
namespace {

constexpr auto kPatience = std::chrono::microseconds(200);  // a sleeping thread comes within about 50

}  // namespace

int Team::join() {
  uint32_t seen = joined_.load(std::memory_order_relaxed);
  do {
    if (seen & kClosed) return -1;
  } while (!joined_.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel));
  const auto place = static_cast<int>(seen);
  const auto complete = static_cast<uint32_t>(wanted_);
  uint32_t now = seen + 1;
  if (place == 0) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (now < complete && std::chrono::steady_clock::now() < end) {
      now = await_change_until(
          joined_, now, std::chrono::duration_cast<std::chrono::microseconds>(end - std::chrono::steady_clock::now()));
    }
    joined_.fetch_or(kClosed, std::memory_order_acq_rel);
    joined_.notify_all();
    return 0;
  }
  while (!(now & kClosed)) now = await_change(joined_, now, spin_);
  return place;
}

void Team::barrier() {
  const auto members = static_cast<uint32_t>(size());
  if (members == 1) return;
  const uint32_t round = round_.load(std::memory_order_relaxed);
  if (waiting_.fetch_add(1, std::memory_order_acq_rel) + 1 < members) {
    await_change(round_, round, spin_);
    return;
  }
  waiting_.store(0, std::memory_order_relaxed);
  // Not a store: the look for sleepers in notify_all() may overtake one, and miss a thread that has just gone to sleep.
  round_.fetch_add(1, std::memory_order_acq_rel);
  round_.notify_all();
}

}  // namespace convolt
