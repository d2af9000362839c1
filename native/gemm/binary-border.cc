// Counts what the patches at the border of an image miss.
#include "gemm/binary-border.h"

#include "gemm/bit-rows.h"

namespace convolt {

BinaryBorder::BinaryBorder(const BinaryProduct& product)
    : product_(product), rows_(product.window.rows), columns_(product.window.columns), counts_(product.padding == 0) {}

void BinaryBorder::fill(const uint64_t* filter, int32_t* border, int64_t step) const {
  const auto& [rows, columns] = product_.window;
  for (int64_t c = 0; c < classes(); ++c) {
    Range down = {0, rows.taps}, across = {0, columns.taps};
    if (counts_) {
      down = rows.taps_inside(rows_.position_of(c / columns_.classes()));
      across = columns.taps_inside(columns_.position_of(c % columns_.classes()));
    }
    int64_t number = down.size() * across.size() * product_.channels;
    for (int64_t u = 0; u < rows.taps; ++u) {
      const Range inside = u >= down.begin && u < down.end ? across : Range{0, 0};
      for (int64_t v = 0; v < columns.taps; ++v) {
        if (v < inside.begin || v >= inside.end) number += 2 * ones_of_tap(product_, filter, u * columns.taps + v);
      }
    }
    border[c * step] = static_cast<int32_t>(number);
  }
}

}  // namespace convolt
