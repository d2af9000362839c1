// y = the inputs side by side along one axis.
#include "kernels/expect.h"
#include "kernels/strided-copy.h"

namespace convolt {
namespace {

class Concat final : public Kernel {
 public:
  explicit Concat(AttributeReader& read) : axis_(static_cast<int>(read.integer())) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("concat", operands, operands.inputs.size(), 1));
    const Tensor& y = operands.outputs[0];
    CONVOLT_TRY(expect_axis("concat", axis_, y.shape));
    int64_t length = 0;
    for (const Tensor& x : operands.inputs) {
      CONVOLT_TRY(expect_dtype("concat", "every input", x, y.dtype));
      CONVOLT_TRY(expect_rank("concat", "every input", x, y.shape.rank()));
      Shape shape = y.shape;
      shape[axis_] = x.shape[axis_];
      CONVOLT_TRY(expect_shape("concat", "every input", x, shape));
      length += x.shape[axis_];
    }
    if (length == y.shape[axis_]) return Status::ok();
    return {Code::kShape, "concat: expected the output to have " + std::to_string(length) + " entries on axis " +
                              std::to_string(axis_) + " but got " + y.shape.to_string()};
  }

  Status run(const Operands& operands) const noexcept override {
    const Tensor& y = operands.outputs[0];
    const Strides to = strides_of(y.shape);
    const int64_t element_bytes = bytes_per_element(y.dtype);
    std::byte* place = operands.out<std::byte>(0);
    for (const Tensor& x : operands.inputs) {
      const Strides from = strides_of(x.shape);
      StridedBox box;
      for (int a = 0; a < x.shape.rank(); ++a) box.push(x.shape[a], from[a], to[a]);
      strided_copy(box, x.data, place, element_bytes, operands.pool);
      place += x.shape[axis_] * to[axis_] * element_bytes;
    }
    return Status::ok();
  }

 private:
  int axis_;
};

}  // namespace

CONVOLT_KERNEL(concat, Concat)

}  // namespace convolt
