// y[n, i, j, c] = mean of x[n, h, w, c] over floor(iH/h') <= h < ceil((i+1)H/h') and likewise w, for h' x w' outputs.
#include "kernels/average.h"

namespace convolt {
namespace {

class AdaptiveAveragePool final : public Kernel {
 public:
  explicit AdaptiveAveragePool(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_floats("adaptiveAveragePool", operands));
    const Shape& x = operands.inputs[0].shape;
    const Shape& y = operands.outputs[0].shape;
    return expect_shape("adaptiveAveragePool", "the output", operands.outputs[0], {x[0], y[1], y[2], x[3]});
  }

  Status run(const Operands& operands) const noexcept override {
    const Shape& x = operands.inputs[0].shape;
    const Shape& y = operands.outputs[0].shape;
    average(operands, AdaptiveBins{x[1], y[1]}, AdaptiveBins{x[2], y[2]});
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(adaptiveAveragePool, AdaptiveAveragePool)

}  // namespace convolt
