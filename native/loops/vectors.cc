// Loops over vectors: simple algebra, sums and conversions.
#include "loops/loops.h"
#include "loops/math.h"

namespace convolt::CONVOLT_ISA {

// Sixteen floats; the compiler splits it into what this ISA has.
typedef float Lanes __attribute__((vector_size(64), aligned(4), may_alias));

#define LANES(pointer) (*reinterpret_cast<const Lanes*>(pointer))

void fill(float* y, float a, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = a;
}

void scale(float* y, float a, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] *= a;
}

void add_to(float* y, const float* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] += x[i];
}

void add_scaled(float* y, float a, const float* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] += a * x[i];
}

float sum(const float* x, int64_t n) {
  float result = 0;
  fold_table()[0].rows(&result, x, 1, n);
  return result;
}

float largest(const float* x, int64_t n) {
  float result = -kInfinity;
  fold_table()[1].rows(&result, x, 1, n);
  return result;
}

// Two sums of sixteen lanes, joined as a tree.
float dot(const float* x, const float* y, int64_t n) {
  Lanes even = {};
  Lanes odd = {};
  int64_t i = 0;
  for (; i + 32 <= n; i += 32) {
    even += LANES(x + i) * LANES(y + i);
    odd += LANES(x + i + 16) * LANES(y + i + 16);
  }
  even += odd;
  float sums[16];
  for (int64_t j = 0; j < 16; ++j) sums[j] = even[j];
  for (int64_t j = 0; i < n; ++i, j = (j + 1) % 16) sums[j] += x[i] * y[i];
  for (int64_t width = 8; width > 0; width /= 2) {
    for (int64_t j = 0; j < width; ++j) sums[j] += sums[j + width];
  }
  return sums[0];
}

void repeat_each(float* y, const float* x, int64_t n, int64_t k) {
  int64_t i = 0;
  if (k < 16) {  // one wide store per value; what it writes too far, the next one writes again
    for (; i * k + 16 <= n * k; ++i) {
      for (int64_t j = 0; j < 16; ++j) y[i * k + j] = x[i];
    }
  }
  for (; i < n; ++i) fill(y + i * k, x[i], k);
}

void floats_of_int32(float* y, const int32_t* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(x[i]);
}

void floats_of_bytes(float* y, const uint8_t* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(x[i]);
}

void floats_of_int8(float* y, const int8_t* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(x[i]);
}

void int32_of_floats(int32_t* y, const float* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<int32_t>(x[i]);
}

void bytes_of_floats(uint8_t* y, const float* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<uint8_t>(static_cast<int32_t>(x[i]));
}

void int8_of_floats(int8_t* y, const float* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<int8_t>(static_cast<int32_t>(x[i]));
}

void bools_of_floats(uint8_t* y, const float* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<int32_t>(x[i]) != 0;
}

}  // namespace convolt::CONVOLT_ISA
