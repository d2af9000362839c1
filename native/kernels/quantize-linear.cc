// Numbers as bytes, q = clamp(round(x / scale) + zero, 0, 255), and back, x = (q - zero) scale.
#include "kernels/expect.h"
#include "kernels/ranges.h"
#include "loops/loops.h"

namespace convolt {
namespace {

class Quantization : public Kernel {
 protected:
  explicit Quantization(AttributeReader& read)
      : scale_(static_cast<float>(read.number())), zero_(static_cast<int32_t>(read.integer())) {}

  static Status expect(const char* op, const Operands& operands, DType from, DType to) {
    CONVOLT_TRY(expect_counts(op, operands, 1, 1));
    CONVOLT_TRY(expect_dtype(op, "the input", operands.inputs[0], from));
    CONVOLT_TRY(expect_dtype(op, "the output", operands.outputs[0], to));
    return expect_shape(op, "the output", operands.outputs[0], operands.inputs[0].shape);
  }

  float scale_;
  int32_t zero_;
};

class QuantizeLinear final : public Quantization {
 public:
  explicit QuantizeLinear(AttributeReader& read) : Quantization(read) {}

  Status check(const Operands& operands) const override {
    return expect("quantizeLinear", operands, DType::kFloat32, DType::kUint8);
  }

  Status run(const Operands& operands) const noexcept override {
    const auto* x = operands.in<float>(0);
    auto* y = operands.out<uint8_t>(0);
    for_ranges(operands.pool, operands.inputs[0].elements(), kElementsPerTask, [&](int64_t begin, int64_t end, int) {
      loops().quantize_linear(y + begin, x + begin, scale_, zero_, end - begin);
    });
    return Status::ok();
  }
};

class DequantizeLinear final : public Quantization {
 public:
  explicit DequantizeLinear(AttributeReader& read) : Quantization(read) {}

  Status check(const Operands& operands) const override {
    return expect("dequantizeLinear", operands, DType::kUint8, DType::kFloat32);
  }

  Status run(const Operands& operands) const noexcept override {
    const auto* x = operands.in<uint8_t>(0);
    auto* y = operands.out<float>(0);
    for_ranges(operands.pool, operands.inputs[0].elements(), kElementsPerTask, [&](int64_t begin, int64_t end, int) {
      loops().dequantize_linear(y + begin, x + begin, scale_, zero_, end - begin);
    });
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(quantizeLinear, QuantizeLinear)
CONVOLT_KERNEL(dequantizeLinear, DequantizeLinear)

}  // namespace convolt
