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
    const AdaptiveBins rows = {x[1], y[1]}, columns = {x[2], y[2]};
    const int64_t channels = x[3], x_row = x[2] * channels;
    for_ranges(operands.pool, y[0] * y[1], items_per_task(x_row * x[1] / y[1]), [&](int64_t begin, int64_t end, int) {
      float* to = operands.out<float>(0) + begin * y[2] * channels;
      for (int64_t line = begin; line < end; ++line) {
        const Range down = rows.elements(line % y[1]);
        const float* from = operands.in<float>(0) + (line / y[1] * x[1] + down.begin) * x_row;
        for (int64_t j = 0; j < y[2]; ++j, to += channels) {
          const Range across = columns.elements(j);
          const WindowRow bin = {.positions = 1,
                                 .first = across.begin,
                                 .step = 1,
                                 .whole_begin = 0,
                                 .whole_end = 1,
                                 .pixels = x[2],
                                 .rows = down.size(),
                                 .columns = across.size(),
                                 .tap_step = 1,
                                 .tap_row = x_row,
                                 .channels = channels,
                                 .image_row = x_row,
                                 .ahead = 0,
                                 .rows_ahead = 0};
          loops().average_windows(to, from, &bin, down.size(), -1, false);
        }
      }
    });
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(adaptiveAveragePool, AdaptiveAveragePool)

}  // namespace convolt
