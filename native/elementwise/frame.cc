// Runs the calls of a pass on blocks.
#include "elementwise/frame.h"

#include <algorithm>
#include <cstddef>

#include "base/aligned.h"
#include "base/caches.h"
#include "elementwise/fold.h"
#include "elementwise/stage.h"

namespace convolt {
namespace {

// One line more than a block, so that the same position of several slots does not fall into one set of the cache.
constexpr int64_t kSlotFloats = kBlock + 16;
constexpr int64_t kNowhere = -1;

constexpr int64_t kLine = 16;  // floats of a line of the cache

float* floats_of(const Tensor& tensor) { return static_cast<float*>(tensor.data); }

// Brings what the next block reads into the second-level cache while this one is at work: blocks are about as long as
// a page of memory, where the processor's own prefetching ends.
void fetch(const float* next, int64_t n) {
  for (int64_t i = 0; i < n; i += kLine) __builtin_prefetch(next + i, 0, 2);
}

}  // namespace

Scratch::Scratch(const Pass& pass)
    : staged(aligned(pass.locations * static_cast<int64_t>(sizeof(float*)))),
      sums(staged + aligned(static_cast<int64_t>(pass.staged.size() * sizeof(int64_t)))),
      slots(sums + (pass.layout.blocks_per_segment > 1 ? aligned(sums_bytes(pass)) : 0)),
      bytes(slots + pass.slots * kSlotFloats * static_cast<int64_t>(sizeof(float))) {}

Frame::Frame(const Pass& pass, const Operands& operands, std::byte* memory, bool streams)
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
    const bool streamed = streams && is_streamed(pass.stores[i]);
    if (!streamed && !needs_slot(pass.stores[i])) continue;
    at_[pass.stores[i].location] = slot_at(pass.stores[i].slot);
    by_slot_ |= uint64_t{1} << i;
    if (streamed) streamed_ |= uint64_t{1} << i;
  }
  if (pass.reductions.empty()) return;
  fold_scratch_[0] = slot_at(pass.slots - 2);
  fold_scratch_[1] = slot_at(pass.slots - 1);
}

