// Walks along a group's instructions, each of which must work on the result of the one before.
#include "elementwise/clip-of.h"

#include <limits>

#include "elementwise/opcodes.h"

namespace convolt {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

class Walk {
 public:
  Walk(const Bytecode& code, const Operands& operands, const Tensor& x) : code_(code), operands_(operands), x_(x) {}

  std::optional<ClipPattern> run() {
    if (!starts() || !ends_in_place()) return std::nullopt;
    for (const Instruction& instruction : code_.instructions) {
      if (!follow(instruction)) return std::nullopt;
      current_ = instruction.y;
    }
    return current_ == code_.ends[0].value && pattern_.bias >= 0 ? std::optional(pattern_) : std::nullopt;
  }

 private:
  bool is_x(const Tensor& tensor) const {
    return x_.data != nullptr && tensor.data == x_.data && tensor.shape == x_.shape;
  }

  bool starts() {
    for (size_t i = 0; i < operands_.inputs.size(); ++i) {
      if (operands_.inputs[i].dtype != DType::kFloat32) return false;
      if (is_x(operands_.inputs[i])) current_ = static_cast<int>(i);
    }
    return current_ >= 0;
  }

  bool ends_in_place() const {
    return code_.ends.size() == 1 && code_.ends[0].fold == 0 && operands_.outputs[0].dtype == DType::kFloat32 &&
           is_x(operands_.outputs[0]);
  }

  bool follow(const Instruction& instruction) {
    const int a = instruction.operands[0], b = instruction.operands[1];
    if ((a == current_) == (b == current_)) return false;
    const int other = a == current_ ? b : a;
    switch (static_cast<Op>(instruction.opcode)) {
      case Op::add:
        return takes_summand(other);
      case Op::maximum:
        return pattern_.high == kInfinity && takes_bound(other, &pattern_.low, -kInfinity);
      case Op::minimum:
        return takes_bound(other, &pattern_.high, kInfinity);
      default:
        return false;
    }
  }

  bool takes_summand(int other) {
    const bool is_open = pattern_.bias < 0 && other < code_.inputs(operands_);
    if (!is_open) return false;
    const Shape& shape = operands_.inputs[static_cast<size_t>(other)].shape;
    if (shape == x_.shape && pattern_.residual < 0) {
      pattern_.residual = other;
      return true;
    }
    const bool is_row =
        shape.rank() > 0 && shape.last() == x_.shape.last() && shape.product(0, shape.rank()) == shape.last();
    if (is_row) pattern_.bias = other;
    return is_row;
  }

  // Takes a number as a bound that is still `open`.
  bool takes_bound(int other, float* bound, float open) {
    const int immediate = other - code_.inputs(operands_);
    if (*bound != open || pattern_.bias < 0 || immediate < 0 || immediate >= static_cast<int>(code_.immediates.size()))
      return false;
    *bound = code_.immediates[static_cast<size_t>(immediate)];
    return true;
  }

  const Bytecode& code_;
  const Operands& operands_;
  const Tensor& x_;
  int current_ = -1;
  ClipPattern pattern_ = {.low = -kInfinity, .high = kInfinity};
};

}  // namespace

std::optional<ClipPattern> clip_of(const Bytecode& code, const Operands& operands, const Tensor& x) {
  return Walk(code, operands, x).run();
}

}  // namespace convolt
