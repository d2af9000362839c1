// The plan: a compiled program as plain structs, decoded from the numbers that lib/compiler/plan.ts wrote.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "runtime/tensor-type.h"

namespace convolt {

// The order equals `regions` in lib/compiler/plan.ts.
enum class Region : uint8_t { kArena, kState, kFeed, kFetch, kConstant };

// How a buffer moves through a loop.
struct PlanMove {
  int64_t loop = 0;    // index into loops
  int64_t stride = 0;  // bytes per turn
};

struct PlanBuffer {
  Region region = Region::kArena;
  int64_t location = 0;  // byte offset (arena, constant), or index into the plan's states, feeds or fetches
  int64_t offset = 0;    // bytes from there, in the first turn of all loops
  TensorType type;
  std::vector<PlanMove> moves;
};

// True for a buffer that shows its object from the beginning, in every turn.
inline bool is_whole(const PlanBuffer& buffer) { return buffer.offset == 0 && buffer.moves.empty(); }

// Steps that run several times. Loops stand in the order of their first steps, outer ones first.
struct PlanLoop {
  int64_t begin = 0, end = 0;  // steps
  int64_t count = 0;           // turns
};

struct PlanStep {
  int64_t kernel = 0;                    // index into names
  std::vector<int64_t> inputs, outputs;  // indices into buffers
  std::vector<double> attributes;
  bool is_tail = false;  // an elementwise step that may run behind the step before it, range by range
};

struct Plan {
  int64_t arena_bytes = 0;
  int64_t constant_bytes = 0;
  int64_t feeds = 0;
  int64_t fetches = 0;
  int64_t first_write = 0;     // before this step a run may stop without a trace
  std::vector<int64_t> slots;  // of the plan's states, in the store
  std::vector<PlanBuffer> buffers;
  std::vector<PlanStep> steps;
  std::vector<PlanLoop> loops;
  std::vector<std::string> names;   // of kernels
  std::vector<std::string> labels;  // of steps
};

// Takes the numbers apart. What they mean is checked by verify.h. `names` and `labels` of `out` are the caller's.
Status decode_plan(std::span<const double> words, Plan* out);

}  // namespace convolt
