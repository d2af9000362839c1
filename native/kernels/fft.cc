// (re, im)[r] = the Fourier transform of the complex row r, or the inverse one (divided by its length).
#include "kernels/fourier-rows.h"

namespace convolt {
namespace {

class Fft final : public Kernel {
 public:
  explicit Fft(AttributeReader& read) : inverse_(read.flag()) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("fft", operands, 2, 2));
    const Shape& shape = operands.inputs[0].shape;
    CONVOLT_TRY(expect_axis("fft", shape.rank() - 1, shape));
    for (size_t i = 0; i < 2; ++i) {
      CONVOLT_TRY(expect_dtype("fft", "the input", operands.inputs[i], DType::kFloat32));
      CONVOLT_TRY(expect_dtype("fft", "the output", operands.outputs[i], DType::kFloat32));
      CONVOLT_TRY(expect_shape("fft", "the input", operands.inputs[i], shape));
      CONVOLT_TRY(expect_shape("fft", "the output", operands.outputs[i], shape));
    }
    rows_ = std::make_unique<FourierRows>(shape.product(0, shape.rank() - 1), shape.last());
    return Status::ok();
  }

  Status run(const Operands& operands) const noexcept override {
    const int64_t n = operands.inputs[0].shape.last();
    rows_->for_rows(operands.pool, [&](Fourier<float>& fourier, int64_t row) {
      fourier.transform(operands.in<float>(0) + row * n, operands.in<float>(1) + row * n,
                        operands.out<float>(0) + row * n, operands.out<float>(1) + row * n, inverse_);
    });
    return Status::ok();
  }

 private:
  bool inverse_;
  mutable std::unique_ptr<FourierRows> rows_;  // made when the program is bound
};

}  // namespace

CONVOLT_KERNEL(fft, Fft)

}  // namespace convolt
