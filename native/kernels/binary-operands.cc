// Checks what all products of bits have in common.
#include "kernels/binary-operands.h"

#include <algorithm>

#include "kernels/expect.h"

namespace convolt {

BinaryResult read_binary_result(AttributeReader& read) {
  return static_cast<BinaryResult>(std::clamp<int64_t>(read.integer(), 0, 2));
}

Status expect_binary(const char* op, const Operands& operands, BinaryResult result, int64_t channels, int64_t filters) {
  CONVOLT_TRY(expect_counts(op, operands, result == BinaryResult::kSums ? 2 : 4, 1));
  const Tensor& y = operands.outputs[0];
  for (const Tensor* bits : {&operands.inputs[0], &operands.inputs[1]}) {
    CONVOLT_TRY(expect_dtype(op, "the bits", *bits, DType::kUint8));
    if (bits->shape.rank() > 0 && channels > 0 && bits->shape.last() == ceil_div(channels, 8)) continue;
    return {Code::kShape, std::string(op) + ": expected the bits to be of " + std::to_string(channels) +
                              " channels but got " + bits->shape.to_string()};
  }
  const bool scales = result == BinaryResult::kScaled;
  if (result != BinaryResult::kSums) {
    const Tensor &first = operands.inputs[2], &second = operands.inputs[3];
    CONVOLT_TRY(expect_dtype(op, "the first vector", first, scales ? DType::kFloat32 : DType::kInt32));
    if (scales) CONVOLT_TRY(expect_dtype(op, "the second vector", second, DType::kFloat32));
    if (second.dtype != DType::kBool && !scales)
      CONVOLT_TRY(expect_dtype(op, "the second vector", second, DType::kUint8));
    CONVOLT_TRY(expect_shape(op, "the first vector", first, {filters}));
    CONVOLT_TRY(expect_shape(op, "the second vector", second, {filters}));
  }
  constexpr DType kResults[] = {DType::kInt32, DType::kFloat32, DType::kUint8};
  return expect_dtype(op, "the output", y, kResults[static_cast<int>(result)]);
}

BinaryOutput binary_output(const Operands& operands, BinaryResult result) {
  BinaryOutput output;
  output.result = result;
  output.y = operands.out<void>(0);
  if (result == BinaryResult::kScaled) {
    output.scale = operands.in<float>(2);
    output.offset = operands.in<float>(3);
  } else if (result == BinaryResult::kBits) {
    output.threshold = operands.in<int32_t>(2);
    output.flip = operands.in<uint8_t>(3);
  }
  return output;
}

}  // namespace convolt
