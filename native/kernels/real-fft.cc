// (re, im)[r] = the first n / 2 + 1 numbers of the Fourier transform of the real row r, and the way back.
#include "kernels/fourier-rows.h"

namespace convolt {
namespace {

// Real rows of `length`, spectra of length / 2 + 1, and the transforms between them.
Status check_rows(const char* name, const Tensor& x, const Tensor& re, const Tensor& im,
                  std::unique_ptr<FourierRows>* rows) {
  CONVOLT_TRY(expect_axis(name, x.shape.rank() - 1, x.shape));
  CONVOLT_TRY(expect_dtype(name, "the row", x, DType::kFloat32));
  Shape half = x.shape;
  half[half.rank() - 1] = x.shape.last() / 2 + 1;
  for (const Tensor* part : {&re, &im}) {
    CONVOLT_TRY(expect_dtype(name, "the spectrum", *part, DType::kFloat32));
    CONVOLT_TRY(expect_shape(name, "the spectrum", *part, half));
  }
  *rows = std::make_unique<FourierRows>(x.shape.product(0, x.shape.rank() - 1), x.shape.last());
  return Status::ok();
}

class RealFft final : public Kernel {
 public:
  explicit RealFft(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("realFft", operands, 1, 2));
    return check_rows("realFft", operands.inputs[0], operands.outputs[0], operands.outputs[1], &rows_);
  }

  Status run(const Operands& operands) const noexcept override {
    const int64_t n = operands.inputs[0].shape.last();
    const int64_t half = n / 2 + 1;
    rows_->for_rows(operands.pool, [&](Fourier<float>& fourier, int64_t row) {
      fourier.forward_real(operands.in<float>(0) + row * n, operands.out<float>(0) + row * half,
                           operands.out<float>(1) + row * half);
    });
    return Status::ok();
  }

 private:
  mutable std::unique_ptr<FourierRows> rows_;  // made when the program is bound
};

class InverseRealFft final : public Kernel {
 public:
  explicit InverseRealFft(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("inverseRealFft", operands, 2, 1));
    return check_rows("inverseRealFft", operands.outputs[0], operands.inputs[0], operands.inputs[1], &rows_);
  }

  Status run(const Operands& operands) const noexcept override {
    const int64_t n = operands.outputs[0].shape.last();
    const int64_t half = n / 2 + 1;
    rows_->for_rows(operands.pool, [&](Fourier<float>& fourier, int64_t row) {
      fourier.inverse_real(operands.in<float>(0) + row * half, operands.in<float>(1) + row * half,
                           operands.out<float>(0) + row * n);
    });
    return Status::ok();
  }

 private:
  mutable std::unique_ptr<FourierRows> rows_;  // made when the program is bound
};

}  // namespace

CONVOLT_KERNEL(realFft, RealFft)
CONVOLT_KERNEL(inverseRealFft, InverseRealFft)

}  // namespace convolt
