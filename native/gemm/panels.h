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
  explicit Panels(int64_t columns) : columns(columns), lanes(loops().lanes()) {}

  int64_t columns;
  int64_t lanes;

  int64_t count() const { return ceil_div(columns, 2 * lanes); }
  int64_t padded() const { return ceil_div(columns, lanes) * lanes; }
  Panel operator[](int64_t i) const {
    const int64_t first = i * 2 * lanes;
    const int64_t used = std::min(2 * lanes, columns - first);
    return {first, used, used > lanes ? 2 * lanes : lanes};
  }
};

}  // namespace convolt
