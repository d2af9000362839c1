// dot[..., n] = sum over c of x[..., c] * w[n, c] of bits that stand for +1 and -1.
#include <limits>

#include "kernels/binary-kernel.h"
#include "kernels/expect.h"

namespace convolt {
namespace {

constexpr const char* kName = "binaryMatmul";

class BinaryMatmul final : public BinaryKernel {
 public:
  explicit BinaryMatmul(AttributeReader& read) : channels_(read.integer()), result_(read_binary_result(read)) {}

  Status check(const Operands& operands) const override {
    if (operands.inputs.size() < 2 || operands.outputs.size() != 1) return expect_counts(kName, operands, 2, 1);
    const Tensor &x = operands.inputs[0], &w = operands.inputs[1];
    CONVOLT_TRY(expect_rank(kName, "the weights", w, 2));
    const int64_t filters = w.shape[0];
    CONVOLT_TRY(expect_binary(kName, operands, result_, channels_, filters));
    constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
    if (filters < 1 || channels_ > kMost / 8 || x.shape.product(0, x.shape.rank() - 1) > kMost) {
      return {Code::kShape, std::string(kName) + ": expected the operands to have fewer rows and channels but got " +
                                x.shape.to_string() + " and " + w.shape.to_string()};
    }
    Shape expected = x.shape;
    expected[expected.rank() - 1] = result_ == BinaryResult::kBits ? ceil_div(filters, 8) : filters;
    return expect_shape(kName, "the output", operands.outputs[0], expected);
  }

 private:
  // Every row is a pixel of one line.
  BinaryProduct product_of(const Operands& operands) const override {
    const Shape& shape = operands.inputs[0].shape;
    const int64_t rows = shape.product(0, shape.rank() - 1);
    return {.window = {.rows = {1, 1, 1, 1, 1, 0}, .columns = {rows, rows, 1, 1, 1, 0}},
            .images = 1,
            .channels = channels_,
            .filters = operands.inputs[1].shape[0],
            .padding = -1,
            .x = operands.in<uint8_t>(0),
            .w = operands.in<uint8_t>(1),
            .output = binary_output(operands, result_),
            .prepared = operands.prepared};
  }

  int64_t channels_;
  BinaryResult result_;
};

}  // namespace

CONVOLT_KERNEL(binaryMatmul, BinaryMatmul)

}  // namespace convolt
