// The program of one fused group, as decoded from a step's attributes.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/kernel.h"

namespace convolt {

// registers[y] = opcode(registers[a], registers[b], registers[c]); unused operands are -1.
struct Instruction {
  int opcode;
  int y;
  int operands[3];
};

// What an output is made of: every element of a register, or a reduction of it (row fold - 1 of folds.inc).
struct End {
  int value;
  int fold;  // 0 stores every element
};

// Registers: inputs, then immediates, then temporaries.
class Bytecode {
 public:
  explicit Bytecode(AttributeReader& read);
  // Everything that binding trusts: counts, register and opcode numbers, nothing read before it is written, and shapes
  // of operands that broadcast to `shape`.
  Status check(const Operands& operands) const;

  int inputs(const Operands& operands) const { return static_cast<int>(operands.inputs.size()); }

  Shape shape;
  std::vector<float> immediates;
  std::vector<Instruction> instructions;
  std::vector<End> ends;

 private:
  Status check_code(int inputs) const;
  bool well_formed_ = true;
};

}  // namespace convolt
