// Finds chains: every row of chains.inc is read here as a pattern, by functions that build a tree instead of computing.
#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "elementwise/formulas.h"

namespace convolt {
namespace {

struct Pattern {
  int variable = -1;  // position in Formula::operands, or -1 for an operation
  Op op{};
  std::vector<Pattern> operands;
  int kept = -1;                // position in Formula::kept of the result, or -1
  std::vector<Pattern> beside;  // of a root: what the chain computes besides, none or one
};

namespace words {

Pattern variable(int position) { return {position, Op{}, {}, -1, {}}; }
Pattern keep1(Pattern pattern) { return {-1, pattern.op, std::move(pattern.operands), 0, {}}; }
Pattern keep2(Pattern pattern) { return {-1, pattern.op, std::move(pattern.operands), 1, {}}; }
Pattern both(Pattern beside, Pattern pattern) {
  return {-1, pattern.op, std::move(pattern.operands), pattern.kept, {std::move(beside)}};
}

#define UNARY(name, value) \
  [[maybe_unused]] Pattern name(const Pattern& x) { return {-1, Op::name, {x}, -1, {}}; }
#define BINARY(name, value) \
  [[maybe_unused]] Pattern name(const Pattern& x, const Pattern& y) { return {-1, Op::name, {x, y}, -1, {}}; }
#define TERNARY(name, value)                                                            \
  [[maybe_unused]] Pattern name(const Pattern& x, const Pattern& y, const Pattern& z) { \
    return {-1, Op::name, {x, y, z}, -1, {}};                                           \
  }
#include "elementwise/ops.inc"
#undef UNARY
#undef BINARY
#undef TERNARY

std::vector<Pattern> all_chains() {
  [[maybe_unused]] const Pattern x = variable(0), y = variable(1), z = variable(2), w = variable(3);
  [[maybe_unused]] const Pattern a = variable(4), b = variable(5), c = variable(6), d = variable(7);
  [[maybe_unused]] const Pattern e = variable(8), f = variable(9), g = variable(10), h = variable(11);
  [[maybe_unused]] const Pattern k = variable(12);
  return {
#define CHAIN(name, ...) __VA_ARGS__,
#include "elementwise/chains.inc"
#undef CHAIN
  };
}

}  // namespace words

bool swaps(Op op) { return op == Op::add || op == Op::mul || op == Op::mulAdd; }

class Matcher {
 public:
  Matcher(Formulas& formulas, const std::function<bool(int)>& is_scalar)
      : formulas_(formulas), is_scalar_(is_scalar), readers_(formulas.given + formulas.list.size()) {
    for (size_t i = 0; i < formulas.list.size(); ++i) {
      for (const int operand : formulas.list[i].operands) {
        if (operand >= 0) readers_[operand].push_back(i);
      }
    }
    for (const int end : formulas.ends) readers_[end].push_back(formulas.list.size());
  }

  void join() {
    static const std::vector<Pattern> chains = words::all_chains();
    for (size_t i = formulas_.list.size(); i-- > 0;) {
      if (formulas_.list[i].kind != FormulaKind::kOpcode) continue;
      for (size_t row = 0; row < chains.size(); ++row) {
        found_ = {Formula(FormulaKind::kChain, static_cast<int>(row), {}), {}};
        root_ = i;
        if (!matches(chains[row], formulas_.given + static_cast<int>(i)) || !finds_beside(chains[row])) continue;
        if (!may_join()) continue;
        for (const auto& [value, visits] : found_.inner) formula_of(value).kind = FormulaKind::kAbsorbed;
        formulas_.list[i] = found_.chain;
        break;
      }
    }
  }

 private:
  // What is bound so far.
  struct Match {
    Formula chain{FormulaKind::kChain, 0, {}};
    std::map<int, size_t> inner;  // values that the chain computes on its way, and how often it reads them
  };

  Formula& formula_of(int value) { return formulas_.list[value - formulas_.given]; }

  bool matches(const Pattern& pattern, int value) {
    if (pattern.variable >= 0) return binds(pattern.variable, value);
    if (value < formulas_.given) return false;
    const Formula& formula = formula_of(value);
    if (formula.kind != FormulaKind::kOpcode || formula.row != static_cast<int>(pattern.op)) return false;
    const bool is_root = value == formulas_.given + static_cast<int>(root_);
    const Match before = found_;
    const bool again = before.inner.contains(value);  // what it is made of has been counted
    for (const bool swapped : {false, true}) {
      if (swapped && !swaps(pattern.op)) break;
      found_ = before;
      if (!is_root) ++found_.inner[value];
      if (pattern.kept >= 0) found_.chain.kept[pattern.kept] = value;
      bool all = true;
      for (size_t k = 0; all && k < pattern.operands.size(); ++k) {
        const size_t at = swapped && k < 2 ? 1 - k : k;
        all = matches(pattern.operands[k], formula.operands[at]);
      }
      if (!all) continue;
      if (again) {
        found_.inner = before.inner;
        ++found_.inner[value];
      }
      return true;
    }
    return false;
  }

  // What stands beside the root is one of the formulas before it.
  bool finds_beside(const Pattern& pattern) {
    if (pattern.beside.empty()) return true;
    const Match before = found_;
    for (size_t i = 0; i < root_; ++i) {
      found_ = before;
      const int value = formulas_.given + static_cast<int>(i);
      if (formulas_.list[i].kind != FormulaKind::kOpcode || !matches(pattern.beside[0], value)) continue;
      --found_.inner[value];  // the chain computes it without reading it
      return true;
    }
    return false;
  }

  // A result that is not kept has no other reader. One that is kept exists only after the chain.
  bool may_join() const {
    const auto& kept = found_.chain.kept;
    return std::all_of(found_.inner.begin(), found_.inner.end(), [&](const auto& read) {
      const auto& [value, visits] = read;
      const std::vector<size_t>& readers = readers_[value];
      if (std::find(kept.begin(), kept.end(), value) == kept.end()) return readers.size() == visits;
      const auto is_early = [&](size_t reader) { return reader <= root_; };
      return std::count_if(readers.begin(), readers.end(), is_early) == static_cast<int64_t>(visits);
    });
  }

  bool binds(int variable, int value) {
    const bool scalar = value < formulas_.given && is_scalar_(value);
    if (scalar != (variable >= kChainVectors)) return false;
    int& bound = found_.chain.operands[variable];
    if (bound < 0) bound = value;
    return bound == value;
  }

  Formulas& formulas_;
  const std::function<bool(int)>& is_scalar_;
  std::vector<std::vector<size_t>> readers_;  // of each value: formulas, and the number of formulas for an output
  size_t root_ = 0;
  Match found_;
};

}  // namespace

void join_chains(Formulas& formulas, const std::function<bool(int)>& is_scalar) { Matcher(formulas, is_scalar).join(); }

}  // namespace convolt
