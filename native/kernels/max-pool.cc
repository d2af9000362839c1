// y[n, i, j, c] = max over u, v of x[n, i*s + u - p, j*s + v - p, c], and the place h*W + w of the first maximal
// element.
#include <cstring>
#include <tuple>

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

  // No byte is below 0, with which every maximum begins.
  static Status run_bytes(const Operands& operands, const Window& window) {
    const Tensor& y = operands.outputs[0];
    const int64_t channels = y.shape[3], row = window.columns.length * channels;
    for_window_lines(operands.pool, window, y.shape[0], channels, [&](const WindowLine& line) {
      auto* to = operands.out<uint8_t>(0) +
                 (line.image * window.rows.positions + line.i) * window.columns.positions * channels;
      std::memset(to, 0, window.columns.positions * channels);
      for (int64_t u = 0; u < line.down.size(); ++u) {
        const uint8_t* from = operands.in<uint8_t>(0) + (line.top + u) * row;
        for (int64_t j = 0; j < window.columns.positions; ++j) {
          const Range across = window.columns.taps_inside(j);
          for (int64_t v = across.begin; v < across.end; ++v) {
            loops().largest_bytes(to + j * channels, from + window.columns.element(j, v) * channels, channels);
          }
        }
      }
    });
    return Status::ok();
  }

  WindowShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(maxPool, MaxPool)

}  // namespace convolt
