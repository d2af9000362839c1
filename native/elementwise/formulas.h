// The live part of a program as formulas: each has one result that never changes, unlike a register.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <vector>

#include "elementwise/bytecode.h"
#include "elementwise/opcodes.h"

namespace convolt {

enum class FormulaKind {
  kOpcode,    // a row of ops.inc
  kChain,     // a row of chains.inc
  kAbsorbed,  // a part of a later chain, which keeps its result or not
};

// Values are numbered: inputs, immediates, then one for each formula.
struct Formula {
  FormulaKind kind = FormulaKind::kOpcode;
  int row = 0;
  std::array<int, kChainOperands> operands;  // values; -1 where there is none
  std::array<int, kChainKept> kept;          // absorbed formulas whose results a chain keeps; -1 where there is none

  Formula(FormulaKind kind, int row, std::span<const int> given) : kind(kind), row(row) {
    operands.fill(-1);
    kept.fill(-1);
    std::copy(given.begin(), given.end(), operands.begin());
  }
};

struct Formulas {
  int given = 0;  // inputs and immediates
  std::vector<Formula> list;
  std::vector<int> ends;  // value of each wanted output
};

// What the outputs `ends` of `code` need, in the order of the program.
Formulas make_formulas(const Bytecode& code, int inputs, std::span<const int> ends);

// Replaces groups of formulas by the chains that compute the same. `is_scalar` says whether a given value is one number
// for all positions of a block.
void join_chains(Formulas& formulas, const std::function<bool(int)>& is_scalar);

}  // namespace convolt
