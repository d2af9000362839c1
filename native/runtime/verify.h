// Proves that a decoded plan stays within its memory, so that a program that passed can run without further checks.
#pragma once

#include "base/status.h"
#include "runtime/plan.h"
#include "runtime/store.h"

namespace convolt {

// Bounds, alignment, regions, overlaps, names and slots. `constant_bytes` is how many bytes of constants came along.
Status verify_plan(const Plan& plan, Store& store, int64_t constant_bytes);

// For a verified plan: true when two operands of a step share memory in some turn. Those that move alike keep their
// distance.
bool overlap(const PlanBuffer& a, const PlanBuffer& b, const Plan& plan);

}  // namespace convolt
