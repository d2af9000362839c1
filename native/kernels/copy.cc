// y = x, bit by bit.
#include <cstring>

#include "kernels/kernel.h"

namespace convolt {
namespace {

class Copy final : public Kernel {
 public:
  explicit Copy(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("copy", operands, 1, 1));
    CONVOLT_TRY(expect_dtype("copy", "the output", operands.outputs[0], operands.inputs[0].dtype));
    if (operands.inputs[0].elements() == operands.outputs[0].elements()) return Status::ok();
    return {Code::kShape, "copy: expected the output to be as large as the input but got " +
                              operands.outputs[0].shape.to_string() + " for " + operands.inputs[0].shape.to_string()};
  }

  Status run(const Operands& operands) const noexcept override {
    const auto bytes = static_cast<size_t>(operands.outputs[0].bytes());
    if (bytes > 0) std::memmove(operands.outputs[0].data, operands.inputs[0].data, bytes);
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(copy, Copy)

}  // namespace convolt
