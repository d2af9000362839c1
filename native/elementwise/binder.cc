// Binds a program to shapes: chooses loops and locations for one pass after the other.
#include <algorithm>
#include <map>
#include <utility>

#include "elementwise/pass.h"

namespace convolt {
namespace {

// Element-operations below which a pass is not worth a second thread, and of which a task has about as many.
constexpr int64_t kTaskWork = 32768;
constexpr int64_t kMaxTasks = 128;

class Binder {
 public:
  Binder(const Bytecode& code, const Operands& operands, const Loops& loops)
      : code_(code), operands_(operands), opcodes_(loops.opcode_table()), folds_(loops.fold_table()) {
    pass_.loops = &loops;
  }

  // The pass that makes the outputs `ends`, of which the reductions all keep the same axes.
  Pass bind(const std::vector<int>& ends) {
    find_live_code(ends);
    lay_out(ends);
    emit(ends);
    find_readers();
    cut();
    return std::move(pass_);
  }

 private:
  int inputs() const { return code_.inputs(operands_); }
  int given() const { return inputs() + static_cast<int>(code_.immediates.size()); }
  bool folds(int end) const { return code_.ends[end].fold != 0 && !(operands_.outputs[end].shape == code_.shape); }
  int arity(const Instruction& instruction) const { return opcodes_[instruction.opcode].arity; }

  void find_live_code(const std::vector<int>& ends) {
    std::vector<bool> needed;
    const auto need = [&](int number, bool value) {
      if (number >= static_cast<int>(needed.size())) needed.resize(number + 1);
      needed[number] = value;
    };
    for (const int end : ends) need(code_.ends[end].value, true);
    for (size_t i = code_.instructions.size(); i-- > 0;) {
      const Instruction& instruction = code_.instructions[i];
      if (instruction.y >= static_cast<int>(needed.size()) || !needed[instruction.y]) continue;
      need(instruction.y, false);
      for (int k = 0; k < arity(instruction); ++k) need(instruction.operands[k], true);
      live_.push_back(instruction);
    }
    std::reverse(live_.begin(), live_.end());
    needed.resize(std::max<size_t>(needed.size(), inputs()));
    for (int i = 0; i < inputs(); ++i) {
      if (needed[i]) operand_of_input_.emplace(i, static_cast<int>(operand_of_input_.size()));
    }
  }

  void lay_out(const std::vector<int>& ends) {
    std::vector<Shape> shapes;
    for (const auto& [input, operand] : operand_of_input_) shapes.push_back(operands_.inputs[input].shape);
    int folded = -1;
    for (const int end : ends) {
      if (folds(end)) folded = static_cast<int>(shapes.size());
      operand_of_output_[end] = static_cast<int>(shapes.size());
      shapes.push_back(operands_.outputs[end].shape);
    }
    pass_.layout = make_layout(code_.shape, shapes, folded);
  }

  const Lie& lie_of_input(int input) const { return pass_.layout.operands[operand_of_input_.at(input)]; }

  bool is_scalar(int number) const {
    return number < inputs() ? lie_of_input(number).is_constant() : number < given();
  }

  // Where a loop finds the register as one number (a scalar) or as a block.
  int location_of(int number, bool scalar) {
    if (number >= given()) return written_.at(number);
    const auto [known, is_new] = given_.try_emplace({number, scalar}, pass_.locations);
    if (!is_new) return known->second;
    const int location = pass_.locations++;
    if (number >= inputs()) {
      const int slot = scalar ? -1 : pass_.slots++;
      pass_.constants.push_back({location, slot, &code_.immediates[number - inputs()]});
      return location;
    }
    const Lie& lie = lie_of_input(number);
    const bool direct = operands_.inputs[number].dtype == DType::kFloat32 && (scalar || lie.is_whole());
    const int slot = direct ? -1 : pass_.slots++;
    pass_.loads.push_back({location, slot, number, operand_of_input_.at(number), scalar ? std::vector<Run>{} : lie.runs});
    return location;
  }

