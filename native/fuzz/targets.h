// What fuzzers call with bytes of their own, and the test that replays those which once failed.
#pragma once

#include <cstdint>
#include <span>

namespace convolt {

// Decodes, verifies, binds and runs a plan.
void fuzz_plan(std::span<const uint8_t> bytes);

// Decodes, checks and runs one kernel, elementwise programs among them, whose operands have nothing behind their ends.
void fuzz_kernel(std::span<const uint8_t> bytes);

// A sequence of calls to one store.
void fuzz_store(std::span<const uint8_t> bytes);

}  // namespace convolt
