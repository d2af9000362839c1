// The loops of every reduction: folds.inc for rows and for running results.
#include "elementwise/opcodes.h"
#include "loops/loops.h"
#include "loops/math.h"

namespace convolt::CONVOLT_ISA {
namespace {

// Sixteen floats; the compiler splits it into what this ISA has.
typedef float Lanes __attribute__((vector_size(64)));

// a = a op x, for numbers and for lanes.
#define FOLD(name, op, identity, value)           \
  struct name##_fold {                            \
    template <typename T>                         \
    CONVOLT_INLINE void into(T& a, const T& x) {  \
      a = value;                                  \
    }                                             \
    static constexpr double kIdentity = identity; \
  };
#include "elementwise/folds.inc"
#undef FOLD

template <typename F>
CONVOLT_INLINE void fold_lanes(Lanes& lanes, const float* x) {
  Lanes read;
  __builtin_memcpy(&read, x, sizeof read);
  F::into(lanes, read);
}

// Four times sixteen partial results, joined as a tree: hides latency, and rounds less than one running result.
template <typename F>
float fold_row(const float* x, int64_t n) {
  const float neutral = F::kIdentity;
  Lanes lanes[4] = {Lanes{} + neutral, Lanes{} + neutral, Lanes{} + neutral, Lanes{} + neutral};
  int64_t j = 0;
  for (; j + 64 <= n; j += 64) {
    for (int64_t i = 0; i < 4; ++i) fold_lanes<F>(lanes[i], x + j + 16 * i);
  }
  for (; j + 16 <= n; j += 16) fold_lanes<F>(lanes[0], x + j);
  F::into(lanes[0], lanes[1]);
  F::into(lanes[2], lanes[3]);
  F::into(lanes[0], lanes[2]);
  float results[16];
  __builtin_memcpy(results, lanes, sizeof results);
  for (int64_t i = 0; j < n; ++j, ++i) F::into(results[i], x[j]);
  for (int64_t width = 8; width > 0; width /= 2) {
    for (int64_t i = 0; i < width; ++i) F::into(results[i], results[i + width]);
  }
  return results[0];
}

// Short rows go eight at a time, one running result each.
template <typename F>
void fold_rows(float* y, const float* x, int64_t rows, int64_t n) {
  int64_t r = 0;
  for (; n < 32 && r + 8 <= rows; r += 8) {
    float results[8];
    for (int64_t i = 0; i < 8; ++i) results[i] = F::kIdentity;
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t i = 0; i < 8; ++i) F::into(results[i], x[(r + i) * n + j]);
    }
    for (int64_t i = 0; i < 8; ++i) y[r + i] = results[i];
  }
  for (; r < rows; ++r) y[r] = fold_row<F>(x + r * n, n);
}

template <typename F, typename T>
void join(double* y, const T* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) F::into(y[i], static_cast<double>(x[i]));
}

const Fold kFolds[] = {
#define FOLD(name, op, identity, value) \
  {#name, Op::op, identity, fold_rows<name##_fold>, join<name##_fold, float>, join<name##_fold, double>},
#include "elementwise/folds.inc"
#undef FOLD
};

}  // namespace

const Fold* fold_table() { return kFolds; }

}  // namespace convolt::CONVOLT_ISA