  int scratch_of(int number) {
    const auto [known, is_new] = scratch_.try_emplace(number, pass_.locations);
    if (is_new) pass_.temporaries.push_back({pass_.locations++, pass_.slots++});
    return known->second;
  }

  void emit(const std::vector<int>& ends) {
    std::map<int, size_t> last_write;
    for (size_t i = 0; i < live_.size(); ++i) last_write[live_[i].y] = i;
    std::map<size_t, int> owner;  // live instruction -> location of the output that it writes
    std::vector<std::pair<int, int>> copies;  // register -> location of an output
    for (const int end : ends) {
      if (folds(end)) continue;
      const int location = pass_.locations++;
      const bool staged = operands_.outputs[end].dtype != DType::kFloat32;
      pass_.stores.push_back({location, pass_.slots++, end, operand_of_output_[end], staged, {}});
      const auto writer = last_write.find(code_.ends[end].value);
      if (writer == last_write.end() || !owner.emplace(writer->second, location).second) {
        copies.emplace_back(code_.ends[end].value, location);
      }
    }
    for (size_t i = 0; i < live_.size(); ++i) {
      Pass::Call call = call_of(live_[i]);
      const auto output = owner.find(i);
      call.y = output == owner.end() ? scratch_of(live_[i].y) : output->second;
      written_[live_[i].y] = call.y;
      pass_.calls.push_back(call);
    }
    for (const auto& [number, location] : copies) {
      Pass::Call call = call_of({static_cast<int>(Op::copy), 0, {number, -1, -1}});
      call.y = location;
      pass_.calls.push_back(call);
    }
    for (const int end : ends) {
      if (!folds(end)) continue;
      const auto& [value, fold] = code_.ends[end];
      pass_.reductions.push_back({location_of(value, false), end, operand_of_output_[end], &folds_[fold - 1]});
    }
  }

  // Chooses the loop for the kinds of the operands; see Opcode.
  Pass::Call call_of(const Instruction& instruction) {
    auto [opcode, y, operands] = instruction;
    const int count = arity(instruction);
    if (opcode == static_cast<int>(Op::mulAdd) && is_scalar(operands[0])) std::swap(operands[0], operands[1]);
    const bool b = count > 1 && is_scalar(operands[1]);
    const bool c = count > 2 && is_scalar(operands[2]);
    const bool a = count == 2 && !b && is_scalar(operands[0]);
    Pass::Call call{opcodes_[opcode].loops[b + 2 * (a || c)], 0, 0, 0, 0};
    call.a = location_of(operands[0], a);
    call.b = count > 1 ? location_of(operands[1], b) : call.a;
    call.c = count > 2 ? location_of(operands[2], c) : call.a;
    return call;
  }

  void find_readers() {
    for (Pass::Store& store : pass_.stores) {
      size_t writer = 0;
      while (pass_.calls[writer].y != store.location) ++writer;
      for (const Pass::Load& load : pass_.loads) {
        const auto reads = [&](const Pass::Call& call) {
          return call.a == load.location || call.b == load.location || call.c == load.location;
        };
        const bool later = std::any_of(pass_.calls.begin() + static_cast<int64_t>(writer) + 1, pass_.calls.end(), reads);
        const bool folded = std::any_of(pass_.reductions.begin(), pass_.reductions.end(),
                                        [&](const Pass::Reduction& end) { return end.location == load.location; });
        if (load.slot < 0 && (later || folded)) store.readers.push_back(load.input);
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
  const Fold* folds_;
  Pass pass_;
  std::vector<Instruction> live_;
  std::map<int, int> operand_of_input_;   // input -> operand of the layout
  std::map<int, int> operand_of_output_;
  std::map<std::pair<int, bool>, int> given_;  // input or immediate, as scalar or block -> location
  std::map<int, int> scratch_;                 // temporary register -> location of its slot
  std::map<int, int> written_;                 // temporary register -> location of its newest value
};

}  // namespace

std::vector<Pass> bind_passes(const Bytecode& code, const Operands& operands, const Loops& loops) {
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
