// Brings operands into blocks of floats, and results back.
#include "elementwise/stage.h"

#include <algorithm>
#include <cstring>

namespace convolt {
namespace {

void convert(const Loops& loops, float* y, const Tensor& source, int64_t offset, int64_t n) {
  switch (source.dtype) {
    case DType::kFloat32:
      std::memcpy(y, static_cast<const float*>(source.data) + offset, n * sizeof(float));
      return;
    case DType::kInt32:
      loops.floats_of_int32(y, static_cast<const int32_t*>(source.data) + offset, n);
      return;
    case DType::kInt8:
      loops.floats_of_int8(y, static_cast<const int8_t*>(source.data) + offset, n);
      return;
    default:
      loops.floats_of_bytes(y, static_cast<const uint8_t*>(source.data) + offset, n);
  }
}

// The first `period` floats, `count` times in a row.
void replicate(const Loops& loops, float* y, int64_t period, int64_t count) {
  if (period == 1) {
    loops.fill(y, *y, count);
    return;
  }
  const int64_t total = period * count;
  for (int64_t filled = period; filled < total; filled *= 2) {
    std::memcpy(y + filled, y, std::min(filled, total - filled) * sizeof(float));
  }
}

}  // namespace

void stage(const Loops& loops, float* y, const Tensor& source, int64_t offset, std::span<const Run> runs,
           int64_t rows) {
  if (runs.empty()) {
    convert(loops, y, source, offset, 1);
    return;
  }
  const int64_t count = runs[0].size * rows;
  const std::span<const Run> rest = runs.subspan(1);
  int64_t inner = 1;  // positions for each position of this run
  int64_t moved = 1;  // elements of `source` for each position of this run
  for (const Run& run : rest) {
    inner *= run.size;
    if (run.moves) moved *= run.size;
  }
  if (!runs[0].moves) {
    stage(loops, y, source, offset, rest, 1);
    replicate(loops, y, inner, count);
  } else if (rest.empty()) {
    convert(loops, y, source, offset, count);
  } else if (rest.size() == 1) {  // a column: each element stands for `inner` positions
    float values[kBlock];
    convert(loops, values, source, offset, count);
    loops.repeat_each(y, values, count, inner);
  } else {
    for (int64_t i = 0; i < count; ++i) stage(loops, y + i * inner, source, offset + i * moved, rest, 1);
  }
}

void unstage(const Loops& loops, const Tensor& target, int64_t offset, const float* x, int64_t n) {
  switch (target.dtype) {
    case DType::kFloat32:
      std::memcpy(static_cast<float*>(target.data) + offset, x, n * sizeof(float));
      return;
    case DType::kInt32:
      loops.int32_of_floats(static_cast<int32_t*>(target.data) + offset, x, n);
      return;
    case DType::kUint8:
      loops.bytes_of_floats(static_cast<uint8_t*>(target.data) + offset, x, n);
      return;
    case DType::kInt8:
      loops.int8_of_floats(static_cast<int8_t*>(target.data) + offset, x, n);
      return;
    case DType::kBool:
      loops.bools_of_floats(static_cast<uint8_t*>(target.data) + offset, x, n);
  }
}

}  // namespace convolt
