// How a pass walks over its iteration shape.
#include "elementwise/layout.h"

#include <algorithm>
#include <numeric>

namespace convolt {
namespace {

// Neighbouring axes that all operands treat alike are one axis. Bit i of `movers`: operand i moves along it.
struct Axis {
  int64_t size;
  uint64_t movers;
};

std::vector<Axis> collapse(const Shape& shape, std::span<const Shape> operands) {
  std::vector<Axis> axes;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == 1) continue;
    uint64_t movers = 0;
    for (size_t i = 0; i < operands.size(); ++i) {
      const int own = axis - (shape.rank() - operands[i].rank());
      if (own >= 0 && operands[i][own] != 1) movers |= uint64_t{1} << i;
    }
    if (!axes.empty() && axes.back().movers == movers) {
      axes.back().size *= shape[axis];
    } else {
      axes.push_back({shape[axis], movers});
    }
  }
  if (axes.empty()) axes.push_back({1, ~uint64_t{0}});
  return axes;
}

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Chunks of nearly equal size, of whole vectors where that is possible.
int64_t choose_rows(int64_t split, int64_t inner) {
  const int64_t most = std::clamp<int64_t>(kBlock / inner, 1, split);
  if (most == split) return split;
  const int64_t unit = 16 / std::gcd<int64_t>(16, inner);
  const int64_t whole = most < unit ? most : most - most % unit;
  const int64_t balanced = ceil_div(ceil_div(split, ceil_div(split, whole)), unit) * unit;
  return std::min(balanced, whole);
}

std::vector<Run> runs_of(std::span<const Axis> axes, uint64_t bit) {
  std::vector<Run> runs;
  for (size_t i = 0; i < axes.size(); ++i) {
    const bool moves = axes[i].movers & bit;
    const int64_t size = i == 0 ? 1 : axes[i].size;
    if (!runs.empty() && runs.back().moves == moves) {
      runs.back().size *= size;
    } else {
      runs.push_back({size, moves});
    }
  }
  return runs;
}

}  // namespace

Layout make_layout(const Shape& shape, std::span<const Shape> operands, int folded) {
  const std::vector<Axis> axes = collapse(shape, operands);
  Layout layout;
  int split = static_cast<int>(axes.size()) - 1;
  while (split > 0 && layout.inner * axes[split].size <= kBlock) layout.inner *= axes[split--].size;
  layout.split = axes[split].size;
  layout.rows = choose_rows(layout.split, layout.inner);
  layout.steps_of_first = shape.rank() == 0 ? 1 : axes[0].size / shape[0];

  // Loops over kept axes stand outside of loops over folded ones.
  const auto is_kept = [&](int axis) { return folded < 0 || (axes[axis].movers >> folded & 1) != 0; };
  std::vector<int> loop_axes;
  for (const bool kept : {true, false}) {
    for (int axis = 0; axis <= split; ++axis) {
      const int64_t count = axis == split ? ceil_div(layout.split, layout.rows) : axes[axis].size;
      if (count == 1 || is_kept(axis) != kept) continue;
      if (axis == split) layout.chunk_loop = layout.loops;
      if (axis == 0 && split > 0) layout.first_loop = layout.loops;
      layout.counts[layout.loops++] = count;
      loop_axes.push_back(axis);
      (kept ? layout.segments : layout.blocks_per_segment) *= count;
    }
  }

  for (size_t i = 0; i < operands.size(); ++i) {
    const uint64_t bit = uint64_t{1} << i;
    Lie lie;
    std::vector<int64_t> strides(axes.size());
    int64_t stride = 1;
    for (int axis = static_cast<int>(axes.size()) - 1; axis >= 0; --axis) {
      if ((axes[axis].movers & bit) == 0) continue;
      strides[axis] = stride;
      stride *= axes[axis].size;
    }
    for (int loop = 0; loop < layout.loops; ++loop) {
      lie.strides[loop] = strides[loop_axes[loop]] * (loop == layout.chunk_loop ? layout.rows : 1);
    }
    if (operands[i].rank() == shape.rank() && shape.rank() > 0 && operands[i][0] != 1) {
      lie.first_stride = operands[i].product(1, operands[i].rank());
    }
    lie.runs = runs_of(std::span(axes).subspan(split), bit);
    layout.operands.push_back(std::move(lie));
  }
  return layout;
}

Place::Place(const Layout& layout, int64_t block) : layout_(layout), split_(layout.split), counts_(layout.counts) {
  for (int i = layout.loops - 1; i >= 0; --i) {
    at_[i] = block % counts_[i];
    block /= counts_[i];
  }
}

Place::Place(const Layout& layout, int64_t first, int64_t count)
    : layout_(layout), first_(first), split_(layout.split), counts_(layout.counts) {
  const int64_t steps = count * layout.steps_of_first;
  if (layout.first_loop >= 0) {
    counts_[layout.first_loop] = steps;
  } else {
    split_ = steps;
    if (layout.chunk_loop >= 0) counts_[layout.chunk_loop] = ceil_div(steps, layout.rows);
  }
}

}  // namespace convolt
