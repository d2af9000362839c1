// Binds a program to shapes: chooses loops and locations for one pass after the other.
#include <algorithm>
#include <map>
#include <utility>

#include "elementwise/formulas.h"
#include "elementwise/pass.h"

namespace convolt {
namespace {

// Element-operations below which a pass is not worth a second thread, and of which a task has about as many.
constexpr int64_t kTaskWork = 32768;
constexpr int64_t kMaxTasks = 128;

class Binder {
 public:
  Binder(const Bytecode& code, const Operands& operands, const Loops& loops)
      : code_(code),
        operands_(operands),
        opcodes_(loops.opcode_table()),
        chains_(loops.chain_table()),
        folds_(loops.fold_table()) {
    pass_.loops = &loops;
  }

  // The pass that makes the outputs `ends`, of which the reductions all keep the same axes.
  Pass bind(const std::vector<int>& ends) {
    formulas_ = make_formulas(code_, inputs(), ends);
    lay_out(ends);
    join_chains(formulas_, [&](int value) { return is_scalar(value); });
    claim_outputs(ends);
    emit();
    for (size_t i = 0; i < ends.size(); ++i) {
      const int end = ends[i];
      if (!folds(end)) continue;
      const Fold* fold = &folds_[code_.ends[end].fold - 1];
      pass_.reductions.push_back({location_of(formulas_.ends[i], false), end, operand_of_output_[end], fold});
    }
    find_readers();
    pass_.is_single_loop = is_single_loop();
    cut();
    return std::move(pass_);
  }

 private:
  int inputs() const { return code_.inputs(operands_); }
  bool folds(int end) const { return code_.ends[end].fold != 0 && !(operands_.outputs[end].shape == code_.shape); }

  void lay_out(const std::vector<int>& ends) {
    std::vector<bool> read(formulas_.given + formulas_.list.size());
    for (const Formula& formula : formulas_.list) {
      for (const int operand : formula.operands) {
        if (operand >= 0) read[operand] = true;
      }
    }
    for (const int value : formulas_.ends) read[value] = true;
    std::vector<Shape> shapes;
    for (int input = 0; input < inputs(); ++input) {
      if (!read[input]) continue;
      operand_of_input_[input] = static_cast<int>(shapes.size());
      shapes.push_back(operands_.inputs[input].shape);
    }
    int folded = -1;
    for (const int end : ends) {
      if (folds(end)) folded = static_cast<int>(shapes.size());
      operand_of_output_[end] = static_cast<int>(shapes.size());
      shapes.push_back(operands_.outputs[end].shape);
    }
    pass_.layout = make_layout(code_.shape, shapes, folded);
  }

  const Lie& lie_of_input(int input) const { return pass_.layout.operands[operand_of_input_.at(input)]; }

  bool is_scalar(int value) const {
    return value < inputs() ? lie_of_input(value).is_constant() : value < formulas_.given;
  }

  // Where a loop finds the value as one number (a scalar) or as a block.
  int location_of(int value, bool scalar) {
    if (value >= formulas_.given) return computed_.at(value);
    const auto [known, is_new] = given_.try_emplace({value, scalar}, pass_.locations);
    if (!is_new) return known->second;
    const int location = pass_.locations++;
    if (value >= inputs()) {
      const int slot = scalar ? -1 : pass_.slots++;
      pass_.constants.push_back({location, slot, &code_.immediates[value - inputs()]});
      return location;
    }
    const Lie& lie = lie_of_input(value);
    const int operand = operand_of_input_.at(value);
    if (operands_.inputs[value].dtype == DType::kFloat32 && (scalar || lie.is_whole())) {
      (lie.is_still() ? pass_.still : pass_.direct).push_back({location, value, operand});
    } else {
      pass_.staged.push_back({location, pass_.slots++, value, operand, scalar ? std::vector<Run>{} : lie.runs});
    }
    return location;
  }

