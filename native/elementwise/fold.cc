// Folds blocks of a pass down to the elements that a reduction keeps.
#include "elementwise/fold.h"

#include <cstring>
#include <utility>

namespace convolt {
namespace {

// y[j] = fold of x[r n + j] over r < rows: the lower half of the rows takes in the upper half until one row is left.
void fold_columns(OpcodeLoop join, float* y, const float* x, int64_t rows, int64_t n) {
  if (rows == 1) std::memcpy(y, x, n * sizeof(float));
  while (rows > 1) {
    const int64_t lower = (rows + 1) / 2;
    const int64_t upper = rows / 2;
    float* const at[] = {y, const_cast<float*>(x), const_cast<float*>(x + lower * n)};
    const int where[] = {0, 1, 2};
    join(at, where, upper * n);
    if (x != y && lower > upper) std::memcpy(y + upper * n, x + upper * n, n * sizeof(float));
    x = y;
    rows = lower;
  }
}

}  // namespace

const float* fold_block(const Fold& fold, OpcodeLoop join, const float* x, std::span<const Run> runs, int64_t rows,
                        float* const scratch[2], int64_t* kept) {
  int64_t outer = rows;
  for (const Run& run : runs) outer *= run.size;
  int64_t inner = 1;
  int next = 0;
  for (size_t i = runs.size(); i-- > 0;) {
    const int64_t size = runs[i].size * (i == 0 ? rows : 1);
    outer /= size;
    if (runs[i].moves) {
      inner *= size;
    } else if (size > 1) {
      float* y = scratch[std::exchange(next, 1 - next)];
      if (inner == 1) {
        fold.rows(y, x, outer, size);
      } else {
        for (int64_t k = 0; k < outer; ++k) fold_columns(join, y + k * inner, x + k * size * inner, size, inner);
      }
      x = y;
    }
  }
  *kept = inner;
  return x;
}

}  // namespace convolt
