// Any sequence of calls to a store is refused or stays within its slots. Input: calls, each with its numbers.
#include "runtime/store.h"

#include <algorithm>
#include <vector>

#include "fuzz/input.h"
#include "fuzz/targets.h"

namespace convolt {
namespace {

constexpr int64_t kMostBytes = 1 << 16;
constexpr int kMostCalls = 64;

void call(Store& store, FuzzInput& input) {
  const uint32_t kind = input.below(8);
  const auto slot = static_cast<int64_t>(static_cast<int8_t>(input.byte()));
  if (kind == 0) {
    TensorType type;
    int64_t made = 0;
    if (input.type(input.byte(), &type).is_ok() && type.bytes() <= kMostBytes) {
      static_cast<void>(store.declare(type, &made).is_ok());
    }
  }
  if (kind == 1 || kind == 2) {
    std::vector<std::byte> bytes(input.pair());
    const auto offset = static_cast<int64_t>(std::clamp(input.word(), -1e18, 1e18));
    input.fill(bytes.data(), static_cast<int64_t>(bytes.size()));
    static_cast<void>((kind == 1 ? store.write(slot, bytes, offset) : store.read(slot, bytes, offset)).is_ok());
  }
  if (kind == 3) static_cast<void>(store.seal(slot).is_ok());
  if (kind == 4) static_cast<void>(store.release(slot).is_ok());
  if (kind == 5) static_cast<void>(store.begin_run().is_ok());
  if (kind == 6 && store.busy()) store.end_run();
  if (kind == 7) store.dispose();
}

}  // namespace

void fuzz_store(std::span<const uint8_t> bytes) {
  FuzzInput input(bytes);
  Store store;
  for (int i = 0; i < kMostCalls; ++i) call(store, input);
}

}  // namespace convolt
