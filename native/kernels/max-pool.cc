// y[n, i, j, c] = max over u, v of x[n, i*s + u - p, j*s + v - p, c], and the place h*W + w of the first maximal
// element.
#include <tuple>

#include "kernels/expect.h"
#include "kernels/ranges.h"
#include "kernels/window-shape.h"
#include "loops/loops.h"

namespace convolt {
namespace {

class MaxPool final : public Kernel {
 public:
  explicit MaxPool(AttributeReader& read) : attributes_(read_window(read)) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("maxPool", operands, 1, 2));
    const auto& [y, indices] = std::tie(operands.outputs[0], operands.outputs[1]);
    CONVOLT_TRY(expect_dtype("maxPool", "the images", operands.inputs[0], DType::kFloat32));
    CONVOLT_TRY(expect_dtype("maxPool", "the output", y, DType::kFloat32));
    CONVOLT_TRY(expect_dtype("maxPool", "the indices", indices, DType::kInt32));
    CONVOLT_TRY(expect_shape("maxPool", "the indices", indices, y.shape));
    return expect_pool("maxPool", attributes_, operands.inputs[0], y);
  }

  Status run(const Operands& operands) const noexcept override {
    const Shape& y = operands.outputs[0].shape;
    WindowShape shape = attributes_;
    shape.set_sizes(operands.inputs[0].shape, y);
    const int64_t row = y[2] * y[3];
    for_ranges(operands.pool, y[0] * y[1], items_per_task(row), [&](int64_t begin, int64_t end, int) {
      for (int64_t line = begin; line < end; ++line) {
        run_line(shape.window(), y[3], operands.in<float>(0), line, operands.out<float>(0) + line * row,
                 operands.out<int32_t>(1) + line * row);
      }
    });
    return Status::ok();
  }

 private:
  // One row of outputs: line = image * rows of an output + row.
  static void run_line(const Window& window, int64_t channels, const float* x, int64_t line, float* y,
                       int32_t* indices) {
    const auto& [rows, columns] = window;
    const int64_t i = line % rows.positions;
    const float* image = x + line / rows.positions * rows.length * columns.length * channels;
    const Range down = rows.taps_inside(i);
    columns.for_each_run([&](Range positions, Range across) {
      const WindowRun run = {.positions = positions.size(),
                             .step = columns.step * channels,
                             .rows = down.size(),
                             .columns = across.size(),
                             .tap_row = columns.length * channels,
                             .tap_column = channels,
                             .channels = channels};
      const int64_t first =
          rows.element(i, down.begin) * columns.length + columns.element(positions.begin, across.begin);
      const int64_t at = positions.begin * channels;
      loops().max_windows(y + at, indices + at, image + first * channels, &run, static_cast<int32_t>(first),
                          static_cast<int32_t>(columns.step), static_cast<int32_t>(columns.length));
    });
  }

  WindowShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(maxPool, MaxPool)

}  // namespace convolt
