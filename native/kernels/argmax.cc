// y[o, j] = the first i at which x[o, i, j] is largest (argmax) or smallest (argmin); the first NaN wins.
#include "kernels/expect.h"
#include "kernels/ranges.h"

namespace convolt {
namespace {

struct Largest {
  static constexpr const char* kName = "argmax";
  static bool beats(float x, float best) { return x > best || (x != x && best == best); }
};

struct Smallest {
  static constexpr const char* kName = "argmin";
  static bool beats(float x, float best) { return x < best || (x != x && best == best); }
};

template <typename Order>
class ExtremePosition final : public Kernel {
 public:
  explicit ExtremePosition(AttributeReader& read) : axis_(static_cast<int>(read.integer())) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts(Order::kName, operands, 1, 1));
    const Shape& shape = operands.inputs[0].shape;
    CONVOLT_TRY(expect_dtype(Order::kName, "the input", operands.inputs[0], DType::kFloat32));
    CONVOLT_TRY(expect_dtype(Order::kName, "the output", operands.outputs[0], DType::kInt32));
    CONVOLT_TRY(expect_axis(Order::kName, axis_, shape));
    std::array<int64_t, kMaxRank> sizes{};
    int rank = 0;
    for (int a = 0; a < shape.rank(); ++a) {
      if (a != axis_) sizes[rank++] = shape[a];
    }
    return expect_shape(Order::kName, "the output", operands.outputs[0],
                        Shape(std::span<const int64_t>(sizes.data(), rank)));
  }

  Status run(const Operands& operands) const noexcept override {
    const AxisView view(operands.inputs[0].shape, axis_);
    for_ranges(operands.pool, view.outer * view.inner, items_per_task(view.length),
               [&](int64_t begin, int64_t end, int) {
                 for (int64_t i = begin; i < end; ++i) {
                   const int64_t first = i / view.inner * view.length * view.inner + i % view.inner;
                   operands.out<int32_t>(0)[i] = position(operands.in<float>(0) + first, view.length, view.inner);
                 }
               });
    return Status::ok();
  }

 private:
  static int32_t position(const float* x, int64_t length, int64_t stride) {
    int64_t found = 0;
    for (int64_t i = 1; i < length; ++i) {
      if (Order::beats(x[i * stride], x[found * stride])) found = i;
    }
    return static_cast<int32_t>(found);
  }

  int axis_;
};

}  // namespace

CONVOLT_KERNEL(argmax, ExtremePosition<Largest>)
CONVOLT_KERNEL(argmin, ExtremePosition<Smallest>)

}  // namespace convolt
