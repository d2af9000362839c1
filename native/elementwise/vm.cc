// The block interpreter.
#include "elementwise/vm.h"

#include <algorithm>
#include <cstddef>

#include "base/aligned.h"
#include "elementwise/fold.h"
#include "elementwise/stage.h"

namespace convolt {
namespace {

// One line more than a block, so that the same position of several slots does not fall into one set of the cache.
constexpr int64_t kSlotFloats = kBlock + 16;
constexpr int64_t kNowhere = -1;

// Where the scratch memory of one thread holds what.
struct Scratch {
  explicit Scratch(const Pass& pass)
      : staged(aligned(pass.locations * static_cast<int64_t>(sizeof(float*)))),
        sums(staged + aligned(static_cast<int64_t>(pass.staged.size() * sizeof(int64_t)))),
        slots(sums + (pass.layout.blocks_per_segment > 1 ? aligned(sums_bytes(pass)) : 0)),
        bytes(slots + pass.slots * kSlotFloats * static_cast<int64_t>(sizeof(float))) {}

  // Running results of all reductions of one segment or part.
  static int64_t sums_bytes(const Pass& pass) {
    return static_cast<int64_t>(pass.reductions.size() * sizeof(double)) * pass.kept_per_block;
  }

  int64_t staged;
  int64_t sums;
  int64_t slots;
  int64_t bytes;
};

int64_t partial_bytes(const Pass& pass) { return pass.parts > 1 ? aligned(pass.tasks * Scratch::sums_bytes(pass)) : 0; }

// What one thread needs while it works on one task.
class Frame {
 public:
  Frame(const Pass& pass, const Operands& operands, std::byte* memory)
      : pass_(pass), operands_(operands), loops_(*pass.loops), layout_(pass.layout) {
    const Scratch scratch(pass);
    at_ = reinterpret_cast<float**>(memory);
    staged_ = reinterpret_cast<int64_t*>(memory + scratch.staged);
    sums_ = reinterpret_cast<double*>(memory + scratch.sums);
    slots_ = reinterpret_cast<float*>(memory + scratch.slots);
    at_[0] = slots_;
    for (const auto& [location, slot] : pass.temporaries) at_[location] = slot_at(slot);
    for (const auto& [location, slot, value] : pass.constants) {
      at_[location] = slot < 0 ? const_cast<float*>(value) : slot_at(slot);
      if (slot >= 0) loops_.fill(at_[location], *value, std::min(kBlock, layout_.rows * layout_.inner));
    }
    for (const Pass::Direct& input : pass.still) at_[input.location] = floats_of(operands.inputs[input.input]);
    for (size_t i = 0; i < pass.staged.size(); ++i) {
      at_[pass.staged[i].location] = slot_at(pass.staged[i].slot);
      staged_[i] = kNowhere;
    }
    for (size_t i = 0; i < pass.stores.size(); ++i) {
      if (!needs_slot(pass.stores[i])) continue;
      at_[pass.stores[i].location] = slot_at(pass.stores[i].slot);
      by_slot_ |= uint64_t{1} << i;
    }
    if (pass.reductions.empty()) return;
    fold_scratch_[0] = slot_at(pass.slots - 2);
    fold_scratch_[1] = slot_at(pass.slots - 1);
  }

  // Whole segments, results written to the outputs.
  void run_segments(int64_t begin, int64_t end) {
    const int64_t blocks = layout_.blocks_per_segment;
    Place place(layout_, begin * blocks);
    for (int64_t segment = begin; segment < end; ++segment) {
      if (blocks == 1) {
        run_block(place);
        for (const Pass::Reduction& reduction : pass_.reductions) {
          int64_t kept = 0;
          const float* folded = fold_of(reduction, place.rows(), &kept);
          unstage(loops_, output_of(reduction), place.offset(lie_of(reduction.operand)), folded, kept);
        }
        place.advance();
      } else {
        const Place first = place;
        sum_blocks(place, blocks, sums_);
        finish(first, sums_);
      }
    }
  }

  // Blocks [begin, end) of a segment, folded into `sums` (kept_per_block numbers for each reduction).
  void run_part(int64_t begin, int64_t end, double* sums) {
    Place place(layout_, begin);
    sum_blocks(place, end - begin, sums);
  }

  // Writes the sums of the segment of `place` to the outputs.
  void finish(const Place& place, const double* sums) {
    for (const Pass::Reduction& reduction : pass_.reductions) {
      const int64_t kept = kept_at(reduction, place.rows());
      for (int64_t i = 0; i < kept; ++i) fold_scratch_[0][i] = static_cast<float>(sums[i]);
      unstage(loops_, output_of(reduction), place.offset(lie_of(reduction.operand)), fold_scratch_[0], kept);
      sums += pass_.kept_per_block;
    }
  }

 private:
  float* slot_at(int slot) const { return slots_ + slot * kSlotFloats; }
  const Lie& lie_of(int operand) const { return layout_.operands[operand]; }
  const Tensor& output_of(const Pass::Reduction& reduction) const { return operands_.outputs[reduction.output]; }

  int64_t kept_at(const Pass::Reduction& reduction, int64_t rows) const {
    return lie_of(reduction.operand).runs[0].moves ? pass_.kept_per_block / layout_.rows * rows : pass_.kept_per_block;
  }

  const float* fold_of(const Pass::Reduction& reduction, int64_t rows, int64_t* kept) const {
    const OpcodeLoop join = loops_.opcode_table()[static_cast<int>(reduction.fold->op)].loops[0];
    return fold_block(*reduction.fold, join, at_[reduction.location], lie_of(reduction.operand).runs, rows,
                      fold_scratch_, kept);
  }

