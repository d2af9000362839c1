// The memory that survives from run to run: parameters, moments, statistics, resident data. One run at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/aligned.h"
#include "base/status.h"
#include "runtime/tensor-type.h"

namespace convolt {

// Used by one thread, that of its owner; a run in flight reads and writes only the slots' memory.
class Store {
 public:
  struct Slot {
    TensorType type;
    AlignedBuffer memory;
    bool sealed = false;  // never written again, so that programs may take it for a constant
  };

  // Makes a zeroed slot. Slot numbers are never used twice.
  Status declare(const TensorType& type, int64_t* slot);
  // Copies bytes into or out of a slot, from `offset` on; refused while a run is in flight.
  Status write(int64_t slot, std::span<const std::byte> bytes, int64_t offset);
  Status read(int64_t slot, std::span<std::byte> bytes, int64_t offset) const;
  // Makes a slot a constant of every program that is bound from now on: it can be read and released, not written.
  Status seal(int64_t slot);
  // Frees a slot; programs that use it cannot run any more.
  Status release(int64_t slot);
  // Frees all slots, at the end of the run in flight if there is one.
  void dispose();

  // The slot, or nullptr when it was released or never declared.
  Slot* find(int64_t slot);
  int64_t bytes() const { return bytes_; }
  bool busy() const { return busy_; }
  bool disposed() const { return disposed_; }
  // Changes whenever slots were freed, so that a program knows when to look again whether its slots are there.
  uint64_t generation() const { return generation_; }

  // Brackets a run. begin_run refuses a second one.
  Status begin_run();
  void end_run();

 private:
  Status expect_idle(const char* what) const;
  Status expect_range(int64_t slot, int64_t offset, size_t bytes, const char* what) const;
  void free_all();

  std::vector<std::optional<Slot>> slots_;
  int64_t bytes_ = 0;
  uint64_t generation_ = 0;
  bool busy_ = false;
  bool disposed_ = false;
};

}  // namespace convolt
