// y = any fused group of elementwise operations of broadcast operands, each output stored or folded along some axes.
#include <algorithm>
#include <vector>

#include "elementwise/stage.h"
#include "elementwise/vm.h"
#include "kernels/kernel.h"

namespace convolt {
namespace {

class Elementwise final : public Kernel {
 public:
  explicit Elementwise(AttributeReader& read) : code_(read) {}

  // Binds too: every decision that depends on shapes is made here, so that small groups run in well under a
  // microsecond.
  Status check(const Operands& operands) const override {
    CONVOLT_TRY(code_.check(operands));
    passes_ = bind_passes(code_, operands, loops());
    return Status::ok();
  }

  int64_t workspace(const Operands&, int threads) const override {
    int64_t bytes = 0;
    for (const Pass& pass : passes_) bytes = std::max(bytes, pass_workspace(pass, threads));
    return bytes;
  }

  Status run(const Operands& operands) const noexcept override {
    for (const Pass& pass : passes_) run_pass(pass, operands);
    if (passes_.empty()) fill_with_identities(operands);
    return Status::ok();
  }

 private:
  // What is left of folding nothing.
  void fill_with_identities(const Operands& operands) const {
    for (size_t i = 0; i < code_.ends.size(); ++i) {
      if (code_.ends[i].fold == 0) continue;
      const auto identity = static_cast<float>(loops().fold_table()[code_.ends[i].fold - 1].identity);
      for (int64_t k = 0; k < operands.outputs[i].elements(); ++k)
        unstage(loops(), operands.outputs[i], k, &identity, 1);
    }
  }

  Bytecode code_;
  mutable std::vector<Pass> passes_;
};

}  // namespace

CONVOLT_KERNEL(elementwise, Elementwise)

}  // namespace convolt
