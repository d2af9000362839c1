// Boxes copied or added from strides to strides: what transpose, concat, slice and pad have in common.
#pragma once

#include <array>

#include "base/tensor.h"
#include "base/thread_pool.h"

namespace convolt {

using Strides = std::array<int64_t, kMaxRank>;

// Elements from one index of an axis to the next, row-major.
Strides strides_of(const Shape& shape);

// The indices i of a box, and where i lies on both sides: at sum(i_a * from_a) and at sum(i_a * to_a), in elements.
struct StridedBox {
  int rank = 0;
  std::array<int64_t, kMaxRank> size{};
  Strides from{};
  Strides to{};

  void push(int64_t axis_size, int64_t axis_from, int64_t axis_to) {
    size[rank] = axis_size;
    from[rank] = axis_from;
    to[rank++] = axis_to;
  }
};

// y[to(i)] = x[from(i)] for elements of 1 or 4 bytes. No two i may have the same to(i).
void strided_copy(const StridedBox& box, const void* x, void* y, int64_t element_bytes, ThreadPool* pool);

// y[to(i)] += x[from(i)]. Many i may have the same to(i) where to_a = 0; they are added in their order.
void strided_add(const StridedBox& box, const float* x, float* y, ThreadPool* pool);

// y = value on every element.
void fill(const Tensor& y, double value, ThreadPool* pool);

}  // namespace convolt
