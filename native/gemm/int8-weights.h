// int8 weights as products of bytes read them: in panels of columns, four rows side by side.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/thread_pool.h"
#include "gemm/cut.h"

namespace convolt {

// A matrix [segments * length, groups * columns] of which each group of columns is a matrix of its own, and what is
// added to and multiplied with the sums. A segment's products read neighbouring bytes.
struct Int8Weights {
  const int8_t* w;
  const int32_t* bias;  // [groups * columns], or nullptr: zeros
  const float* scale;
  int32_t input_zero;  // subtracted from every byte
  int64_t groups, segments, length, columns;

  // Fours of rows of a segment, the last one filled up with zeros.
  int64_t quads() const { return ceil_div(length, 4); }
  int64_t vectors() const;  // of columns of a group
  int64_t panels() const;   // of a group
};

// Where the parts of packed weights lie.
class Int8Panels {
 public:
  Int8Panels(const Int8Weights& weights, const std::byte* packed) : weights_(weights), packed_(packed) {}

  // Where `dot` is exact for small weights alone, larger ones are halved, and each segment is read twice.
  bool are_halved() const { return *reinterpret_cast<const int64_t*>(packed_) != 0; }
  int64_t segments() const { return weights_.segments * (are_halved() ? 2 : 1); }
  // No sum times its scale exceeds int32.
  bool has_small_scales() const { return reinterpret_cast<const int64_t*>(packed_)[1] != 0; }
  // The columns of a panel.
  Range columns(int64_t panel) const;
  const int32_t* bias(int64_t group, int64_t panel) const;
  const float* scale(int64_t group, int64_t panel) const;
  const int8_t* weights(int64_t group, int64_t panel) const;

 private:
  int64_t first_column(int64_t group, int64_t panel) const;

  const Int8Weights& weights_;
  const std::byte* packed_;
};

int64_t packed_int8_bytes(const Int8Weights& weights);
void pack_int8(const Int8Weights& weights, ThreadPool& pool, std::byte* packed);

// Two halves of a weight that sum to it: any two first halves, and any two second ones, may stand side by side.
inline int8_t first_half(int8_t w) { return static_cast<int8_t>(w >> 1); }
inline int8_t second_half(int8_t w) { return static_cast<int8_t>(w - first_half(w)); }
// True where no sum of int32 times a scale, nor that with an addend, exceeds int32.
bool are_small(const float* scales, int64_t count);
// True where both may stand side by side although their products are summed in 16 bits.
inline bool may_be_paired(int8_t a, int8_t b) { return a + b <= 128 && a + b >= -128; }

}  // namespace convolt
