// y[..., k] = 1 if indices[...] = k, else 0.
#include <cstring>

#include "kernels/expect.h"
#include "kernels/ranges.h"

namespace convolt {
namespace {

class OneHot final : public Kernel {
 public:
  explicit OneHot(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("oneHot", operands, 1, 1));
    const Tensor& indices = operands.inputs[0];
    const Tensor& y = operands.outputs[0];
    CONVOLT_TRY(expect_dtype("oneHot", "the indices", indices, DType::kInt32));
    CONVOLT_TRY(expect_dtype("oneHot", "the output", y, DType::kFloat32));
    CONVOLT_TRY(expect_rank("oneHot", "the output", y, indices.shape.rank() + 1));
    Shape rows = y.shape;
    for (int a = 0; a < indices.shape.rank(); ++a) rows[a] = indices.shape[a];
    return expect_shape("oneHot", "the output", y, rows);
  }

  Status run(const Operands& operands) const noexcept override {
    const int64_t depth = operands.outputs[0].shape.last();
    const int64_t count = operands.inputs[0].elements();
    const auto* indices = operands.in<int32_t>(0);
    CONVOLT_TRY(expect_indices("oneHot", indices, count, depth));
    for_ranges(operands.pool, count, items_per_task(depth), [&](int64_t begin, int64_t end, int) {
      auto* y = operands.out<float>(0);
      std::memset(y + begin * depth, 0, (end - begin) * depth * sizeof(float));
      for (int64_t i = begin; i < end; ++i) y[i * depth + indices[i]] = 1.0f;
    });
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(oneHot, OneHot)

}  // namespace convolt
