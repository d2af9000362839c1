// gx[n, h, w, c] = sum over the windows that hold h and w of gy[n, i, j, c] / elements of the window.
#include "kernels/average.h"

namespace convolt {
namespace {

class AveragePoolGrad final : public Kernel {
 public:
  explicit AveragePoolGrad(AttributeReader& read) : attributes_(read_window(read)), count_padding_(read.flag()) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_floats("averagePoolGrad", operands));
    return expect_pool("averagePoolGrad", attributes_, operands.outputs[0], operands.inputs[0]);
  }

  Status run(const Operands& operands) const noexcept override {
    WindowShape shape = attributes_;
    shape.set_sizes(operands.outputs[0].shape, operands.inputs[0].shape);
    average_grad(operands, SlidingBins(shape.rows, count_padding_), SlidingBins(shape.columns, count_padding_));
    return Status::ok();
  }

 private:
  WindowShape attributes_;
  bool count_padding_;
};

}  // namespace

CONVOLT_KERNEL(averagePoolGrad, AveragePoolGrad)

}  // namespace convolt
