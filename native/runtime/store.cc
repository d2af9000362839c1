// Slots of aligned memory by number, and the rule of one run at a time.
#include "runtime/store.h"

#include <cstring>
#include <string>
#include <utility>

namespace convolt {

Status Store::expect_idle(const char* what) const {
  if (disposed_) {
    return {Code::kDisposed,
            std::string("store: expected the store to be in use but got a ") + what + " after dispose"};
  }
  if (busy_) {
    return {Code::kBusy,
            std::string("store: expected the store to be idle but got a ") + what + " while a run is in flight"};
  }
  return Status::ok();
}

Status Store::expect_range(int64_t slot, int64_t offset, size_t bytes, const char* what) const {
  CONVOLT_TRY(expect_idle(what));
  const auto index = static_cast<size_t>(slot);
  if (slot < 0 || index >= slots_.size() || !slots_[index]) {
    return {Code::kState, "store: expected the slot to be declared but got slot " + std::to_string(slot)};
  }
  const int64_t size = slots_[index]->type.bytes();
  if (offset < 0 || offset > size || bytes > static_cast<size_t>(size - offset)) {
    return {Code::kShape, std::string("store: expected the ") + what + " to stay within " + std::to_string(size) +
                              " bytes but got " + std::to_string(bytes) + " bytes from " + std::to_string(offset) +
                              " on"};
  }
  return Status::ok();
}

Status Store::declare(const TensorType& type, int64_t* slot) {
  if (disposed_) return expect_idle("declaration");
  Slot made{type, {}, false};
  CONVOLT_TRY(made.memory.allocate(type.bytes()));
  bytes_ += type.bytes();
  *slot = static_cast<int64_t>(slots_.size());
  slots_.emplace_back(std::move(made));
  return Status::ok();
}

Status Store::write(int64_t slot, std::span<const std::byte> bytes, int64_t offset) {
  CONVOLT_TRY(expect_range(slot, offset, bytes.size(), "write"));
  if (slots_[slot]->sealed) return {Code::kState, "store: expected a slot that can be written but got a sealed one"};
  if (!bytes.empty()) std::memcpy(slots_[slot]->memory.data() + offset, bytes.data(), bytes.size());
  return Status::ok();
}

Status Store::read(int64_t slot, std::span<std::byte> bytes, int64_t offset) const {
  CONVOLT_TRY(expect_range(slot, offset, bytes.size(), "read"));
  if (!bytes.empty()) std::memcpy(bytes.data(), slots_[slot]->memory.data() + offset, bytes.size());
  return Status::ok();
}

Status Store::seal(int64_t slot) {
  CONVOLT_TRY(expect_range(slot, 0, 0, "seal"));
  slots_[slot]->sealed = true;
  return Status::ok();
}

Status Store::release(int64_t slot) {
  CONVOLT_TRY(expect_range(slot, 0, 0, "release"));
  bytes_ -= slots_[slot]->type.bytes();
  slots_[slot].reset();
  ++generation_;
  return Status::ok();
}

void Store::dispose() {
  disposed_ = true;
  if (!busy_) free_all();
}

void Store::free_all() {
  slots_.clear();
  bytes_ = 0;
  ++generation_;
}

Store::Slot* Store::find(int64_t slot) {
  const auto index = static_cast<size_t>(slot);
  return slot >= 0 && index < slots_.size() && slots_[index] ? &*slots_[index] : nullptr;
}

Status Store::begin_run() {
  CONVOLT_TRY(expect_idle("second run"));
  busy_ = true;
  return Status::ok();
}

void Store::end_run() {
  busy_ = false;
  if (disposed_) free_all();
}

}  // namespace convolt
