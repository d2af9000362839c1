// x[n, h, w, c] = sum over the i, j, u, v with i*s + u*d - p = h and j*s + v*d - p = w of columns[n, i, j, (u, v, c)].
#include "gemm/row2im.h"
#include "kernels/columns-shape.h"
#include "loops/loops.h"

namespace convolt {
namespace {

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
      row2im({image, images[3], images[3]}, shape.window(), {0, columns.product(1, 3)},
             operands.in<float>(0) + n * columns.product(1, 4));
    });
    return Status::ok();
  }

 private:
  WindowShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(col2im, Col2im)

}  // namespace convolt
