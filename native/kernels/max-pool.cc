// y[n, i, j, c] = max over u, v of x[n, i*s + u - p, j*s + v - p, c], and the place h*W + w of the first maximal
// element.
#include <cstring>
#include <tuple>

#include "base/aligned.h"
#include "kernels/expect.h"
#include "kernels/window-line.h"
#include "kernels/window-shape.h"
#include "loops/loops.h"

namespace convolt {
namespace {

class MaxPool final : public Kernel {
 public:
  explicit MaxPool(AttributeReader& read) : attributes_(read_window(read)) {}

  Status check(const Operands& operands) const override {
    if (is_of_bytes(operands)) {
      CONVOLT_TRY(expect_counts("maxPool", operands, 1, 1));
      CONVOLT_TRY(expect_dtype("maxPool", "the output", operands.outputs[0], DType::kUint8));
      return expect_pool("maxPool", attributes_, operands.inputs[0], operands.outputs[0]);
    }
    CONVOLT_TRY(expect_counts("maxPool", operands, 1, 2));
    const auto& [y, indices] = std::tie(operands.outputs[0], operands.outputs[1]);
    CONVOLT_TRY(expect_dtype("maxPool", "the images", operands.inputs[0], DType::kFloat32));
    CONVOLT_TRY(expect_dtype("maxPool", "the output", y, DType::kFloat32));
    CONVOLT_TRY(expect_dtype("maxPool", "the indices", indices, DType::kInt32));
    if (indices.elements() > 0) CONVOLT_TRY(expect_shape("maxPool", "the indices", indices, y.shape));
    return expect_pool("maxPool", attributes_, operands.inputs[0], y);
  }

  int64_t workspace(const Operands& operands, int threads) const override {
    return is_of_bytes(operands) ? threads * line_bytes(operands.inputs[0]) : 0;
  }

  Status run(const Operands& operands) const noexcept override {
    const Tensor& y = operands.outputs[0];
    const int64_t channels = y.shape[3], y_row = y.shape[2] * channels;
    WindowShape shape = attributes_;
    shape.set_sizes(operands.inputs[0].shape, y.shape);
    const Window window = shape.window();
    if (is_of_bytes(operands)) return run_bytes(operands, window);
    int32_t* index = operands.outputs[1].elements() > 0 ? operands.out<int32_t>(1) : nullptr;
    for_window_lines(operands.pool, window, y.shape[0], channels, [&](const WindowLine& line) {
      const int64_t to = (line.image * window.rows.positions + line.i) * y_row;
      const int64_t place = (line.top - line.image * window.rows.length) * window.columns.length;
      loops().max_windows(operands.out<float>(0) + to, index ? index + to : nullptr,
                          operands.in<float>(0) + line.top * line.row.image_row, &line.row, place,
                          y.bytes() >= kBeyondCaches);
    });
    return Status::ok();
  }

 private:
  static bool is_of_bytes(const Operands& operands) {
    return !operands.inputs.empty() && operands.inputs[0].dtype == DType::kUint8;
  }

  static int64_t line_bytes(const Tensor& x) { return aligned(x.shape[2] * x.shape[3]); }

  // The maxima of the rows of a window make one line, in which the columns are compared. No byte is below 0.
  static Status run_bytes(const Operands& operands, const Window& window) {
    const Tensor &x = operands.inputs[0], &y = operands.outputs[0];
    const int64_t channels = y.shape[3], row = window.columns.length * channels;
    const auto run_line = [&](int64_t line, uint8_t* highest) {
      const int64_t image = line / window.rows.positions, i = line % window.rows.positions;
      const Range down = window.rows.taps_inside(i);
      const auto* top = operands.in<uint8_t>(0) + (image * window.rows.length + window.rows.element(i, 0)) * row;
      std::memcpy(highest, top + down.begin * row, row);
      for (int64_t u = down.begin + 1; u < down.end; ++u) loops().largest_bytes(highest, top + u * row, row);
      auto* to = operands.out<uint8_t>(0) + line * window.columns.positions * channels;
      for (int64_t j = 0; j < window.columns.positions; ++j, to += channels) {
        const Range across = window.columns.taps_inside(j);
        std::memcpy(to, highest + window.columns.element(j, across.begin) * channels, channels);
        for (int64_t v = across.begin + 1; v < across.end; ++v) {
          loops().largest_bytes(to, highest + window.columns.element(j, v) * channels, channels);
        }
      }
    };
    for_ranges(operands.pool, y.shape[0] * y.shape[1], items_per_task(row),
               [&](int64_t begin, int64_t end, int thread) {
                 auto* highest = reinterpret_cast<uint8_t*>(operands.workspace + thread * line_bytes(x));
                 for (int64_t line = begin; line < end; ++line) run_line(line, highest);
               });
    return Status::ok();
  }

  WindowShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(maxPool, MaxPool)

}  // namespace convolt
