// Any plan is refused or runs within its memory. Input: the store's slots, the kernels that the plan names, its words,
// and bytes that fill constants, states and feeds.
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "kernels/kernel.h"
#include "runtime/process.h"
#include "runtime/program.h"
#include "runtime/verify.h"

namespace convolt {
namespace {

// Larger plans are only verified, so that no input takes long.
constexpr int64_t kMostBytes = 1 << 16;
constexpr int64_t kMostTurns = 64;
constexpr uint32_t kMostSlots = 16;

std::vector<std::string> all_kernels() {
  std::vector<std::string> names;
  for (const char* const* name = kernel_names(); *name != nullptr; ++name) names.emplace_back(*name);
  return names;
}

std::shared_ptr<Store> read_store(FuzzInput& input) {
  auto store = std::make_shared<Store>();
  for (uint32_t i = input.below(kMostSlots + 1); i > 0; --i) {
    const uint32_t form = input.byte();
    TensorType type;
    int64_t slot = 0;
    if (!input.type(form & 7, &type).is_ok() || type.bytes() > kMostBytes) continue;
    if (store->declare(type, &slot).is_ok() && (form & 8) != 0) store->find(slot)->sealed = true;
  }
  return store;
}

bool is_small(const Plan& plan) {
  int64_t bytes = plan.arena_bytes;
  for (const PlanBuffer& buffer : plan.buffers) bytes = std::max(bytes, buffer.type.bytes());
  int64_t turns = 1;
  for (const PlanLoop& loop : plan.loops) {
    if (loop.count > kMostTurns) return false;
    turns *= loop.count;
    if (turns > kMostTurns) return false;
  }
  return bytes <= kMostBytes;
}

void run(Program& program, const FuzzInput& input) {
  const std::atomic<bool> never{false};
  int64_t completed = 0;
  if (!program.begin(2).is_ok()) return;
  for (const Program::Transfer& feed : program.feeds()) input.fill(feed.memory.data(), 2 * feed.bytes);
  static_cast<void>(program.run(never, &completed).is_ok());  // index values may be refused
  program.end();
}

}  // namespace

void fuzz_plan(std::span<const uint8_t> bytes) {
  static const std::vector<std::string> names = all_kernels();
  static const bool alone = set_process_threads(1).is_ok();
  if (!alone) return;
  FuzzInput input(bytes);
  const std::shared_ptr<Store> store = read_store(input);
  Plan plan;
  for (uint32_t i = input.byte(); i > 0; --i) plan.names.push_back(names[input.below(names.size())]);
  const std::vector<double> words = input.words(input.pair());
  if (!decode_plan(words, &plan).is_ok()) return;
  plan.labels.assign(plan.steps.size(), "step");
  if (!verify_plan(plan, *store, plan.constant_bytes).is_ok()) return;
  if (!is_small(plan) || plan.constant_bytes > kMostBytes) return;
  for (const int64_t slot : plan.slots) {
    if (Store::Slot* found = store->find(slot)) input.fill(found->memory.data(), found->type.bytes());
  }
  std::vector<std::byte> constants(static_cast<size_t>(plan.constant_bytes));
  input.fill(constants.data(), plan.constant_bytes);
  std::unique_ptr<Program> program;
  if (Program::create(std::move(plan), store, constants, false, &program).is_ok()) run(*program, input);
}

}  // namespace convolt