  // Gives every stored output a location. The formula that makes it writes there; what no formula of its own makes is
  // copied.
  void claim_outputs(const std::vector<int>& ends) {
    for (size_t i = 0; i < ends.size(); ++i) {
      const int end = ends[i];
      if (folds(end)) continue;
      const int location = pass_.locations++;
      pass_.stores.push_back({location, pass_.slots++, end, operand_of_output_[end], {}});
      int value = formulas_.ends[i];
      if (value < formulas_.given || computed_.contains(value)) {
        formulas_.list.push_back(Formula(FormulaKind::kOpcode, static_cast<int>(Op::copy), {&formulas_.ends[i], 1}));
        value = formulas_.given + static_cast<int>(formulas_.list.size()) - 1;
      }
      computed_[value] = location;
    }
  }

  // Temporaries share slots: a slot is free again after the last formula that reads it.
  void emit() {
    std::map<int, size_t> last_read;
    for (size_t i = 0; i < formulas_.list.size(); ++i) {
      if (formulas_.list[i].kind == FormulaKind::kAbsorbed) continue;
      for (const int operand : formulas_.list[i].operands) last_read[operand] = i;
    }
    for (const int value : formulas_.ends) last_read[value] = formulas_.list.size();
    for (size_t i = 0; i < formulas_.list.size(); ++i) {
      const Formula& formula = formulas_.list[i];
      if (formula.kind == FormulaKind::kAbsorbed) continue;
      Pass::Call call = call_of(formula);
      for (const int operand : formula.operands) {
        if (last_read[operand] == i) release(operand);
      }
      call.where[0] = result_of(formulas_.given + static_cast<int>(i));
      for (int k = 0; k < kChainKept; ++k) {
        if (formula.kept[k] >= 0) call.where[1 + kChainOperands + k] = result_of(formula.kept[k]);
      }
      pass_.calls.push_back(call);
    }
  }

  void release(int value) {
    const auto found = temporary_.find(value);
    if (found == temporary_.end()) return;
    free_.push_back(found->second);
    temporary_.erase(found);
  }

  bool is_single_loop() const {
    const Layout& layout = pass_.layout;
    const int64_t step = layout.loops == 0 ? 0 : layout.rows * layout.inner;
    const auto lies_along = [&](const Lie& lie) {
      return lie.is_constant() ? lie.is_still() : lie.is_whole() && lie.strides[0] == step;
    };
    const auto is_spread = [](const Pass::Constant& constant) { return constant.slot >= 0; };
    return pass_.calls.size() == 1 && pass_.reductions.empty() && pass_.staged.empty() && pass_.temporaries.empty() &&
           std::none_of(pass_.constants.begin(), pass_.constants.end(), is_spread) && layout.loops <= 1 &&
           (layout.loops == 0 || layout.chunk_loop == 0) &&
           std::all_of(layout.operands.begin(), layout.operands.end(), lies_along);
  }

  // Where a formula writes: the output that claims it, or a free slot.
  int result_of(int value) {
    if (computed_.contains(value)) return computed_[value];
    if (free_.empty()) {
      free_.push_back(pass_.locations);
      pass_.temporaries.push_back({pass_.locations++, pass_.slots++});
    }
    computed_[value] = temporary_[value] = free_.back();
    free_.pop_back();
    return computed_[value];
  }

  // Chooses the loop for the kinds of the operands; see Opcode.
  Pass::Call call_of(const Formula& formula) {
    Pass::Call call{nullptr, {}};
    if (formula.kind == FormulaKind::kChain) {
      call.loop = chains_[formula.row];
      for (int k = 0; k < kChainOperands; ++k) {
        if (formula.operands[k] >= 0) call.where[k + 1] = location_of(formula.operands[k], k >= kChainVectors);
      }
      return call;
    }
    auto operands = formula.operands;
    const int count = opcodes_[formula.row].arity;
    if (formula.row == static_cast<int>(Op::mulAdd) && is_scalar(operands[0])) std::swap(operands[0], operands[1]);
    const bool second = count > 1 && is_scalar(operands[1]);
    const bool third = count > 2 && is_scalar(operands[2]);
    const bool first = count == 2 && !second && is_scalar(operands[0]);
    const bool scalars[] = {first, second, third};
    call.loop = opcodes_[formula.row].loops[second + 2 * (first || third)];
    for (int k = 0; k < count; ++k) call.where[k + 1] = location_of(operands[k], scalars[k]);
    return call;
  }

