// The columns of a matrix as panels of the width that the loops multiply at once.
#pragma once

#include <algorithm>
#include <cstdint>

#include "gemm/cut.h"
#include "loops/loops.h"

namespace convolt {

// Columns [first, first + used) and zeros up to `width`.
struct Panel {
  int64_t first, used, width;
};

struct Panels {
  explicit Panels(int64_t columns) : columns(columns), full(loops().gemm_panel()) {}

  int64_t columns;
  int64_t full;  // columns of a panel, at most

  int64_t count() const { return ceil_div(columns, full); }
  // Columns that the loops read.
  int64_t floats() const { return columns / full * full + loops().gemm_width(columns % full); }
  // The loops read no column beyond the last.
  bool are_filled() const { return floats() == columns; }
  Panel operator[](int64_t i) const {
    const int64_t used = std::min(full, columns - i * full);
    return {i * full, used, loops().gemm_width(used)};
  }
};

}  // namespace convolt
