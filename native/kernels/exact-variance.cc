// y[c] = variance[c], or E[(x - E[x])^2] of channel c of x in float64 where offset[c]^2 is far above it: a variance
// that is the difference of two large numbers has lost its digits.
#include "kernels/expect.h"
#include "kernels/ranges.h"

namespace convolt {
namespace {

constexpr float kMostRatio = 64;

class ExactVariance final : public Kernel {
 public:
  explicit ExactVariance(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("exactVariance", operands, 3, 1));
    const Tensor& x = operands.inputs[0];
    CONVOLT_TRY(expect_dtype("exactVariance", "the input", x, DType::kFloat32));
    if (x.shape.rank() == 0) return expect_rank("exactVariance", "the input", x, 1);
    const int64_t channels = x.shape.last();
    for (const Tensor* vector : {&operands.inputs[1], &operands.inputs[2], &operands.outputs[0]}) {
      CONVOLT_TRY(expect_dtype("exactVariance", "every vector", *vector, DType::kFloat32));
      CONVOLT_TRY(expect_shape("exactVariance", "every vector", *vector, {channels}));
    }
    return Status::ok();
  }

  Status run(const Operands& operands) const noexcept override {
    const int64_t channels = operands.inputs[0].shape.last();
    const int64_t rows = channels ? operands.inputs[0].elements() / channels : 0;
    const float* offset = operands.in<float>(1);
    const float* variance = operands.in<float>(2);
    float* y = operands.out<float>(0);
    bool lost = false;
    for (int64_t c = 0; c < channels; ++c) {
      y[c] = variance[c];
      lost |= is_lost(offset[c], variance[c]);
    }
    if (!lost || rows == 0) return Status::ok();
    for_ranges(operands.pool, channels, kTogether, [&](int64_t begin, int64_t end, int) {
      bool wanted = false;
      for (int64_t c = begin; c < end; ++c) wanted |= is_lost(offset[c], variance[c]);
      if (!wanted) return;
      double exact[kTogether];
      variances(operands.in<float>(0) + begin, rows, channels, end - begin, exact);
      for (int64_t c = begin; c < end; ++c) {
        if (is_lost(offset[c], variance[c])) y[c] = static_cast<float>(exact[c - begin]);
      }
    });
    return Status::ok();
  }

 private:
  static constexpr int64_t kTogether = 16;  // channels: a line of the cache

  static bool is_lost(float offset, float variance) { return offset * offset > kMostRatio * variance; }

  static void variances(const float* x, int64_t rows, int64_t step, int64_t n, double* result) {
    double mean[kTogether] = {}, sum[kTogether] = {};
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < n; ++c) mean[c] += x[r * step + c];
    }
    for (int64_t c = 0; c < n; ++c) mean[c] /= static_cast<double>(rows);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < n; ++c) {
        const double distance = x[r * step + c] - mean[c];
        sum[c] += distance * distance;
      }
    }
    for (int64_t c = 0; c < n; ++c) result[c] = sum[c] / static_cast<double>(rows);
  }
};

}  // namespace

CONVOLT_KERNEL(exactVariance, ExactVariance)

}  // namespace convolt
