// t = float(a - input_zero) * input_scale + float(b - add_zero) * add_scale; y = clamp(round(t) + zero, low, high).
#include "kernels/expect.h"
#include "kernels/quantized-result.h"
#include "kernels/ranges.h"
#include "loops/loops.h"

namespace convolt {
namespace {

class QuantizedAdd final : public Kernel {
 public:
  explicit QuantizedAdd(AttributeReader& read)
      : input_scale_(static_cast<float>(read.number())),
        input_zero_(read.integer()),
        add_scale_(read.number()),
        add_zero_(read.integer()),
        range_(read) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("quantizedAdd", operands, 2, 1));
    for (const Tensor& tensor : {operands.inputs[0], operands.inputs[1], operands.outputs[0]}) {
      CONVOLT_TRY(expect_dtype("quantizedAdd", "every operand", tensor, DType::kUint8));
      CONVOLT_TRY(expect_shape("quantizedAdd", "every operand", tensor, operands.inputs[0].shape));
    }
    return Status::ok();
  }

  Status run(const Operands& operands) const noexcept override {
    const auto *a = operands.in<uint8_t>(0), *b = operands.in<uint8_t>(1);
    auto* y = operands.out<uint8_t>(0);
    const Int8Result result = range_.result(true, add_zero_, add_scale_);
    for_ranges(operands.pool, operands.inputs[0].elements(), kElementsPerTask, [&](int64_t begin, int64_t end, int) {
      loops().sum_bytes(y + begin, a + begin, b + begin, input_scale_, static_cast<int32_t>(input_zero_), result,
                        end - begin);
    });
    return Status::ok();
  }

 private:
  float input_scale_;
  int64_t input_zero_;
  double add_scale_;
  int64_t add_zero_;
  QuantizedRange range_;
};

}  // namespace

CONVOLT_KERNEL(quantizedAdd, QuantizedAdd)

}  // namespace convolt
