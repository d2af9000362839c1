// Decodes and checks the program of one fused group.
#include "elementwise/bytecode.h"

#include <algorithm>
#include <string>

#include "elementwise/opcodes.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kMaxLength = 4096;  // of every list in the attributes
constexpr int64_t kMaxOperands = 60;  // inputs and outputs together; the layout keeps one bit for each
constexpr int kFolds = 4;             // rows of folds.inc
constexpr int64_t kMaxRegister = 8192;

Status malformed(const std::string& what, const std::string& expected, int64_t actual) {
  return {Code::kNative, "elementwise: expected " + what + " to be " + expected + " but got " + std::to_string(actual)};
}

// True when `operand`, aligned right, has the size of `shape` or 1 on every axis.
bool broadcasts(const Shape& operand, const Shape& shape) {
  if (operand.rank() > shape.rank()) return false;
  for (int i = 1; i <= operand.rank(); ++i) {
    if (operand.last(i) != 1 && operand.last(i) != shape.last(i)) return false;
  }
  return true;
}

Status expect_broadcast(const char* what, const Shape& operand, const Shape& shape) {
  if (broadcasts(operand, shape)) return Status::ok();
  return {Code::kShape, std::string("elementwise: expected ") + what + " to fit to " + shape.to_string() + " but got " +
                            operand.to_string()};
}

}  // namespace

Bytecode::Bytecode(AttributeReader& read) {
  const auto length = [&](int64_t limit) {
    const int64_t given = read.integer();
    well_formed_ = well_formed_ && given >= 0 && given <= limit;
    return std::clamp<int64_t>(given, 0, limit);
  };
  const auto number = [&] { return static_cast<int>(std::clamp<int64_t>(read.integer(), -1, kMaxRegister)); };
  int64_t sizes[kMaxRank];
  const int64_t rank = length(kMaxRank);
  for (int64_t i = 0; i < rank; ++i) sizes[i] = length(INT64_MAX);
  shape = Shape(std::span<const int64_t>(sizes, rank));
  immediates.resize(length(kMaxLength));
  for (float& value : immediates) value = static_cast<float>(read.number());
  instructions.resize(length(kMaxLength));
  for (Instruction& instruction : instructions) {
    instruction.opcode = number();
    instruction.y = number();
    for (int& operand : instruction.operands) operand = number();
  }
  while (!read.exhausted() && static_cast<int64_t>(ends.size()) < kMaxOperands) {
    const int value = number();
    ends.push_back({value, number()});
  }
}

Status Bytecode::check(const Operands& operands) const {
  if (!well_formed_) return malformed("the attributes", "lists with lengths", -1);
  int64_t elements = 1;
  for (int i = 0; i < shape.rank(); ++i) {
    if (__builtin_mul_overflow(elements, shape[i], &elements)) return malformed("the shape", "countable", shape[i]);
  }
  const auto count = static_cast<int64_t>(operands.inputs.size() + operands.outputs.size());
  if (count > kMaxOperands)
    return malformed("the number of operands", "at most " + std::to_string(kMaxOperands), count);
  CONVOLT_TRY(expect_counts("elementwise", operands, operands.inputs.size(), ends.size()));
  CONVOLT_TRY(check_code(inputs(operands)));
  for (const Tensor& input : operands.inputs) CONVOLT_TRY(expect_broadcast("every input", input.shape, shape));
  for (size_t i = 0; i < ends.size(); ++i) {
    const Shape& output = operands.outputs[i].shape;
    const bool folds = ends[i].fold != 0 && output.rank() == shape.rank();
    if (folds) {
      CONVOLT_TRY(expect_broadcast("every output", output, shape));
    } else if (!(output == shape)) {
      return {Code::kShape,
              "elementwise: expected every output to be " + shape.to_string() + " but got " + output.to_string()};
    }
  }
  return Status::ok();
}

Status Bytecode::check_code(int inputs) const {
  const Opcode* opcodes = loops().opcode_table();
  const auto given = static_cast<size_t>(inputs) + immediates.size();
  std::vector<bool> known(kMaxRegister + 1);
  std::fill_n(known.begin(), given, true);
  const auto readable = [&](int number) { return number >= 0 && known[static_cast<size_t>(number)]; };
  for (const auto& [opcode, y, operands] : instructions) {
    if (opcode < 0 || opcode >= static_cast<int>(Op::kCount)) return malformed("every opcode", "a known one", opcode);
    for (int i = 0; i < opcodes[opcode].arity; ++i) {
      if (!readable(operands[i])) return malformed("every operand", "a register that was written", operands[i]);
    }
    if (y < static_cast<int>(given) || y >= kMaxRegister) return malformed("every result", "a temporary register", y);
    known[static_cast<size_t>(y)] = true;
  }
  for (const auto& [value, fold] : ends) {
    if (!readable(value)) return malformed("every output", "a register that was written", value);
    if (fold < 0 || fold > kFolds) return malformed("every tail", "a known one", fold);
  }
  return Status::ok();
}

}  // namespace convolt
