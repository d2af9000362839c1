// acc = bias[k] + sum over u, v, c of (x[n, i*s + u*d - p, j*s + v*d - p, c] - input_zero) * w[u, v, c, k], exact;
// t = float(acc) * scale[k] [+ float(a - add_zero) * add_scale]; y = clamp(round(t) + zero, low, high), or t itself.
#include "base/aligned.h"
#include "gemm/int8-depthwise.h"
#include "gemm/int8-product.h"
#include "kernels/conv-shape.h"
#include "kernels/expect.h"
#include "kernels/quantized-result.h"

namespace convolt {
namespace {

class QuantizedConv2d final : public Kernel {
 public:
  explicit QuantizedConv2d(AttributeReader& read)
      : attributes_(read, false),
        input_zero_(read.integer()),
        add_scale_(read.number()),
        add_zero_(read.integer()),
        range_(read) {}

  Status check(const Operands& operands) const override {
    constexpr const char* kName = "quantizedConv2d";
    CONVOLT_TRY(expect_counts(kName, operands, operands.inputs.size() == 5 ? 5 : 4, 1));
    const Tensor &w = operands.inputs[1], &y = operands.outputs[0];
    CONVOLT_TRY(expect_dtype(kName, "the images", operands.inputs[0], DType::kUint8));
    CONVOLT_TRY(expect_dtype(kName, "the weights", w, DType::kInt8));
    CONVOLT_TRY(expect_conv_sizes(kName, attributes_, operands.inputs[0], w, y));
    CONVOLT_TRY(expect_dtype(kName, "the bias", operands.inputs[2], DType::kInt32));
    CONVOLT_TRY(expect_shape(kName, "the bias", operands.inputs[2], {w.shape[3]}));
    CONVOLT_TRY(expect_dtype(kName, "the scale", operands.inputs[3], DType::kFloat32));
    CONVOLT_TRY(expect_shape(kName, "the scale", operands.inputs[3], {w.shape[3]}));
    if (y.dtype != DType::kFloat32) CONVOLT_TRY(expect_dtype(kName, "the output", y, DType::kUint8));
    if (y.dtype == DType::kUint8 && !range_.fits_bytes()) {
      return {Code::kValue, std::string(kName) + ": expected the bounds to be bytes but got others"};
    }
    if (operands.inputs.size() == 4) return Status::ok();
    CONVOLT_TRY(expect_dtype(kName, "the addend", operands.inputs[4], DType::kUint8));
    return expect_shape(kName, "the addend", operands.inputs[4], y.shape);
  }

  int64_t workspace(const Operands& operands, int threads) const override {
    const ConvShape shape = shape_of(operands);
    const int64_t scratch = shape.is_depthwise() ? int8_depthwise_workspace(depthwise_of(shape, operands), threads)
                                                 : int8_product_workspace(product_of(shape, operands), threads);
    return has_constant_weights(operands) ? scratch : packed_bytes(operands) + scratch;
  }

  int64_t prepared_bytes(const Operands& operands) const override {
    return has_constant_weights(operands) ? packed_bytes(operands) : 0;
  }

  void prepare(const Operands& operands) const noexcept override { pack(operands, operands.prepared); }

  Status run(const Operands& operands) const noexcept override {
    const ConvShape shape = shape_of(operands);
    if (operands.outputs[0].elements() == 0) return Status::ok();
    std::byte *packed = operands.prepared, *scratch = operands.workspace;
    if (packed == nullptr) {
      packed = operands.workspace;
      if (!has_constant_weights(operands)) scratch += packed_bytes(operands);
      pack(operands, packed);
    }
    if (shape.is_depthwise()) {
      Int8Depthwise depthwise = depthwise_of(shape, operands);
      depthwise.packed = packed;
      int8_depthwise(depthwise, *operands.pool, scratch);
    } else {
      Int8Product product = product_of(shape, operands);
      product.packed = packed;
      int8_product(product, *operands.pool, scratch);
    }
    return Status::ok();
  }

 private:
  // Weights, bias and scale.
  static bool has_constant_weights(const Operands& operands) { return (operands.constants & 0b1110) == 0b1110; }

  ConvShape shape_of(const Operands& operands) const {
    return attributes_.with(operands.inputs[0], operands.inputs[1], operands.outputs[0]);
  }

  int64_t packed_bytes(const Operands& operands) const {
    const ConvShape shape = shape_of(operands);
    return aligned(shape.is_depthwise() ? packed_int8_depthwise_bytes(depthwise_of(shape, operands))
                                        : packed_int8_bytes(product_of(shape, operands).weights));
  }

  void pack(const Operands& operands, std::byte* packed) const {
    const ConvShape shape = shape_of(operands);
    if (shape.is_depthwise()) {
      pack_int8_depthwise(depthwise_of(shape, operands), packed);
    } else {
      pack_int8(product_of(shape, operands).weights, *operands.pool, packed);
    }
  }

  Int8Result result_of(const Operands& operands) const {
    return range_.result(operands.outputs[0].dtype == DType::kUint8, add_zero_, add_scale_);
  }
  static const uint8_t* addend_of(const Operands& operands) {
    return operands.inputs.size() == 5 ? operands.in<uint8_t>(4) : nullptr;
  }

  Int8Depthwise depthwise_of(const ConvShape& shape, const Operands& operands) const {
    return {.window = shape.window(),
            .images = shape.images,
            .channels = shape.channels,
            .x = operands.in<uint8_t>(0),
            .w = operands.in<int8_t>(1),
            .bias = operands.in<int32_t>(2),
            .scale = operands.in<float>(3),
            .input_zero = static_cast<int32_t>(input_zero_),
            .y = operands.outputs[0].data,
            .addend = addend_of(operands),
            .result = result_of(operands),
            .packed = nullptr};
  }

  Int8Product product_of(const ConvShape& shape, const Operands& operands) const {
    const Window window = shape.window();
    const int64_t taps = Int8Product::taps_of_segment(window, shape.groups);
    return {.window = window,
            .images = shape.images,
            .channels = shape.channels,
            .x = operands.in<uint8_t>(0),
            .weights = {.w = operands.in<int8_t>(1),
                        .bias = operands.in<int32_t>(2),
                        .scale = operands.in<float>(3),
                        .input_zero = static_cast<int32_t>(input_zero_),
                        .groups = shape.groups,
                        .segments = window.taps() / taps,
                        .length = taps * shape.group_channels(),
                        .columns = shape.group_filters()},
            .y = operands.outputs[0].data,
            .addend = addend_of(operands),
            .result = result_of(operands),
            .packed = nullptr};
  }

  ConvShape attributes_;
  int64_t input_zero_;
  double add_scale_;
  int64_t add_zero_;
  QuantizedRange range_;
};

}  // namespace

CONVOLT_KERNEL(quantizedConv2d, QuantizedConv2d)

}  // namespace convolt
