// Kernels that are a product of bits: how one is prepared and run, whatever its operands are called.
#pragma once

#include "kernels/binary-operands.h"
#include "kernels/product-operands.h"

namespace convolt {

// A kernel whose `product_of` says which product it is.
class BinaryKernel : public Kernel {
 public:
  int64_t workspace(const Operands& operands, int threads) const override {
    return binary_product_workspace(product_of(operands), threads);
  }
  int64_t prepared_bytes(const Operands& operands) const override {
    return has_constant_weights(operands) ? prepared_binary_product_bytes(product_of(operands)) : 0;
  }
  void prepare(const Operands& operands) const noexcept override {
    prepare_binary_product(product_of(operands), operands.prepared);
  }
  int64_t tail_ranges(const Operands& operands) const override { return binary_product_ranges(product_of(operands)); }
  Status run(const Operands& operands) const noexcept override {
    with_tail(operands, [&](const AfterRows& after) {
      multiply(product_of(operands), *operands.pool, operands.workspace, after);
    });
    return Status::ok();
  }

 protected:
  virtual BinaryProduct product_of(const Operands& operands) const = 0;
};

}  // namespace convolt
