// y[n, i, j, c] = sum over u, v of x[n, i*s + u - p, j*s + v - p, c] / elements of the window, padding counted on
// request.
#include "kernels/average.h"
#include "kernels/window-line.h"

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
    const Tensor& y = operands.outputs[0];
    const int64_t channels = y.shape[3], y_row = y.shape[2] * channels;
    WindowShape shape = attributes_;
    shape.set_sizes(operands.inputs[0].shape, y.shape);
    const Window window = shape.window();
    const SlidingBins rows(shape.rows, count_padding_);
    const int64_t padding = count_padding_ ? shape.columns.after : -1;
    for_window_lines(operands.pool, window, y.shape[0], channels, [&](const WindowLine& line) {
      loops().average_windows(operands.out<float>(0) + (line.image * window.rows.positions + line.i) * y_row,
                              operands.in<float>(0) + line.top * line.row.image_row, &line.row, rows.count(line.i),
                              padding, y.bytes() >= kBeyondCaches);
    });
    return Status::ok();
  }

 private:
  WindowShape attributes_;
  bool count_padding_;
};

}  // namespace

CONVOLT_KERNEL(averagePool, AveragePool)

}  // namespace convolt
