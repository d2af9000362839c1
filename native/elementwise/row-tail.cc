// Sees a group as a matrix [rows, last axis], in which any range of rows is a walk of its own.
#include "elementwise/row-tail.h"

#include <utility>

#include "base/aligned.h"

namespace convolt {
namespace {

// `operand`, which broadcasts to `shape`, as a matrix: rows that all move or all stand still. None when only some of
// the axes before the last move.
std::optional<Shape> matrix_of(const Shape& operand, const Shape& shape) {
  const int64_t columns = operand.rank() > 0 ? operand.last() : 1;
  bool moves = false, stands = false;
  for (int i = 2; i <= shape.rank(); ++i) {
    if (shape.last(i) == 1) continue;
    (i <= operand.rank() && operand.last(i) != 1 ? moves : stands) = true;
  }
  if (moves && stands) return std::nullopt;
  const int64_t sizes[] = {moves ? shape.product(0, shape.rank() - 1) : 1, columns};
  return Shape(sizes);
}

std::optional<std::vector<Tensor>> matrices_of(std::span<const Tensor> tensors, const Shape& shape) {
  std::vector<Tensor> matrices(tensors.begin(), tensors.end());
  for (Tensor& tensor : matrices) {
    const std::optional<Shape> matrix = matrix_of(tensor.shape, shape);
    if (!matrix) return std::nullopt;
    tensor.shape = *matrix;
  }
  return matrices;
}

}  // namespace

std::unique_ptr<RowTail> RowTail::bind(std::span<const double> attributes, const Operands& operands,
                                       const Tensor& produced, int64_t ranges) {
  AttributeReader read(attributes);
  std::unique_ptr<RowTail> tail(new RowTail(read, operands, ranges));
  const Shape shape = tail->code_.shape;
  if (shape.rank() == 0 || !(shape == produced.shape)) return nullptr;
  const auto inputs = matrices_of(operands.inputs, shape);
  const auto outputs = matrices_of(operands.outputs, shape);
  if (!inputs || !outputs) return nullptr;
  tail->code_.shape = *matrix_of(shape, shape);
  std::vector<Pass> passes =
      bind_passes(tail->code_, {.inputs = *inputs, .outputs = *outputs, .pool = operands.pool}, loops());
  if (passes.size() != 1) return nullptr;
  tail->pass_ = std::move(passes[0]);
  tail->clip_ = clip_of(tail->code_, operands, produced);
  return tail;
}

int64_t RowTail::sums_per_segment() const {
  if (pass_.reductions.empty()) return 0;
  const bool ends_within_rows = pass_.layout.operands[pass_.reductions[0].operand].first_stride != 0;
  return ends_within_rows ? 0 : Scratch::sums_bytes(pass_) / static_cast<int64_t>(sizeof(double));
}

int64_t RowTail::partial_bytes() const {
  return aligned(pass_.layout.segments * ranges_ * sums_per_segment() * static_cast<int64_t>(sizeof(double)));
}

int64_t RowTail::workspace(int threads) const { return partial_bytes() + threads * Scratch(pass_).bytes; }

void RowTail::fit(std::byte* workspace, int threads) {
  partials_ = reinterpret_cast<double*>(workspace);
  scratch_ = workspace + partial_bytes();
  frames_ = std::vector<std::optional<Frame>>(threads);
}

void RowTail::begin() {
  for (std::optional<Frame>& frame : frames_) frame.reset();
}

Frame& RowTail::frame_of(int thread) {
  std::optional<Frame>& frame = frames_[thread];
  if (!frame) frame.emplace(pass_, operands_, scratch_ + thread * Scratch(pass_).bytes, false);
  return *frame;
}

void RowTail::run(int64_t range, int64_t begin, int64_t end, int thread) {
  Frame& frame = frame_of(thread);
  Place place(pass_.layout, begin, end - begin);
  const int64_t sums = sums_per_segment();
  if (sums == 0) {
    const int64_t blocks = pass_.layout.blocks_per_segment;
    frame.run_segments(place, place.blocks() / blocks, blocks);
    return;
  }
  const int64_t blocks = place.blocks() / pass_.layout.segments;
  for (int64_t segment = 0; segment < pass_.layout.segments; ++segment) {
    frame.sum_blocks(place, blocks, partials_ + (segment * ranges_ + range) * sums);
  }
}

ColumnClip RowTail::clip() const {
  if (!clip_) return {};
  const float* residual = clip_->residual < 0 ? nullptr : operands_.in<float>(static_cast<size_t>(clip_->residual));
  return {operands_.in<float>(static_cast<size_t>(clip_->bias)), clip_->low, clip_->high, residual};
}

void RowTail::finish() {
  if (sums_per_segment() > 0) join_parts(pass_, frame_of(0), partials_, ranges_);
}

}  // namespace convolt
