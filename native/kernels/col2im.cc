// x[n, h, w, c] = sum over the i, j, u, v with i*s + u*d - p = h and j*s + v*d - p = w of columns[n, i, j, (u, v, c)].
#include "kernels/columns-shape.h"
#include "loops/loops.h"

namespace convolt {
namespace {

// Adds the columns of one image to its pixels.
void add_columns(const Window& window, int64_t channels, const float* column, float* image) {
  const auto& [rows, columns] = window;
  for (int64_t i = 0; i < rows.positions; ++i) {
    const Range down = rows.taps_inside(i);
    for (int64_t j = 0; j < columns.positions; ++j, column += window.taps() * channels) {
      const Range across = columns.taps_inside(j);
      for (int64_t u = down.begin; u < down.end; ++u) {
        for (int64_t v = across.begin; v < across.end; ++v) {
          loops().add_to(image + (rows.element(i, u) * columns.length + columns.element(j, v)) * channels,
                         column + (u * columns.taps + v) * channels, channels);
        }
      }
    }
  }
}

class Col2im final : public Kernel {
 public:
  explicit Col2im(AttributeReader& read) : attributes_(read_columns(read)) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("col2im", operands, 1, 1));
    return expect_columns("col2im", attributes_, operands.outputs[0], operands.inputs[0]);
  }

  Status run(const Operands& operands) const noexcept override {
    const Shape& images = operands.outputs[0].shape;
    const Shape& columns = operands.inputs[0].shape;
    WindowShape shape = attributes_;
    shape.set_sizes(images, columns);
    operands.pool->parallel_for(images[0], [&](int64_t n, int) {
      float* image = operands.out<float>(0) + n * images.product(1, 4);
      loops().fill(image, 0.0f, images.product(1, 4));
      add_columns(shape.window(), images[3], operands.in<float>(0) + n * columns.product(1, 4), image);
    });
    return Status::ok();
  }

 private:
  WindowShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(col2im, Col2im)

}  // namespace convolt
