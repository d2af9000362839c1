// y[n, i, j, b] = m[b] ^ (or over u, v inside the image of m[b] ^ x[n, i*s + u - p, j*s + v - p, b]): the largest of
// signs held as bits, the least where the mask is set.
#include "kernels/expect.h"
#include "kernels/window-line.h"
#include "kernels/window-shape.h"

namespace convolt {
namespace {

class MaxPoolBits final : public Kernel {
 public:
  explicit MaxPoolBits(AttributeReader& read) : attributes_(read_window(read)) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("maxPoolBits", operands, 2, 1));
    const Tensor &x = operands.inputs[0], &mask = operands.inputs[1], &y = operands.outputs[0];
    CONVOLT_TRY(expect_dtype("maxPoolBits", "the input", x, DType::kUint8));
    CONVOLT_TRY(expect_dtype("maxPoolBits", "the mask", mask, DType::kUint8));
    CONVOLT_TRY(expect_dtype("maxPoolBits", "the output", y, DType::kUint8));
    CONVOLT_TRY(expect_pool("maxPoolBits", attributes_, x, y));
    const int64_t bytes = x.shape[3];
    return expect_shape("maxPoolBits", "the mask", mask, Shape(std::span(&bytes, 1)));
  }

  Status run(const Operands& operands) const noexcept override {
    const Tensor& y = operands.outputs[0];
    const int64_t bytes = y.shape[3], y_row = y.shape[2] * bytes;
    WindowShape shape = attributes_;
    shape.set_sizes(operands.inputs[0].shape, y.shape);
    const Window window = shape.window();
    const uint8_t *x = operands.in<uint8_t>(0), *mask = operands.in<uint8_t>(1);
    for_window_lines(operands.pool, window, y.shape[0], bytes, [&](const WindowLine& line) {
      uint8_t* to = operands.out<uint8_t>(0) + (line.image * window.rows.positions + line.i) * y_row;
      const uint8_t* from = x + line.top * line.row.image_row;
      for (int64_t j = 0; j < window.columns.positions; ++j) pool(line, window.columns, j, from, mask, to + j * bytes);
    });
    return Status::ok();
  }

 private:
  static void pool(const WindowLine& line, const WindowAxis& columns, int64_t j, const uint8_t* from,
                   const uint8_t* mask, uint8_t* __restrict to) {
    const int64_t bytes = line.row.channels;
    const Range across = columns.taps_inside(j);
    for (int64_t b = 0; b < bytes; ++b) to[b] = 0;
    for (int64_t u = 0; u < line.row.rows; ++u) {
      for (int64_t v = across.begin; v < across.end; ++v) {
        const uint8_t* pixel = from + u * line.row.tap_row + columns.element(j, v) * bytes;
        for (int64_t b = 0; b < bytes; ++b) to[b] |= pixel[b] ^ mask[b];
      }
    }
    for (int64_t b = 0; b < bytes; ++b) to[b] ^= mask[b];
  }

  WindowShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(maxPoolBits, MaxPoolBits)

}  // namespace convolt
