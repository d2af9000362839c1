// A matrix transposed in squares of four by four, which stay in registers.
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {
namespace {

typedef float Four __attribute__((vector_size(16)));

Four load_four(const float* from) {
  Four four;
  __builtin_memcpy(&four, from, sizeof(four));
  return four;
}

void square(float* y, int64_t y_row, const float* x, int64_t x_row) {
  const Four a = load_four(x), b = load_four(x + x_row), c = load_four(x + 2 * x_row), d = load_four(x + 3 * x_row);
  const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const Four rows[] = {
      __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5), __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
      __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5), __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7)};
  for (int i = 0; i < 4; ++i) __builtin_memcpy(y + i * y_row, &rows[i], sizeof(Four));
}

}  // namespace

void pack_transposed(float* y, int64_t y_row, const float* x, int64_t x_row, int64_t rows, int64_t columns) {
  const int64_t whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
  for (int64_t i = 0; i < whole_rows; i += 4) {
    for (int64_t j = 0; j < whole_columns; j += 4) square(y + j * y_row + i, y_row, x + i * x_row + j, x_row);
  }
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = i < whole_rows ? whole_columns : 0; j < columns; ++j) y[j * y_row + i] = x[i * x_row + j];
  }
}

}  // namespace convolt::CONVOLT_ISA
