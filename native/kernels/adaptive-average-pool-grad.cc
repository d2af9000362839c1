// gx[n, h, w, c] = sum over the bins that hold h and w of gy[n, i, j, c] / elements of the bin.
#include "kernels/average.h"

namespace convolt {
namespace {

class AdaptiveAveragePoolGrad final : public Kernel {
 public:
  explicit AdaptiveAveragePoolGrad(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_floats("adaptiveAveragePoolGrad", operands));
    const Shape& y = operands.inputs[0].shape;
    const Shape& x = operands.outputs[0].shape;
    return expect_shape("adaptiveAveragePoolGrad", "the output", operands.outputs[0], {y[0], x[1], x[2], y[3]});
  }

  Status run(const Operands& operands) const noexcept override {
    const Shape& y = operands.inputs[0].shape;
    const Shape& x = operands.outputs[0].shape;
    average_grad(operands, AdaptiveBins{x[1], y[1]}, AdaptiveBins{x[2], y[2]});
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(adaptiveAveragePoolGrad, AdaptiveAveragePoolGrad)

}  // namespace convolt
