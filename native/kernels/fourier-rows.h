// What the kernels of Fourier transforms share: rows cut into tasks, each with a transform of its own.
#pragma once

#include <vector>

#include "kernels/expect.h"
#include "kernels/ranges.h"
#include "linalg/fourier.h"

namespace convolt {

// Transforms for rows of one length. Their number, and who does which row, depends on the shape alone.
class FourierRows {
 public:
  FourierRows(int64_t rows, int64_t length) : rows_(rows) {
    const int64_t tasks =
        std::min<int64_t>(kMost, (rows + items_per_task(8 * length) - 1) / items_per_task(8 * length));
    if (length == 0 || rows == 0) return;
    for (int64_t i = 0; i < tasks; ++i) transforms_.push_back(std::make_unique<Fourier<float>>(length));
  }

  // Calls body(transform, row) for every row.
  template <typename Body>
  void for_rows(ThreadPool* pool, const Body& body) const {
    const int64_t tasks = static_cast<int64_t>(transforms_.size());
    if (tasks == 0) return;
    const int64_t grain = (rows_ + tasks - 1) / tasks;
    for_ranges(pool, rows_, grain, [&](int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; ++row) body(*transforms_[begin / grain], row);
    });
  }

 private:
  static constexpr int64_t kMost = 16;
  int64_t rows_;
  std::vector<std::unique_ptr<Fourier<float>>> transforms_;
};

}  // namespace convolt
