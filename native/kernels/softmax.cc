// softmax: y = e^(x - m) / sum(e^(x - m)); logSoftmax: y = x - m - log(sum(e^(x - m))); m = max of the last axis.
#include "kernels/expect.h"
#include "kernels/ranges.h"
#include "loops/loops.h"

namespace convolt {
namespace {

struct Softmax {
  static constexpr const char* kName = "softmax";
  static constexpr auto kRows = &Loops::softmax_rows;
};

struct LogSoftmax {
  static constexpr const char* kName = "logSoftmax";
  static constexpr auto kRows = &Loops::log_softmax_rows;
};

template <typename Op>
class Rows final : public Kernel {
 public:
  explicit Rows(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts(Op::kName, operands, 1, 1));
    const Tensor& x = operands.inputs[0];
    CONVOLT_TRY(expect_dtype(Op::kName, "the input", x, DType::kFloat32));
    CONVOLT_TRY(expect_dtype(Op::kName, "the output", operands.outputs[0], DType::kFloat32));
    CONVOLT_TRY(expect_axis(Op::kName, x.shape.rank() - 1, x.shape));
    return expect_shape(Op::kName, "the output", operands.outputs[0], x.shape);
  }

  Status run(const Operands& operands) const noexcept override {
    const Tensor& x = operands.inputs[0];
    if (x.elements() == 0) return Status::ok();
    const int64_t n = x.shape.last();
    for_ranges(operands.pool, x.elements() / n, items_per_task(4 * n), [&](int64_t begin, int64_t end, int) {
      (loops().*Op::kRows)(operands.out<float>(0) + begin * n, operands.in<float>(0) + begin * n, end - begin, n);
    });
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(softmax, Rows<Softmax>)
CONVOLT_KERNEL(logSoftmax, Rows<LogSoftmax>)

}  // namespace convolt
