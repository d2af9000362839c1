// Counts what the patches at the border of an image miss.
#include "gemm/binary-border.h"

namespace convolt {

BinaryBorder::BinaryBorder(const BinaryProduct& product)
    : product_(product),
      row_axis_(product.window.rows),
      column_axis_(product.window.columns),
      counts_(product.padding == 0) {}

void BinaryBorder::fill(const int32_t* ones, int32_t* border) const {
  const auto& [rows, columns] = product_.window;
  const int64_t filters = product_.filters;
  for (int64_t c = 0; c < classes(); ++c, border += filters) {
    const int64_t i = row_axis_.position_of(c / this->columns()), j = column_axis_.position_of(c % this->columns());
    const Range down = counts_ ? rows.taps_inside(i) : Range{0, rows.taps};
    const Range across = counts_ ? columns.taps_inside(j) : Range{0, columns.taps};
    std::fill_n(border, filters, static_cast<int32_t>(down.size() * across.size() * product_.channels));
    for (int64_t u = 0; u < rows.taps; ++u) {
      for (int64_t v = 0; v < columns.taps; ++v) {
        if (u >= down.begin && u < down.end && v >= across.begin && v < across.end) continue;
        const int32_t* tap = ones + (u * columns.taps + v) * filters;
        for (int64_t k = 0; k < filters; ++k) border[k] += 2 * tap[k];
      }
    }
  }
}

}  // namespace convolt
