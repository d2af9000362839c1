// Finds chains: every row of chains.inc is read here as a pattern, by functions that build a tree instead of computing.
#include <algorithm>
#include <string_view>
#include <vector>

#include "elementwise/formulas.h"

namespace convolt {
namespace {

struct Pattern {
  int variable = -1;  // position in Formula::operands, or -1 for an operation
  Op op{};
  std::vector<Pattern> operands;
};

namespace words {

Pattern variable(int position) { return {position, Op{}, {}}; }

#define UNARY(name, value) \
  [[maybe_unused]] Pattern name(const Pattern& x) { return {-1, Op::name, {x}}; }
#define BINARY(name, value) \
  [[maybe_unused]] Pattern name(const Pattern& x, const Pattern& y) { return {-1, Op::name, {x, y}}; }
#define TERNARY(name, value) \
  [[maybe_unused]] Pattern name(const Pattern& x, const Pattern& y, const Pattern& z) { return {-1, Op::name, {x, y, z}}; }
#include "elementwise/ops.inc"
#undef UNARY
#undef BINARY
#undef TERNARY

std::vector<Pattern> all_chains() {
  [[maybe_unused]] const Pattern x = variable(0), y = variable(1), z = variable(2);
  [[maybe_unused]] const Pattern r = variable(3), s = variable(4), t = variable(5), u = variable(6);
  return {
#define CHAIN(name, value) value,
#include "elementwise/chains.inc"
#undef CHAIN
  };
}

}  // namespace words

bool swaps(Op op) { return op == Op::add || op == Op::mul || op == Op::mulAdd; }

class Matcher {
 public:
  Matcher(Formulas& formulas, const std::function<bool(int)>& is_scalar)
      : formulas_(formulas), is_scalar_(is_scalar), uses_(formulas.given + formulas.list.size()),
        absorbed_(formulas.list.size()) {
    for (const Formula& formula : formulas.list) {
      for (const int operand : formula.operands) {
        if (operand >= 0) ++uses_[operand];
      }
    }
    for (const int end : formulas.ends) ++uses_[end];
  }

  void join() {
    static const std::vector<Pattern> chains = words::all_chains();
    for (size_t i = formulas_.list.size(); i-- > 0;) {
      if (absorbed_[i] || formulas_.list[i].is_chain) continue;
      for (size_t row = 0; row < chains.size(); ++row) {
        bound_.fill(-1);
        inner_.clear();
        if (!matches(chains[row], formulas_.given + static_cast<int>(i), true)) continue;
        formulas_.list[i] = {true, static_cast<int>(row), bound_};
        for (const int value : inner_) absorbed_[value - formulas_.given] = true;
        break;
      }
    }
    drop_absorbed();
  }

 private:
  bool matches(const Pattern& pattern, int value, bool is_root) {
    if (pattern.variable >= 0) return binds(pattern.variable, value);
    if (value < formulas_.given || (!is_root && uses_[value] != 1)) return false;
    const Formula& formula = formulas_.list[value - formulas_.given];
    if (formula.is_chain || formula.row != static_cast<int>(pattern.op)) return false;
    const auto bound = bound_;
    const size_t inner = inner_.size();
    for (const bool swapped : {false, true}) {
      if (swapped && !swaps(pattern.op)) break;
      bound_ = bound;
      inner_.resize(inner);
      if (!is_root) inner_.push_back(value);
      bool all = true;
      for (size_t k = 0; all && k < pattern.operands.size(); ++k) {
        const size_t at = swapped && k < 2 ? 1 - k : k;
        all = matches(pattern.operands[k], formula.operands[at], false);
      }
      if (all) return true;
    }
    return false;
  }

  bool binds(int variable, int value) {
    const bool scalar = value < formulas_.given && is_scalar_(value);
    if (scalar != (variable >= kChainVectors)) return false;
    if (bound_[variable] < 0) bound_[variable] = value;
    return bound_[variable] == value;
  }

  void drop_absorbed() {
    std::vector<int> renumbered(uses_.size());
    for (int value = 0; value < formulas_.given; ++value) renumbered[value] = value;
    std::vector<Formula> kept;
    for (size_t i = 0; i < formulas_.list.size(); ++i) {
      if (absorbed_[i]) continue;
      Formula formula = formulas_.list[i];
      for (int& operand : formula.operands) operand = operand < 0 ? operand : renumbered[operand];
      renumbered[formulas_.given + i] = formulas_.given + static_cast<int>(kept.size());
      kept.push_back(formula);
    }
    formulas_.list = std::move(kept);
    for (int& end : formulas_.ends) end = renumbered[end];
  }

  Formulas& formulas_;
  const std::function<bool(int)>& is_scalar_;
  std::vector<int> uses_;
  std::vector<bool> absorbed_;
  std::array<int, kChainOperands> bound_{};
  std::vector<int> inner_;
};

}  // namespace

void join_chains(Formulas& formulas, const std::function<bool(int)>& is_scalar) { Matcher(formulas, is_scalar).join(); }

}  // namespace convolt
