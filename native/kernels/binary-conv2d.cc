// dot[n, i, j, k] = sum over u, v, c of x[n, i*s + u*d - p, j*s + v*d - p, c] * w[k, u, v, c] of bits that stand for +1
// and -1.
#include <limits>

#include "kernels/binary-kernel.h"
#include "kernels/window-shape.h"

namespace convolt {
namespace {

constexpr const char* kName = "binaryConv2d";

class BinaryConv2d final : public BinaryKernel {
 public:
  explicit BinaryConv2d(AttributeReader& read) {
    shape_.read(read, &SlidingAxis::stride);
    shape_.read_padding(read);
    shape_.read(read, &SlidingAxis::dilation);
    channels_ = read.integer();
    padding_ = static_cast<int>(read.integer());
    result_ = read_binary_result(read);
  }

  Status check(const Operands& operands) const override {
    if (operands.inputs.size() < 2 || operands.outputs.size() != 1) return expect_counts(kName, operands, 2, 1);
    const Tensor &x = operands.inputs[0], &w = operands.inputs[1], &y = operands.outputs[0];
    CONVOLT_TRY(expect_rank(kName, "the images", x, 4));
    CONVOLT_TRY(expect_rank(kName, "the weights", w, 4));
    CONVOLT_TRY(expect_rank(kName, "the output", y, 4));
    const int64_t filters = w.shape[0];
    CONVOLT_TRY(expect_binary(kName, operands, result_, channels_, filters));
    WindowShape shape;
    const bool sensible = set(operands, shape);
    const int64_t last = result_ == BinaryResult::kBits ? ceil_div(filters, 8) : filters;
    constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
    if (sensible && filters > 0 && y.shape[0] == x.shape[0] && y.shape[3] == last &&
        shape.rows.output == shape.rows.whole_positions() && shape.columns.output == shape.columns.whole_positions() &&
        w.shape.product(1, 4) <= kMost / 64 && x.shape.product(0, 3) <= kMost && y.shape.product(0, 3) <= kMost &&
        padding_ >= -1 && padding_ <= 1) {
      return Status::ok();
    }
    return {Code::kShape, std::string(kName) + ": expected images, weights and output to fit together but got " +
                              x.shape.to_string() + ", " + w.shape.to_string() + " and " + y.shape.to_string()};
  }

 private:
  // The sizes of these operands; false when they make no sense.
  bool set(const Operands& operands, WindowShape& shape) const {
    shape = shape_;
    shape.rows.taps = operands.inputs[1].shape[1];
    shape.columns.taps = operands.inputs[1].shape[2];
    return shape.set_sizes(operands.inputs[0].shape, operands.outputs[0].shape);
  }

  BinaryProduct product_of(const Operands& operands) const override {
    WindowShape shape;
    set(operands, shape);
    return {.window = shape.window(),
            .images = operands.inputs[0].shape[0],
            .channels = channels_,
            .filters = operands.inputs[1].shape[0],
            .padding = padding_,
            .x = operands.in<uint8_t>(0),
            .w = operands.in<uint8_t>(1),
            .output = binary_output(operands, result_),
            .prepared = operands.prepared};
  }

  WindowShape shape_;
  int64_t channels_;
  int padding_;
  BinaryResult result_;
};

}  // namespace

CONVOLT_KERNEL(binaryConv2d, BinaryConv2d)

}  // namespace convolt
