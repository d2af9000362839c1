// How a pass walks over its iteration shape: which elements make a block, and where each operand's part of it begins.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"

namespace convolt {

// Elements of a block, at most: all registers of a pass then stay in the first-level cache.
inline constexpr int64_t kBlock = 1024;

// Neighbouring axes of a block along which an operand moves, or stands still. The first run of a block has `size`
// positions for each of the block's rows.
struct Run {
  int64_t size;
  bool moves;
};

// Loop axes of a pass: the outer axes, and the chunks of the split axis.
inline constexpr int kMaxLoops = kMaxRank + 1;

// How one operand lies in the blocks.
struct Lie {
  std::array<int64_t, kMaxLoops> strides{};  // elements per step of each loop
  int64_t first_stride = 0;                  // elements per step of the first axis of the iteration shape
  std::vector<Run> runs;                     // inside of a block, outermost first

  bool is_whole() const { return runs.size() == 1 && runs[0].moves; }      // one element for each position
  bool is_constant() const { return runs.size() == 1 && !runs[0].moves; }  // the same element for all positions
  bool is_still() const {                                                  // the same elements in every block
    return first_stride == 0 && std::all_of(strides.begin(), strides.end(), [](int64_t stride) { return stride == 0; });
  }
};

// A block is `rows` positions of the split axis with all `inner` positions of the axes behind it.
struct Layout {
  int loops = 0;
  std::array<int64_t, kMaxLoops> counts{};
  int chunk_loop = -1;  // the loop over chunks of the split axis, -1 when there is one chunk
  int64_t split = 1;    // size of the split axis
  int64_t rows = 1;     // positions of the split axis in every block but the last chunk's
  int64_t inner = 1;
  int first_loop = -1;             // the loop over the first axis of the iteration shape, -1 when blocks split it
  int64_t steps_of_first = 1;      // of that loop, or positions of the split axis, for each step of the first axis
  int64_t segments = 1;            // runs of blocks that end in other elements of the folded operand
  int64_t blocks_per_segment = 1;  // consecutive blocks that are folded into the same elements
  std::vector<Lie> operands;
};

// `operands` broadcast to `shape`, which has at least one element. `folded` is the operand that keeps only some axes
// because the others are folded away, or -1: its axes become the outer loops.
Layout make_layout(const Shape& shape, std::span<const Shape> operands, int folded);

// The place of a block, counted with the last loop fastest; and the offsets of all operands there.
class Place {
 public:
  Place(const Layout& layout, int64_t block);
  // The first block of a walk over `count` steps of the first axis of the iteration shape, from `first` on.
  Place(const Layout& layout, int64_t first, int64_t count);
  void advance() {
    for (int i = layout_.loops - 1; i >= 0; --i) {
      if (++at_[i] < counts_[i]) return;
      at_[i] = 0;
    }
  }
  // Blocks of the whole walk.
  int64_t blocks() const {
    int64_t product = split_ > 0 ? 1 : 0;
    for (int i = 0; i < layout_.loops; ++i) product *= counts_[i];
    return product;
  }
  // Rows of this block.
  int64_t rows() const {
    if (layout_.chunk_loop < 0) return split_;
    return std::min(layout_.rows, split_ - at_[layout_.chunk_loop] * layout_.rows);
  }
  int64_t offset(const Lie& lie) const {
    int64_t sum = first_ * lie.first_stride;
    for (int i = 0; i < layout_.loops; ++i) sum += at_[i] * lie.strides[i];
    return sum;
  }

 private:
  const Layout& layout_;
  int64_t first_ = 0;
  int64_t split_;
  std::array<int64_t, kMaxLoops> counts_;
  std::array<int64_t, kMaxLoops> at_{};
};

}  // namespace convolt
