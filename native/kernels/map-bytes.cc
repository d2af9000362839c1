// y = table[x], where the table has an entry for every byte.
#include "kernels/expect.h"
#include "kernels/ranges.h"
#include "loops/loops.h"

namespace convolt {
namespace {

class MapBytes final : public Kernel {
 public:
  explicit MapBytes(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("mapBytes", operands, 2, 1));
    CONVOLT_TRY(expect_dtype("mapBytes", "the input", operands.inputs[0], DType::kUint8));
    CONVOLT_TRY(expect_dtype("mapBytes", "the table", operands.inputs[1], DType::kUint8));
    CONVOLT_TRY(expect_shape("mapBytes", "the table", operands.inputs[1], {256}));
    CONVOLT_TRY(expect_dtype("mapBytes", "the output", operands.outputs[0], DType::kUint8));
    return expect_shape("mapBytes", "the output", operands.outputs[0], operands.inputs[0].shape);
  }

  Status run(const Operands& operands) const noexcept override {
    const auto *x = operands.in<uint8_t>(0), *table = operands.in<uint8_t>(1);
    auto* y = operands.out<uint8_t>(0);
    for_ranges(operands.pool, operands.inputs[0].elements(), kElementsPerTask,
               [&](int64_t begin, int64_t end, int) { loops().map_bytes(y + begin, x + begin, table, end - begin); });
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(mapBytes, MapBytes)

}  // namespace convolt
