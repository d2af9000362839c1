// A dtype and a shape, made from numbers that nobody has checked yet.
#pragma once

#include <cstdint>
#include <span>

#include "base/status.h"
#include "base/tensor.h"

namespace convolt {

struct TensorType {
  DType dtype = DType::kFloat32;
  Shape shape;

  int64_t bytes() const { return shape.elements() * bytes_per_element(dtype); }
};

// True when `value` is a whole number in [0, limit].
bool is_index(double value, int64_t limit);

// Makes a type of at most eight dimensions and 2^53 - 1 bytes; `where` begins the message when it cannot.
Status make_tensor_type(const char* where, double dtype, std::span<const double> sizes, TensorType* out);

}  // namespace convolt