  void sum_blocks(Place& place, int64_t blocks, double* sums) {
    for (size_t i = 0; i < pass_.reductions.size(); ++i) {
      std::fill_n(sums + static_cast<int64_t>(i) * pass_.kept_per_block, pass_.kept_per_block,
                  pass_.reductions[i].fold->identity);
    }
    for (; blocks > 0; --blocks, place.advance()) {
      run_block(place);
      double* own = sums;
      for (const Pass::Reduction& reduction : pass_.reductions) {
        int64_t kept = 0;
        const float* folded = fold_of(reduction, place.rows(), &kept);
        reduction.fold->join(own, folded, kept);
        own += pass_.kept_per_block;
      }
    }
  }

  void run_block(const Place& place) {
    const int64_t rows = place.rows();
    const int64_t n = rows * layout_.inner;
    for (const auto& [location, input, operand] : pass_.direct) {
      at_[location] = floats_of(operands_.inputs[input]) + place.offset(lie_of(operand));
    }
    for (size_t i = 0; i < pass_.staged.size(); ++i) stage_input(pass_.staged[i], place, rows, &staged_[i]);
    for (size_t i = 0; i < pass_.stores.size(); ++i) {
      const Pass::Store& store = pass_.stores[i];
      if (by_slot_ >> i & 1) continue;
      at_[store.location] = floats_of(operands_.outputs[store.output]) + place.offset(lie_of(store.operand));
    }
    for (const Pass::Call& call : pass_.calls) call.loop(at_, call.where.data(), n);
    if (by_slot_ == 0) return;
    for (size_t i = 0; i < pass_.stores.size(); ++i) {
      const Pass::Store& store = pass_.stores[i];
      if ((by_slot_ >> i & 1) == 0) continue;
      unstage(loops_, operands_.outputs[store.output], place.offset(lie_of(store.operand)), at_[store.location], n);
    }
  }

  // `staged` is the offset of what the slot holds.
  void stage_input(const Pass::Staged& input, const Place& place, int64_t rows, int64_t* staged) {
    const int64_t offset = place.offset(lie_of(input.operand));
    if (offset == *staged) return;
    *staged = offset;
    // Where the rows do not move, a shorter block needs no more than the beginning of a full one.
    const bool repeats = !input.runs.empty() && !input.runs[0].moves;
    stage(loops_, at_[input.location], operands_.inputs[input.input], offset, input.runs,
          repeats ? layout_.rows : rows);
  }

  // Results go by way of a slot when they must be converted, or when they overwrite an input that is still needed.
  bool needs_slot(const Pass::Store& store) const {
    const Tensor& output = operands_.outputs[store.output];
    return output.dtype != DType::kFloat32 || std::any_of(store.readers.begin(), store.readers.end(), [&](int reader) {
             return operands_.inputs[reader].data == output.data;
           });
  }

  static float* floats_of(const Tensor& tensor) { return static_cast<float*>(tensor.data); }

  const Pass& pass_;
  const Operands& operands_;
  const Loops& loops_;
  const Layout& layout_;
  float** at_;
  int64_t* staged_;
  double* sums_;
  float* slots_;
  uint64_t by_slot_ = 0;  // bit i: store i goes by way of its slot
  float* fold_scratch_[2] = {};
};

// Joins the partial results of every segment in the order of its parts.
void join_parts(const Pass& pass, Frame& frame, double* sums) {
  const int64_t stride = Scratch::sums_bytes(pass) / static_cast<int64_t>(sizeof(double));
  for (int64_t segment = 0; segment < pass.layout.segments; ++segment) {
    double* own = sums + segment * pass.parts * stride;
    for (int64_t part = 1; part < pass.parts; ++part) {
      for (size_t i = 0; i < pass.reductions.size(); ++i) {
        const int64_t at = static_cast<int64_t>(i) * pass.kept_per_block;
        pass.reductions[i].fold->join_partial(own + at, own + part * stride + at, pass.kept_per_block);
      }
    }
    frame.finish(Place(pass.layout, segment * pass.layout.blocks_per_segment), own);
  }
}

}  // namespace

int64_t pass_workspace(const Pass& pass, int threads) { return partial_bytes(pass) + threads * Scratch(pass).bytes; }

void run_pass(const Pass& pass, const Operands& operands) {
  auto* partials = reinterpret_cast<double*>(operands.workspace);
  std::byte* scratch = operands.workspace + partial_bytes(pass);
  const int64_t scratch_bytes = Scratch(pass).bytes;
  const auto run_task = [&](int64_t task, int thread) {
    Frame frame(pass, operands, scratch + thread * scratch_bytes);
    if (pass.parts > 1) {
      const int64_t blocks = pass.layout.blocks_per_segment;
      const int64_t first = task / pass.parts * blocks;
      const int64_t part = task % pass.parts;
      double* sums = partials + task * Scratch::sums_bytes(pass) / static_cast<int64_t>(sizeof(double));
      frame.run_part(first + part * blocks / pass.parts, first + (part + 1) * blocks / pass.parts, sums);
    } else {
      const int64_t begin = task * pass.segments_per_task;
      frame.run_segments(begin, std::min(begin + pass.segments_per_task, pass.layout.segments));
    }
  };
  if (pass.tasks == 1) {
    run_task(0, 0);
  } else {
    operands.pool->parallel_for(pass.tasks, run_task);
  }
  if (pass.parts == 1) return;
  Frame frame(pass, operands, scratch);
  join_parts(pass, frame, partials);
}

}  // namespace convolt
