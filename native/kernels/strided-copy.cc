// A box is first reduced to as few axes as possible; then its two inner axes are runs, a transposition, or steps.
#include "kernels/strided-copy.h"

#include <cstring>

#include "kernels/ranges.h"
#include "loops/loops.h"

namespace convolt {
namespace {

// Drops axes of size 1 and joins neighbours that are one axis on both sides.
StridedBox simplified(const StridedBox& box) {
  StridedBox result;
  for (int a = 0; a < box.rank; ++a) {
    if (box.size[a] == 1) continue;
    const int last = result.rank - 1;
    const bool joins =
        last >= 0 && result.from[last] == box.from[a] * box.size[a] && result.to[last] == box.to[a] * box.size[a];
    if (!joins) {
      result.push(box.size[a], box.from[a], box.to[a]);
      continue;
    }
    result.size[last] *= box.size[a];
    result.from[last] = box.from[a];
    result.to[last] = box.to[a];
  }
  return result;
}

// Takes axis `a` out of the box.
void remove_axis(StridedBox& box, int a) {
  for (int i = a + 1; i < box.rank; ++i) {
    box.size[i - 1] = box.size[i];
    box.from[i - 1] = box.from[i];
    box.to[i - 1] = box.to[i];
  }
  --box.rank;
}

// Walks over the indices of a box in row-major order and keeps both offsets.
class Walker {
 public:
  Walker(const StridedBox& box, int64_t position) : box_(box) {
    for (int a = box.rank - 1; a >= 0; --a) {
      index_[a] = position % box.size[a];
      position /= box.size[a];
      from += index_[a] * box.from[a];
      to += index_[a] * box.to[a];
    }
  }
  void next() {
    for (int a = box_.rank - 1; a >= 0; --a) {
      from += box_.from[a];
      to += box_.to[a];
      if (++index_[a] < box_.size[a]) return;
      from -= box_.size[a] * box_.from[a];
      to -= box_.size[a] * box_.to[a];
      index_[a] = 0;
    }
  }
  int64_t from = 0;
  int64_t to = 0;