  static bool writes(const Pass::Call& call, int location) {
    const auto kept = std::span(call.where).subspan(1 + kChainOperands);
    return call.where[0] == location || std::find(kept.begin(), kept.end(), location) != kept.end();
  }

  // An output that overwrites an input is written directly unless the old numbers are still read afterwards.
  void find_readers() {
    for (Pass::Store& store : pass_.stores) {
      size_t writer = 0;
      while (!writes(pass_.calls[writer], store.location)) ++writer;
      const auto is_read_later = [&](const Pass::Direct& input) {
        const auto reads = [&](const Pass::Call& call) {
          const auto operands = std::span(call.where).subspan(1, kChainOperands);
          return std::find(operands.begin(), operands.end(), input.location) != operands.end();
        };
        const auto folds = [&](const Pass::Reduction& end) { return end.location == input.location; };
        return std::any_of(pass_.calls.begin() + static_cast<int64_t>(writer) + 1, pass_.calls.end(), reads) ||
               std::any_of(pass_.reductions.begin(), pass_.reductions.end(), folds);
      };
      for (const auto* inputs : {&pass_.still, &pass_.direct}) {
        for (const Pass::Direct& input : *inputs) {
          if (is_read_later(input)) store.readers.push_back(input.input);
        }
      }
    }
  }

  void cut() {
    const Layout& layout = pass_.layout;
    if (!pass_.reductions.empty()) {
      pass_.kept_per_block = 1;
      const std::vector<Run>& runs = layout.operands[pass_.reductions[0].operand].runs;
      for (size_t i = 0; i < runs.size(); ++i) {
        if (runs[i].moves) pass_.kept_per_block *= runs[i].size * (i == 0 ? layout.rows : 1);
      }
      pass_.slots += 2;  // for folding
    }
    const int64_t steps = static_cast<int64_t>(pass_.calls.size() + pass_.reductions.size()) + 1;
    const int64_t wanted = std::clamp<int64_t>(code_.shape.elements() * steps / kTaskWork, 1, kMaxTasks);
    if (wanted <= layout.segments) {
      pass_.segments_per_task = (layout.segments + wanted - 1) / wanted;
      pass_.tasks = (layout.segments + pass_.segments_per_task - 1) / pass_.segments_per_task;
    } else {
      pass_.parts = std::clamp<int64_t>(wanted / layout.segments, 1, layout.blocks_per_segment);
      pass_.tasks = layout.segments * pass_.parts;
    }
  }

  const Bytecode& code_;
  const Operands& operands_;
  const Opcode* opcodes_;
  const OpcodeLoop* chains_;
  const Fold* folds_;
  Pass pass_;
  Formulas formulas_;
  std::map<int, int> operand_of_input_;  // of the layout
  std::map<int, int> operand_of_output_;
  std::map<std::pair<int, bool>, int> given_;  // input or immediate, as scalar or block -> location
  std::map<int, int> computed_;                // value of a formula -> location
  std::map<int, int> temporary_;               // value of a formula -> location of the slot that it occupies
  std::vector<int> free_;                      // locations of slots that nothing occupies
};

}  // namespace

std::vector<Pass> bind_passes(const Bytecode& code, const Operands& operands, const Loops& loops) {
  if (code.shape.elements() == 0) return {};
  std::vector<std::vector<int>> groups;  // outputs that are made together
  std::vector<int> stored;
  for (int end = 0; end < static_cast<int>(code.ends.size()); ++end) {
    const Shape& shape = operands.outputs[end].shape;
    if (code.ends[end].fold == 0 || shape == code.shape) {
      stored.push_back(end);
      continue;
    }
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const std::vector<int>& group) {
      return operands.outputs[group[0]].shape == shape;
    });
    if (same == groups.end()) {
      groups.push_back({end});
    } else {
      same->push_back(end);
    }
  }
  if (groups.empty()) groups.emplace_back();
  groups.back().insert(groups.back().end(), stored.begin(), stored.end());
  std::vector<Pass> passes;
  for (const std::vector<int>& group : groups) passes.push_back(Binder(code, operands, loops).bind(group));
  return passes;
}

}  // namespace convolt
