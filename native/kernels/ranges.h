// Cuts work into tasks by shape alone, so that results do not depend on the number of threads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/tensor.h"
#include "base/thread_pool.h"

namespace convolt {

// A task of fewer elements than this costs less to run than to hand to another thread.
inline constexpr int64_t kElementsPerTask = 16384;

// Items of `elements` each that make one task.
inline int64_t items_per_task(int64_t elements) {
  return std::max<int64_t>(1, kElementsPerTask / std::max<int64_t>(1, elements));
}

// Calls body(begin, end, thread) for ranges of `grain` items that cover [0, count).
template <typename Body>
void for_ranges(ThreadPool* pool, int64_t count, int64_t grain, const Body& body) {
  if (count <= 0) return;
  if (count <= grain) return body(int64_t{0}, count, 0);
  pool->parallel_for((count + grain - 1) / grain, [&](int64_t task, int thread) {
    body(task * grain, std::min(count, (task + 1) * grain), thread);
  });
}

// A tensor seen from one axis: [outer, length, inner].
struct AxisView {
  AxisView(const Shape& shape, int axis)
      : outer(shape.product(0, axis)), length(shape[axis]), inner(shape.product(axis + 1, shape.rank())) {}
  int64_t outer, length, inner;
};

}  // namespace convolt