 private:
  const StridedBox& box_;
  std::array<int64_t, kMaxRank> index_{};
};

struct Axis {
  int64_t size, from, to;
};

Axis axis_of(const StridedBox& box, int a) { return {box.size[a], box.from[a], box.to[a]}; }

int64_t elements_of(const StridedBox& box) {
  int64_t elements = 1;
  for (int a = 0; a < box.rank; ++a) elements *= box.size[a];
  return elements;
}

// y[i * to] = x[i * from]
template <typename T>
void copy_steps(const T* x, T* y, const Axis& axis) {
  if (axis.from == 1 && axis.to == 1 && axis.size * sizeof(T) >= 32) {
    std::memcpy(y, x, axis.size * sizeof(T));
    return;
  }
  for (int64_t i = 0; i < axis.size; ++i) y[i * axis.to] = x[i * axis.from];
}

// y[i * to] += x[i * from]
void add_steps(const float* x, float* y, const Axis& axis) {
  for (int64_t i = 0; i < axis.size; ++i) y[i * axis.to] += x[i * axis.from];
}

using Quad = uint32_t __attribute__((vector_size(16)));

// y[c][r] = x[r][c] for 4 x 4 elements, by two rounds of interleaving.
void transpose_quads(const uint32_t* x, int64_t x_stride, uint32_t* y, int64_t y_stride) {
  Quad row[4];
  for (int r = 0; r < 4; ++r) std::memcpy(&row[r], x + r * x_stride, sizeof(Quad));
  const Quad low02 = __builtin_shufflevector(row[0], row[2], 0, 4, 1, 5);
  const Quad high02 = __builtin_shufflevector(row[0], row[2], 2, 6, 3, 7);
  const Quad low13 = __builtin_shufflevector(row[1], row[3], 0, 4, 1, 5);
  const Quad high13 = __builtin_shufflevector(row[1], row[3], 2, 6, 3, 7);
  const Quad column[4] = {
      __builtin_shufflevector(low02, low13, 0, 4, 1, 5), __builtin_shufflevector(low02, low13, 2, 6, 3, 7),
      __builtin_shufflevector(high02, high13, 0, 4, 1, 5), __builtin_shufflevector(high02, high13, 2, 6, 3, 7)};
  for (int c = 0; c < 4; ++c) std::memcpy(y + c * y_stride, &column[c], sizeof(Quad));
}

// y[c][r] = x[r][c]: r is contiguous in y (r.to = 1), c is contiguous in x (c.from = 1).
template <typename T>
void transpose_plane(const T* x, T* y, const Axis& r, const Axis& c) {
  constexpr int64_t kQuad = sizeof(T) == 4 ? 4 : 1;
  const int64_t quad_rows = r.size / kQuad * kQuad;
  const int64_t quad_columns = c.size / kQuad * kQuad;
  if constexpr (kQuad == 4) {
    for (int64_t j = 0; j < quad_columns; j += 4) {
      for (int64_t i = 0; i < quad_rows; i += 4) {
        transpose_quads(x + i * r.from + j, r.from, y + j * c.to + i, c.to);
      }
    }
  } else {
    for (int64_t i = 0; i < quad_rows; ++i) {
      for (int64_t j = 0; j < quad_columns; ++j) y[j * c.to + i] = x[i * r.from + j];
    }
  }
  for (int64_t j = quad_columns; j < c.size; ++j) {
    for (int64_t i = 0; i < r.size; ++i) y[j * c.to + i] = x[i * r.from + j];
  }
  for (int64_t i = quad_rows; i < r.size; ++i) {
    for (int64_t j = 0; j < quad_columns; ++j) y[j * c.to + i] = x[i * r.from + j];
  }
}

// Calls body(from, to, part) for every index of `outer` and every part of `piece` elements of the axis `cut`.
template <typename Body>
void for_pieces(const StridedBox& outer, const Axis& cut, int64_t piece, int64_t elements_per_piece, ThreadPool* pool,
                const Body& body) {
  const int64_t pieces = (cut.size + piece - 1) / piece;
  StridedBox units = outer;
  units.push(pieces, piece * cut.from, piece * cut.to);
  for_ranges(pool, elements_of(units), items_per_task(elements_per_piece), [&](int64_t begin, int64_t end, int) {
    Walker walker(units, begin);
    int64_t done = begin % pieces * piece;
    for (int64_t unit = begin; unit < end; ++unit, walker.next()) {
      body(walker.from, walker.to, Axis{std::min(piece, cut.size - done), cut.from, cut.to});
      done = done + piece < cut.size ? done + piece : 0;
    }
  });
}

int find_unit_stride(const StridedBox& box, const Strides& strides) {
  for (int a = box.rank - 1; a >= 0; --a) {
    if (strides[a] == 1) return a;
  }
  return -1;
}

template <typename T>
void copy_elements(const StridedBox& given, const T* x, T* y, ThreadPool* pool) {
  StridedBox box = simplified(given);
  if (elements_of(box) == 0) return;
  if (box.rank == 0) box.push(1, 1, 1);
  const int row_axis = find_unit_stride(box, box.to);
  const int column_axis = find_unit_stride(box, box.from);
  if (row_axis >= 0 && column_axis >= 0 && row_axis != column_axis) {
    constexpr int64_t kRows = 64;
    const Axis rows = axis_of(box, row_axis);
    const Axis columns = axis_of(box, column_axis);
    remove_axis(box, std::max(row_axis, column_axis));
    remove_axis(box, std::min(row_axis, column_axis));
    for_pieces(box, rows, kRows, std::min(rows.size, kRows) * columns.size, pool,
               [&](int64_t from, int64_t to, const Axis& part) { transpose_plane(x + from, y + to, part, columns); });
    return;
  }
  const int inner = row_axis >= 0 ? row_axis : box.rank - 1;
  const Axis steps = axis_of(box, inner);
  remove_axis(box, inner);
  for_pieces(box, steps, kElementsPerTask, std::min(steps.size, kElementsPerTask), pool,
             [&](int64_t from, int64_t to, const Axis& part) { copy_steps(x + from, y + to, part); });
}

}  // namespace

Strides strides_of(const Shape& shape) {
  Strides strides{};
  for (int a = shape.rank() - 1; a >= 0; --a) strides[a] = shape.product(a + 1, shape.rank());
  return strides;
}

void strided_copy(const StridedBox& box, const void* x, void* y, int64_t element_bytes, ThreadPool* pool) {
  if (element_bytes == 4) return copy_elements(box, static_cast<const uint32_t*>(x), static_cast<uint32_t*>(y), pool);
  copy_elements(box, static_cast<const uint8_t*>(x), static_cast<uint8_t*>(y), pool);
}

void strided_add(const StridedBox& given, const float* x, float* y, ThreadPool* pool) {
  if (elements_of(given) == 0) return;
  StridedBox box = given;
  while (box.rank < 2) box.push(1, 1, 1);
  const Axis first = axis_of(box, 0);
  const Axis run = axis_of(box, box.rank - 1);
  remove_axis(box, box.rank - 1);
  remove_axis(box, 0);
  const int64_t runs = elements_of(box);
  // Indices of the first axis add to different elements of y, unless its stride there is 0.
  const int64_t grain = first.to == 0 ? first.size : items_per_task(runs * run.size);
  for_ranges(pool, first.size, grain, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      Walker walker(box, 0);
      for (int64_t j = 0; j < runs; ++j, walker.next()) {
        add_steps(x + i * first.from + walker.from, y + i * first.to + walker.to, run);
      }
    }
  });
}

void fill(const Tensor& y, double value, ThreadPool* pool) {
  for_ranges(pool, y.elements(), kElementsPerTask, [&](int64_t begin, int64_t end, int) {
    switch (y.dtype) {
      case DType::kFloat32:
        return loops().fill(static_cast<float*>(y.data) + begin, static_cast<float>(value), end - begin);
      case DType::kInt32:
        return std::fill(static_cast<int32_t*>(y.data) + begin, static_cast<int32_t*>(y.data) + end,
                         static_cast<int32_t>(value));
      default:
        std::memset(static_cast<uint8_t*>(y.data) + begin, static_cast<int>(value), end - begin);
    }
  });
}

}  // namespace convolt
