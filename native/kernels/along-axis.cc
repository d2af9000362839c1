// takeAlongAxis: y[r, k] = x[r, indices[r, k]]; putAlongAxis: y = 0, then y[r, indices[r, k]] += updates[r, k].
#include <cstring>

#include "kernels/expect.h"
#include "kernels/ranges.h"

namespace convolt {
namespace {

// `tensor` has the rows of `indices`: their shapes differ at most on the last axis.
Status expect_rows(const char* kernel, const Tensor& indices, const Tensor& tensor) {
  CONVOLT_TRY(expect_dtype(kernel, "the indices", indices, DType::kInt32));
  CONVOLT_TRY(expect_axis(kernel, indices.shape.rank() - 1, indices.shape));
  CONVOLT_TRY(expect_rank(kernel, "the tensor", tensor, indices.shape.rank()));
  Shape shape = indices.shape;
  shape[shape.rank() - 1] = tensor.shape.last();
  return expect_shape(kernel, "the tensor", tensor, shape);
}

class TakeAlongAxis final : public Kernel {
 public:
  explicit TakeAlongAxis(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("takeAlongAxis", operands, 2, 1));
    CONVOLT_TRY(expect_rows("takeAlongAxis", operands.inputs[1], operands.inputs[0]));
    CONVOLT_TRY(expect_dtype("takeAlongAxis", "the output", operands.outputs[0], operands.inputs[0].dtype));
    return expect_shape("takeAlongAxis", "the output", operands.outputs[0], operands.inputs[1].shape);
  }

  Status run(const Operands& operands) const noexcept override {
    if (bytes_per_element(operands.inputs[0].dtype) == 4) return take<uint32_t>(operands);
    return take<uint8_t>(operands);
  }

 private:
  template <typename T>
  static Status take(const Operands& operands) {
    const auto* indices = operands.in<int32_t>(1);
    const int64_t picks = operands.outputs[0].elements();
    const int64_t per_row = operands.outputs[0].shape.last();
    const int64_t width = operands.inputs[0].shape.last();
    CONVOLT_TRY(expect_indices("takeAlongAxis", indices, picks, width));
    if (picks == 0) return Status::ok();
    for_ranges(operands.pool, picks / per_row, items_per_task(per_row), [&](int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; ++row) {
        const T* x = operands.in<T>(0) + row * width;
        T* y = operands.out<T>(0) + row * per_row;
        for (int64_t k = 0; k < per_row; ++k) y[k] = x[indices[row * per_row + k]];
      }
    });
    return Status::ok();
  }
};

class PutAlongAxis final : public Kernel {
 public:
  explicit PutAlongAxis(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("putAlongAxis", operands, 2, 1));
    CONVOLT_TRY(expect_rows("putAlongAxis", operands.inputs[0], operands.outputs[0]));
    CONVOLT_TRY(expect_dtype("putAlongAxis", "the updates", operands.inputs[1], DType::kFloat32));
    CONVOLT_TRY(expect_dtype("putAlongAxis", "the output", operands.outputs[0], DType::kFloat32));
    return expect_shape("putAlongAxis", "the updates", operands.inputs[1], operands.inputs[0].shape);
  }

  Status run(const Operands& operands) const noexcept override {
    const Shape& shape = operands.outputs[0].shape;
    const int64_t width = shape.last();
    const int64_t rows = shape.product(0, shape.rank() - 1);
    const int64_t per_row = operands.inputs[0].shape.last();
    const auto* indices = operands.in<int32_t>(0);
    const auto* updates = operands.in<float>(1);
    CONVOLT_TRY(expect_indices("putAlongAxis", indices, rows * per_row, width));
    for_ranges(operands.pool, rows, items_per_task(width + per_row), [&](int64_t begin, int64_t end, int) {
      auto* y = operands.out<float>(0);
      std::memset(y + begin * width, 0, (end - begin) * width * sizeof(float));
      for (int64_t row = begin; row < end; ++row) {
        for (int64_t i = row * per_row; i < (row + 1) * per_row; ++i) y[row * width + indices[i]] += updates[i];
      }
    });
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(takeAlongAxis, TakeAlongAxis)
CONVOLT_KERNEL(putAlongAxis, PutAlongAxis)

}  // namespace convolt
