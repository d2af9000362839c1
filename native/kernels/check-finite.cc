// y = 0, or the step fails: some x is NaN or infinite.
#include <atomic>
#include <cmath>

#include "kernels/expect.h"
#include "kernels/ranges.h"
#include "loops/loops.h"

namespace convolt {
namespace {

class CheckFinite final : public Kernel {
 public:
  explicit CheckFinite(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("checkFinite", operands, 1, 1));
    CONVOLT_TRY(expect_dtype("checkFinite", "the input", operands.inputs[0], DType::kFloat32));
    CONVOLT_TRY(expect_dtype("checkFinite", "the output", operands.outputs[0], DType::kInt32));
    return expect_rank("checkFinite", "the output", operands.outputs[0], 0);
  }

  Status run(const Operands& operands) const noexcept override {
    const auto* x = operands.in<float>(0);
    const int64_t count = operands.inputs[0].elements();
    std::atomic<bool> finite = true;
    for_ranges(operands.pool, count, 4 * kElementsPerTask, [&](int64_t begin, int64_t end, int) {
      if (!loops().all_finite(x + begin, end - begin)) finite.store(false, std::memory_order_relaxed);
    });
    *operands.out<int32_t>(0) = 0;
    return finite ? Status::ok() : refuse(x, count);
  }

 private:
  static Status refuse(const float* x, int64_t count) {
    const float* found = std::find_if(x, x + count, [](float value) { return !std::isfinite(value); });
    const std::string shown = std::isnan(*found) ? "NaN" : *found > 0 ? "Infinity" : "-Infinity";
    return {Code::kNotFinite, "checkFinite: expected every element to be finite but got " + shown + " (element " +
                                  std::to_string(found - x) + " of " + std::to_string(count) + ")"};
  }
};

}  // namespace

CONVOLT_KERNEL(checkFinite, CheckFinite)

}  // namespace convolt
