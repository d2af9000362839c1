// Signs as bits: bit c % 8 of y[..., c / 8] = x[..., c] >= 0, and back.
#include "gemm/cut.h"
#include "kernels/expect.h"
#include "kernels/ranges.h"
#include "loops/loops.h"

namespace convolt {
namespace {

// Checks that `bits` holds the signs of `floats`.
Status expect_signs(const char* op, const Tensor& bits, const Tensor& floats) {
  CONVOLT_TRY(expect_dtype(op, "the bits", bits, DType::kUint8));
  CONVOLT_TRY(expect_dtype(op, "the floats", floats, DType::kFloat32));
  Shape expected = floats.shape;
  const int rank = expected.rank();
  if (rank > 0) expected[rank - 1] = ceil_div(expected.last(), 8);
  if (rank == 0 || expected.last() == 0) {
    return {Code::kShape, std::string(op) + ": expected the floats to be [..., C] but got " + floats.shape.to_string()};
  }
  return expect_shape(op, "the bits", bits, expected);
}

template <typename Body>
void for_rows(const Operands& operands, const Tensor& floats, const Body& body) {
  const int64_t channels = floats.shape.last();
  for_ranges(operands.pool, floats.elements() / channels, items_per_task(channels),
             [&](int64_t begin, int64_t end, int) { body(begin, end - begin, channels); });
}

class PackBits final : public Kernel {
 public:
  explicit PackBits(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("packBits", operands, 1, 1));
    return expect_signs("packBits", operands.outputs[0], operands.inputs[0]);
  }

  Status run(const Operands& operands) const noexcept override {
    for_rows(operands, operands.inputs[0], [&](int64_t begin, int64_t rows, int64_t channels) {
      loops().pack_bits(operands.out<uint8_t>(0) + begin * ceil_div(channels, 8),
                        operands.in<float>(0) + begin * channels, rows, channels);
    });
    return Status::ok();
  }
};

class UnpackBits final : public Kernel {
 public:
  explicit UnpackBits(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("unpackBits", operands, 1, 1));
    return expect_signs("unpackBits", operands.inputs[0], operands.outputs[0]);
  }

  Status run(const Operands& operands) const noexcept override {
    for_rows(operands, operands.outputs[0], [&](int64_t begin, int64_t rows, int64_t channels) {
      loops().unpack_bits(operands.out<float>(0) + begin * channels,
                          operands.in<uint8_t>(0) + begin * ceil_div(channels, 8), rows, channels);
    });
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(packBits, PackBits)
CONVOLT_KERNEL(unpackBits, UnpackBits)

}  // namespace convolt
