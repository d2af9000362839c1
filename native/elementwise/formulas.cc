// The live part of a program as formulas.
#include "elementwise/formulas.h"

#include <algorithm>
#include <map>

#include "loops/loops.h"

namespace convolt {

Formulas make_formulas(const Bytecode& code, int inputs, std::span<const int> ends) {
  const Opcode* opcodes = loops().opcode_table();
  const size_t count = code.instructions.size();
  // Which instructions reach an output.
  std::map<int, bool> needed;
  for (const int end : ends) needed[code.ends[end].value] = true;
  std::vector<bool> live(count);
  for (size_t i = count; i-- > 0;) {
    const Instruction& instruction = code.instructions[i];
    live[i] = needed[instruction.y];
    if (!live[i]) continue;
    needed[instruction.y] = false;
    for (int k = 0; k < opcodes[instruction.opcode].arity; ++k) needed[instruction.operands[k]] = true;
  }
  // Registers become values.
  Formulas formulas;
  formulas.given = inputs + static_cast<int>(code.immediates.size());
  std::map<int, int> newest;
  const auto value_of = [&](int number) { return number < formulas.given ? number : newest.at(number); };
  for (size_t i = 0; i < count; ++i) {
    if (!live[i]) continue;
    const auto& [opcode, y, operands] = code.instructions[i];
    Formula formula(FormulaKind::kOpcode, opcode, {});
    for (int k = 0; k < opcodes[opcode].arity; ++k) formula.operands[k] = value_of(operands[k]);
    newest[y] = formulas.given + static_cast<int>(formulas.list.size());
    formulas.list.push_back(formula);
  }
  for (const int end : ends) formulas.ends.push_back(value_of(code.ends[end].value));
  return formulas;
}

}  // namespace convolt
