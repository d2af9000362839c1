// columns[n, i, j, (u, v, c)] = x[n, i*s + u*d - p, j*s + v*d - p, c], or 0 in the padding.
#include "gemm/im2row.h"
#include "kernels/columns-shape.h"
#include "kernels/ranges.h"

namespace convolt {
namespace {

class Im2col final : public Kernel {
 public:
  explicit Im2col(AttributeReader& read) : attributes_(read_columns(read)) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("im2col", operands, 1, 1));
    return expect_columns("im2col", attributes_, operands.inputs[0], operands.outputs[0]);
  }

  Status run(const Operands& operands) const noexcept override {
    const Shape& columns = operands.outputs[0].shape;
    const int64_t channels = operands.inputs[0].shape.last();
    WindowShape shape = attributes_;
    shape.set_sizes(operands.inputs[0].shape, columns);
    for_ranges(operands.pool, columns.product(0, 3), items_per_task(columns.last()),
               [&](int64_t begin, int64_t end, int) {
                 im2row({operands.in<float>(0), channels, channels}, shape.window(), {begin, end},
                        operands.out<float>(0) + begin * columns.last());
               });
    return Status::ok();
  }

 private:
  WindowShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(im2col, Im2col)

}  // namespace convolt
