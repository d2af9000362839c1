// Sums that several tasks share, added element by element in the order of the parts.
#include "gemm/partials.h"

#include <algorithm>

#include "gemm/cut.h"
#include "loops/loops.h"

namespace convolt {

namespace {
constexpr int64_t kFloatsPerTask = int64_t{16} << 10;
}

void add_partials(float* sum, int64_t ld, const float* partials, int64_t count, int64_t rows, int64_t columns,
                  ThreadPool& pool) {
  if (count == 0) return;
  const int64_t tasks = std::clamp<int64_t>(rows * columns * count / kFloatsPerTask, 1, rows);
  pool.parallel_for(tasks, [&](int64_t task, int) {
    const Range part = cut(rows, tasks, task);
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t row = part.begin; row < part.end; ++row) {
        loops().add_to(sum + row * ld, partials + (i * rows + row) * columns, columns);
      }
    }
  });
}

}  // namespace convolt
