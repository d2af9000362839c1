// values[r, i] = the i-th largest of x[r], at indices[r, i]; of equal ones the first comes first, NaN is largest.
#include <algorithm>
#include <numeric>

#include "kernels/expect.h"
#include "kernels/ranges.h"

namespace convolt {
namespace {

class TopK final : public Kernel {
 public:
  explicit TopK(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("topK", operands, 1, 2));
    const Tensor& x = operands.inputs[0];
    CONVOLT_TRY(expect_dtype("topK", "the input", x, DType::kFloat32));
    CONVOLT_TRY(expect_dtype("topK", "the values", operands.outputs[0], DType::kFloat32));
    CONVOLT_TRY(expect_dtype("topK", "the indices", operands.outputs[1], DType::kInt32));
    CONVOLT_TRY(expect_axis("topK", x.shape.rank() - 1, x.shape));
    CONVOLT_TRY(expect_rank("topK", "the values", operands.outputs[0], x.shape.rank()));
    Shape shape = x.shape;
    shape[shape.rank() - 1] = std::min(operands.outputs[0].shape.last(), x.shape.last());
    CONVOLT_TRY(expect_shape("topK", "the values", operands.outputs[0], shape));
    return expect_shape("topK", "the indices", operands.outputs[1], shape);
  }

  // One row of positions per thread.
  int64_t workspace(const Operands& operands, int threads) const override {
    return threads * operands.inputs[0].shape.last() * static_cast<int64_t>(sizeof(int32_t));
  }

  Status run(const Operands& operands) const noexcept override {
    const Shape& shape = operands.inputs[0].shape;
    const int64_t width = shape.last();
    const int64_t k = operands.outputs[0].shape.last();
    const int64_t rows = shape.product(0, shape.rank() - 1);
    for_ranges(operands.pool, rows, items_per_task(8 * width), [&](int64_t begin, int64_t end, int thread) {
      int32_t* order = reinterpret_cast<int32_t*>(operands.workspace) + thread * width;
      for (int64_t row = begin; row < end; ++row) {
        const float* x = operands.in<float>(0) + row * width;
        std::iota(order, order + width, 0);
        std::partial_sort(order, order + k, order + width,
                          [x](int32_t a, int32_t b) { return comes_before(x[a], x[b], a, b); });
        for (int64_t i = 0; i < k; ++i) {
          operands.out<float>(0)[row * k + i] = x[order[i]];
          operands.out<int32_t>(1)[row * k + i] = order[i];
        }
      }
    });
    return Status::ok();
  }

 private:
  static bool comes_before(float x, float y, int32_t at_x, int32_t at_y) {
    const bool x_is_nan = x != x;
    const bool y_is_nan = y != y;
    if (x_is_nan != y_is_nan) return x_is_nan;
    if (x_is_nan || x == y) return at_x < at_y;
    return x > y;
  }
};

}  // namespace

CONVOLT_KERNEL(topK, TopK)

}  // namespace convolt
