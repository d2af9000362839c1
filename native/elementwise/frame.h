// What one thread holds while it works on blocks of a pass: where every value lies, staged operands, running results.
#pragma once

#include "elementwise/pass.h"

namespace convolt {

// Where the scratch memory of one thread holds what.
struct Scratch {
  explicit Scratch(const Pass& pass);

  // Running results of all reductions of one segment or part.
  static int64_t sums_bytes(const Pass& pass) {
    return static_cast<int64_t>(pass.reductions.size() * sizeof(double)) * pass.kept_per_block;
  }

  int64_t staged;
  int64_t sums;
  int64_t slots;
  int64_t bytes;
};

class Frame {
 public:
  // `memory` has as many bytes as Scratch says. Serves one run of the operands: what it staged must not change.
  // `streams`: large outputs are stored past the caches.
  Frame(const Pass& pass, const Operands& operands, std::byte* memory, bool streams);

  // Whole segments of `blocks` blocks each from `place` on, results written to the outputs.
  void run_segments(Place place, int64_t segments, int64_t blocks);

  // The next blocks of a segment, folded into `sums` (kept_per_block numbers for each reduction).
  void sum_blocks(Place& place, int64_t blocks, double* sums);

  // Writes the sums of the segment of `place` to the outputs.
  void finish(const Place& place, const double* sums);

 private:
  float* slot_at(int slot) const;
  const Lie& lie_of(int operand) const { return layout_.operands[operand]; }
  const Tensor& output_of(const Pass::Reduction& reduction) const { return operands_.outputs[reduction.output]; }
  int64_t kept_at(const Pass::Reduction& reduction, int64_t rows) const;
  const float* fold_of(const Pass::Reduction& reduction, int64_t rows, int64_t* kept) const;
  void run_single_loop(Place place, int64_t blocks);
  void run_block(const Place& place);
  void stage_input(const Pass::Staged& input, const Place& place, int64_t rows, int64_t* staged);
  bool needs_slot(const Pass::Store& store) const;
  bool is_streamed(const Pass::Store& store) const;

  const Pass& pass_;
  const Operands& operands_;
  const Loops& loops_;
  const Layout& layout_;
  float** at_;
  int64_t* staged_;
  double* sums_;
  float* slots_;
  uint64_t by_slot_ = 0;   // bit i: store i goes by way of its slot
  uint64_t streamed_ = 0;  // bit i: from there it goes past the caches
  float* fold_scratch_[2] = {};
};

// Folds `parts` sums of every segment, which lie one behind the other, in their order and writes them to the outputs.
void join_parts(const Pass& pass, Frame& frame, double* sums, int64_t parts);

}  // namespace convolt
