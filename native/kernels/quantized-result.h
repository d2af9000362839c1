// What becomes of the sums of quantized kernels, as their attributes say.
#pragma once

#include "kernels/kernel.h"
#include "loops/int8-rows.h"

namespace convolt {

// Reads zero, low and high, of a result of bytes or of float32.
struct QuantizedRange {
  explicit QuantizedRange(AttributeReader& read) : zero(read.integer()), low(read.number()), high(read.number()) {}

  // Bounds of bytes are moved to those of the sums before the zero is added.
  Int8Result result(bool is_bytes) const {
    const double shift = is_bytes ? static_cast<double>(zero) : 0;
    return {.is_bytes = is_bytes,
            .zero = static_cast<int32_t>(zero),
            .low = static_cast<float>(low - shift),
            .high = static_cast<float>(high - shift),
            .add_zero = 0,
            .add_scale = 0,
            .fits_int32 = false};
  }
  // With an addend whose unit is `scale` units of the result.
  Int8Result result(bool is_bytes, int64_t add_zero, double add_scale) const {
    Int8Result made = result(is_bytes);
    made.add_zero = static_cast<int32_t>(add_zero);
    made.add_scale = static_cast<float>(add_scale);
    return made;
  }
  // Whether the bounds are bytes.
  bool fits_bytes() const {
    const auto is_byte = [](double value) { return value >= 0 && value <= 255; };
    return is_byte(static_cast<double>(zero)) && is_byte(low) && is_byte(high) && low <= high;
  }

  int64_t zero;
  double low, high;
};

}  // namespace convolt
