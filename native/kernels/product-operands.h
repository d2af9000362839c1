// What products of matrices take from a kernel's operands: constant weights and the tail.
#pragma once

#include "gemm/after-rows.h"
#include "kernels/kernel.h"

namespace convolt {

// Input 1 never changes, so it can be packed once.
inline bool has_constant_weights(const Operands& operands) { return (operands.constants & 2) != 0; }

inline const float* prepared_floats(const Operands& operands) {
  return reinterpret_cast<const float*>(operands.prepared);
}

// Bytes of so many floats.
inline int64_t bytes_of_floats(int64_t floats) { return floats * static_cast<int64_t>(sizeof(float)); }

// Calls body(after), where `after` hands rows to the tail if there is one.
template <typename Body>
void with_tail(const Operands& operands, const Body& body) {
  const auto tail = [&](int64_t range, int64_t begin, int64_t end, int thread) {
    operands.tail->run(range, begin, end, thread);
  };
  body(operands.tail ? AfterRows(tail).with(operands.tail->clip()) : AfterRows());
}

}  // namespace convolt
