// gather: y[o, i, ...] = table[o, indices[i], ...].
// scatterAdd: y = 0, then y[o, indices[i], ...] += updates[o, i, ...].
#include <cstring>

#include "kernels/expect.h"
#include "kernels/ranges.h"
#include "loops/loops.h"

namespace convolt {
namespace {

// `shape` with the axis replaced by the axes of `indices`.
Shape picked_shape(const Shape& shape, int axis, const Shape& indices) {
  std::array<int64_t, 2 * kMaxRank> sizes{};
  int rank = 0;
  for (int a = 0; a < axis; ++a) sizes[rank++] = shape[a];
  for (int a = 0; a < indices.rank(); ++a) sizes[rank++] = indices[a];
  for (int a = axis + 1; a < shape.rank(); ++a) sizes[rank++] = shape[a];
  return Shape(std::span<const int64_t>(sizes.data(), std::min(rank, kMaxRank)));
}

class Gather final : public Kernel {
 public:
  explicit Gather(AttributeReader& read) : axis_(static_cast<int>(read.integer())) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("gather", operands, 2, 1));
    const Tensor& table = operands.inputs[0];
    CONVOLT_TRY(expect_axis("gather", axis_, table.shape));
    CONVOLT_TRY(expect_dtype("gather", "the indices", operands.inputs[1], DType::kInt32));
    CONVOLT_TRY(expect_dtype("gather", "the output", operands.outputs[0], table.dtype));
    return expect_shape("gather", "the output", operands.outputs[0],
                        picked_shape(table.shape, axis_, operands.inputs[1].shape));
  }

  Status run(const Operands& operands) const noexcept override {
    const Tensor& table = operands.inputs[0];
    const AxisView view(table.shape, axis_);
    const int64_t count = operands.inputs[1].elements();
    const auto* indices = operands.in<int32_t>(1);
    CONVOLT_TRY(expect_indices("gather", indices, count, view.length));
    const int64_t row_bytes = view.inner * bytes_per_element(table.dtype);
    const auto* from = operands.in<std::byte>(0);
    auto* to = operands.out<std::byte>(0);
    for_ranges(operands.pool, view.outer * count, items_per_task(row_bytes / 4), [&](int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; ++row) {
        const int64_t source = row / count * view.length + indices[row % count];
        copy_row(to + row * row_bytes, from + source * row_bytes, row_bytes);
      }
    });
    return Status::ok();
  }

 private:
  static void copy_row(std::byte* to, const std::byte* from, int64_t bytes) {
    if (bytes == 4) {
      std::memcpy(to, from, 4);  // a single number: a constant size, no call
    } else if (bytes > 0) {
      std::memcpy(to, from, bytes);
    }
  }

  int axis_;
};

class ScatterAdd final : public Kernel {
 public:
  explicit ScatterAdd(AttributeReader& read) : axis_(static_cast<int>(read.integer())) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("scatterAdd", operands, 2, 1));
    const Tensor& y = operands.outputs[0];
    CONVOLT_TRY(expect_axis("scatterAdd", axis_, y.shape));
    CONVOLT_TRY(expect_dtype("scatterAdd", "the indices", operands.inputs[0], DType::kInt32));
    CONVOLT_TRY(expect_dtype("scatterAdd", "the updates", operands.inputs[1], DType::kFloat32));
    CONVOLT_TRY(expect_dtype("scatterAdd", "the output", y, DType::kFloat32));
    return expect_shape("scatterAdd", "the updates", operands.inputs[1],
                        picked_shape(y.shape, axis_, operands.inputs[0].shape));
  }

  // A task owns some columns of y, so that every sum is taken by one thread in the order of the indices.
  Status run(const Operands& operands) const noexcept override {
    constexpr int64_t kColumns = 32;
    const AxisView view(operands.outputs[0].shape, axis_);
    const int64_t count = operands.inputs[0].elements();
    const auto* indices = operands.in<int32_t>(0);
    CONVOLT_TRY(expect_indices("scatterAdd", indices, count, view.length));
    const int64_t blocks = (view.inner + kColumns - 1) / kColumns;
    const int64_t cost = (count + view.length) * std::min(view.inner, kColumns);
    for_ranges(operands.pool, view.outer * blocks, items_per_task(cost), [&](int64_t begin, int64_t end, int) {
      for (int64_t unit = begin; unit < end; ++unit) {
        const int64_t outer = unit / blocks;
        const int64_t column = unit % blocks * kColumns;
        const int64_t columns = std::min(kColumns, view.inner - column);
        const float* updates = operands.in<float>(1) + outer * count * view.inner + column;
        float* y = operands.out<float>(0) + outer * view.length * view.inner + column;
        for (int64_t i = 0; i < view.length; ++i) std::fill_n(y + i * view.inner, columns, 0.0f);
        for (int64_t i = 0; i < count; ++i) add_row(y + indices[i] * view.inner, updates + i * view.inner, columns);
      }
    });
    return Status::ok();
  }

 private:
  static void add_row(float* y, const float* x, int64_t n) {
    if (n == 1) {
      *y += *x;
    } else {
      loops().add_to(y, x, n);
    }
  }

  int axis_;
};

}  // namespace

CONVOLT_KERNEL(gather, Gather)
CONVOLT_KERNEL(scatterAdd, ScatterAdd)

}  // namespace convolt
