// y[n, i, j, c] = clamp(round(float(sum over u, v of x[n, i*s + u - p, j*s + v - p, c] - input_zero) * (scale /
// elements of the window)) + zero, low, high); padding is counted on request.
#include <cstring>

#include "base/aligned.h"
#include "kernels/average.h"
#include "kernels/quantized-result.h"

namespace convolt {
namespace {

class QuantizedAveragePool final : public Kernel {
 public:
  explicit QuantizedAveragePool(AttributeReader& read)
      : attributes_(read_window(read)),
        count_padding_(read.flag()),
        input_zero_(read.integer()),
        scale_(static_cast<float>(read.number())),
        range_(read) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("quantizedAveragePool", operands, 1, 1));
    CONVOLT_TRY(expect_dtype("quantizedAveragePool", "the input", operands.inputs[0], DType::kUint8));
    CONVOLT_TRY(expect_dtype("quantizedAveragePool", "the output", operands.outputs[0], DType::kUint8));
    return expect_pool("quantizedAveragePool", attributes_, operands.inputs[0], operands.outputs[0]);
  }

  int64_t workspace(const Operands& operands, int threads) const override {
    return threads * sums_bytes(operands.outputs[0]);
  }

  Status run(const Operands& operands) const noexcept override {
    const Tensor &x = operands.inputs[0], &y = operands.outputs[0];
    const int64_t channels = y.shape[3];
    WindowShape shape = attributes_;
    shape.set_sizes(x.shape, y.shape);
    const SlidingBins rows(shape.rows, count_padding_), columns(shape.columns, count_padding_);
    const Int8Result result = range_.result(true);
    const auto run_position = [&](int64_t position, int32_t* sums) {
      const int64_t j = position % y.shape[2], line = position / y.shape[2], i = line % y.shape[1];
      const Range down = rows.elements(i), across = columns.elements(j);
      const auto start = static_cast<int32_t>(-input_zero_ * down.size() * across.size());
      for (int64_t c = 0; c < channels; ++c) sums[c] = start;
      for (int64_t h = down.begin; h < down.end; ++h) {
        const int64_t pixel = (line / y.shape[1] * x.shape[1] + h) * x.shape[2];
        for (int64_t w = across.begin; w < across.end; ++w) {
          loops().add_bytes(sums, operands.in<uint8_t>(0) + (pixel + w) * channels, channels);
        }
      }
      const auto count = static_cast<float>(rows.count(i) * columns.count(j));
      loops().bytes_of_sums(operands.out<uint8_t>(0) + position * channels, sums, nullptr, scale_ / count, result,
                            channels);
    };
    const int64_t work = channels * shape.rows.taps * shape.columns.taps;
    for_ranges(operands.pool, y.shape.product(0, 3), items_per_task(work), [&](int64_t begin, int64_t end, int thread) {
      auto* sums = reinterpret_cast<int32_t*>(operands.workspace + thread * sums_bytes(y));
      for (int64_t position = begin; position < end; ++position) run_position(position, sums);
    });
    return Status::ok();
  }

 private:
  static int64_t sums_bytes(const Tensor& y) { return aligned(y.shape[3] * static_cast<int64_t>(sizeof(int32_t))); }

  WindowShape attributes_;
  bool count_padding_;
  int64_t input_zero_;
  float scale_;
  QuantizedRange range_;
};

}  // namespace

CONVOLT_KERNEL(quantizedAveragePool, QuantizedAveragePool)

}  // namespace convolt
