// Bytes that stand for numbers, (q - zero) * scale, and the rounding of numbers to them.
#include "loops/int8-lanes.h"
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {

void quantize_linear(uint8_t* y, const float* x, float scale, int32_t zero, int64_t n) {
  const auto low = static_cast<float>(-zero), high = static_cast<float>(255 - zero);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    const float t = x[i] / scale;
    const float raised = t > low ? t : low;  // NaN is not
    const float kept = raised < high ? raised : high;
    y[i] = static_cast<uint8_t>(static_cast<int32_t>(kept + kRounder - kRounder) + zero);
  }
}

void dequantize_linear(float* y, const uint8_t* x, float scale, int32_t zero, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(x[i] - zero) * scale;
}

void map_bytes(uint8_t* y, const uint8_t* x, const uint8_t* table, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = table[x[i]];
}

void largest_bytes(uint8_t* y, const uint8_t* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] > y[i] ? x[i] : y[i];
}

void add_bytes(int32_t* y, const uint8_t* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] += x[i];
}

void bytes_of_sums(uint8_t* y, const int32_t* sums, const uint8_t* addend, float scale, const Int8Result& result,
                   int64_t n) {
  with_finish(result, addend != nullptr, [&](const auto& finish) {
    for (int64_t i = 0; i < n; i += kLanes) {
      Ints sum = {};
      __builtin_memcpy(&sum, sums + i, (n - i < kLanes ? n - i : kLanes) * sizeof(int32_t));
      finish.store(sum, Floats{} + scale, y, addend, i, n - i);
    }
  });
}

void sum_bytes(uint8_t* y, const uint8_t* x, const uint8_t* addend, float scale, int32_t zero, const Int8Result& result,
               int64_t n) {
  with_finish(result, addend != nullptr, [&](const auto& finish) {
    for (int64_t i = 0; i < n; i += kLanes) {
      finish.store(load_bytes(x + i, n - i) - zero, Floats{} + scale, y, addend, i, n - i);
    }
  });
}

}  // namespace convolt::CONVOLT_ISA