void Frame::run_segments(Place place, int64_t segments, int64_t blocks) {
  if (pass_.is_single_loop && by_slot_ == 0 && segments > 0) {
    run_single_loop(place, segments);
    return;
  }
  for (; segments > 0; --segments) {
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
  if (streamed_) loops_.end_stream();
}

void Frame::finish(const Place& place, const double* sums) {
  for (const Pass::Reduction& reduction : pass_.reductions) {
    const int64_t kept = kept_at(reduction, place.rows());
    for (int64_t i = 0; i < kept; ++i) fold_scratch_[0][i] = static_cast<float>(sums[i]);
    unstage(loops_, output_of(reduction), place.offset(lie_of(reduction.operand)), fold_scratch_[0], kept);
    sums += pass_.kept_per_block;
  }
}

float* Frame::slot_at(int slot) const { return slots_ + slot * kSlotFloats; }
int64_t Frame::kept_at(const Pass::Reduction& reduction, int64_t rows) const {
  return lie_of(reduction.operand).runs[0].moves ? pass_.kept_per_block / layout_.rows * rows : pass_.kept_per_block;
}

const float* Frame::fold_of(const Pass::Reduction& reduction, int64_t rows, int64_t* kept) const {
  const OpcodeLoop join = loops_.opcode_table()[static_cast<int>(reduction.fold->op)].loops[0];
  return fold_block(*reduction.fold, join, at_[reduction.location], lie_of(reduction.operand).runs, rows, fold_scratch_,
                    kept);
}

void Frame::sum_blocks(Place& place, int64_t blocks, double* sums) {
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
  if (streamed_) loops_.end_stream();
}

// Nothing is kept between blocks and nothing goes by way of slots: all blocks are one, and the processor's own
// prefetching and its loop work side by side.
void Frame::run_single_loop(Place place, int64_t blocks) {
  for (const auto& [location, input, operand] : pass_.direct) {
    at_[location] = floats_of(operands_.inputs[input]) + place.offset(lie_of(operand));
  }
  for (const Pass::Store& store : pass_.stores) {
    at_[store.location] = floats_of(operands_.outputs[store.output]) + place.offset(lie_of(store.operand));
  }
  int64_t n = 0;
  for (; blocks > 0; --blocks, place.advance()) n += place.rows() * layout_.inner;
  const Pass::Call& call = pass_.calls[0];
  call.loop(at_, call.where.data(), n);
}

void Frame::run_block(const Place& place) {
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
  // An operand per call is fetched ahead, so that computing and fetching share the time; before the last call all
  // others.
  size_t fetched = 0;
  const auto fetch_until = [&](size_t end) {
    for (; fetched < std::min(end, pass_.direct.size()); ++fetched) fetch(at_[pass_.direct[fetched].location] + n, n);
  };
  for (size_t i = 0; i < pass_.calls.size(); ++i) {
    fetch_until(i + 1 < pass_.calls.size() ? i + 1 : pass_.direct.size());
    pass_.calls[i].loop(at_, pass_.calls[i].where.data(), n);
  }
  if (pass_.calls.empty()) fetch_until(pass_.direct.size());
  if (by_slot_ == 0) return;
  for (size_t i = 0; i < pass_.stores.size(); ++i) {
    const Pass::Store& store = pass_.stores[i];
    if ((by_slot_ >> i & 1) == 0) continue;
    const Tensor& output = operands_.outputs[store.output];
    const int64_t offset = place.offset(lie_of(store.operand));
    if (streamed_ >> i & 1) {
      loops_.stream(floats_of(output) + offset, at_[store.location], n);
    } else {
      unstage(loops_, output, offset, at_[store.location], n);
    }
  }
}

// `staged` is the offset of what the slot holds.
void Frame::stage_input(const Pass::Staged& input, const Place& place, int64_t rows, int64_t* staged) {
  const int64_t offset = place.offset(lie_of(input.operand));
  if (offset == *staged) return;
  *staged = offset;
  // Where the rows do not move, a shorter block needs no more than the beginning of a full one.
  const bool repeats = !input.runs.empty() && !input.runs[0].moves;
  stage(loops_, at_[input.location], operands_.inputs[input.input], offset, input.runs, repeats ? layout_.rows : rows);
}

// Results go by way of a slot when they must be converted, or when they overwrite an input that is still needed.
bool Frame::needs_slot(const Pass::Store& store) const {
  const Tensor& output = operands_.outputs[store.output];
  return output.dtype != DType::kFloat32 || std::any_of(store.readers.begin(), store.readers.end(), [&](int reader) {
           return operands_.inputs[reader].data == output.data;
         });
}

// Large, and none of the inputs, whose memory is in the cache anyway.
bool Frame::is_streamed(const Pass::Store& store) const {
  const Tensor& output = operands_.outputs[store.output];
  return output.dtype == DType::kFloat32 && output.bytes() >= kBeyondCaches &&
         std::none_of(operands_.inputs.begin(), operands_.inputs.end(),
                      [&](const Tensor& input) { return input.data == output.data; });
}

void join_parts(const Pass& pass, Frame& frame, double* sums, int64_t parts) {
  const int64_t stride = Scratch::sums_bytes(pass) / static_cast<int64_t>(sizeof(double));
  for (int64_t segment = 0; segment < pass.layout.segments; ++segment) {
    double* own = sums + segment * parts * stride;
    for (int64_t part = 1; part < parts; ++part) {
      for (size_t i = 0; i < pass.reductions.size(); ++i) {
        const int64_t at = static_cast<int64_t>(i) * pass.kept_per_block;
        pass.reductions[i].fold->join_partial(own + at, own + part * stride + at, pass.kept_per_block);
      }
    }
    frame.finish(Place(pass.layout, segment * pass.layout.blocks_per_segment), own);
  }
}

}  // namespace convolt
