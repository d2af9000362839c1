// y[n, t] = t < lengths[n].
#include <cstring>

#include "kernels/expect.h"
#include "kernels/ranges.h"

namespace convolt {
namespace {

class SequenceMask final : public Kernel {
 public:
  explicit SequenceMask(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("sequenceMask", operands, 1, 1));
    const Tensor& lengths = operands.inputs[0];
    const Tensor& y = operands.outputs[0];
    CONVOLT_TRY(expect_dtype("sequenceMask", "the lengths", lengths, DType::kInt32));
    CONVOLT_TRY(expect_dtype("sequenceMask", "the output", y, DType::kBool));
    CONVOLT_TRY(expect_rank("sequenceMask", "the lengths", lengths, 1));
    CONVOLT_TRY(expect_rank("sequenceMask", "the output", y, 2));
    Shape rows = y.shape;
    rows[0] = lengths.shape[0];
    return expect_shape("sequenceMask", "the output", y, rows);
  }

  Status run(const Operands& operands) const noexcept override {
    const int64_t steps = operands.outputs[0].shape.last();
    const int64_t count = operands.inputs[0].elements();
    const auto* lengths = operands.in<int32_t>(0);
    CONVOLT_TRY(expect_lengths("sequenceMask", lengths, count, steps));
    for_ranges(operands.pool, count, items_per_task(steps), [&](int64_t begin, int64_t end, int) {
      auto* y = operands.out<uint8_t>(0);
      for (int64_t n = begin; n < end; ++n) {
        std::memset(y + n * steps, 1, lengths[n]);
        std::memset(y + n * steps + lengths[n], 0, steps - lengths[n]);
      }
    });
    return Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(sequenceMask, SequenceMask)

}  // namespace convolt
