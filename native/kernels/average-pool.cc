// y[n, i, j, c] = sum over u, v of x[n, i*s + u - p, j*s + v - p, c] / elements of the window, padding counted on
// request.
#include "kernels/average.h"

namespace convolt {
namespace {

class AveragePool final : public Kernel {
 public:
  explicit AveragePool(AttributeReader& read) : attributes_(read_window(read)), count_padding_(read.flag()) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_floats("averagePool", operands));
    return expect_pool("averagePool", attributes_, operands.inputs[0], operands.outputs[0]);
  }

  Status run(const Operands& operands) const noexcept override {
    WindowShape shape = attributes_;
    shape.set_sizes(operands.inputs[0].shape, operands.outputs[0].shape);
    average(operands, SlidingBins(shape.rows, count_padding_), SlidingBins(shape.columns, count_padding_));
    return Status::ok();
  }

 private:
  WindowShape attributes_;
  bool count_padding_;
};

}  // namespace

CONVOLT_KERNEL(averagePool, AveragePool)

}  // namespace convolt
