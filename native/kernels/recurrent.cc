// Cutting, packing and checks of recurrent networks.
#include "kernels/recurrent.h"

#include <string>

#include "kernels/expect.h"

namespace convolt {
namespace {

constexpr int64_t kRowsOfPart = 32;                     // sequences that fill the register tiles twice
constexpr int64_t kProductsOfPart = int64_t{96} << 10;  // of one step: they take longer than a barrier
constexpr int64_t kMostParts = 64;
constexpr int64_t kPartsOfStep = 2;  // where there is one step: its weights are read at the speed of the caches

}  // namespace

Status expect_lengths(const char* kernel, const Sequences& s) {
  for (int64_t n = 0; s.lengths && n < s.batch; ++n) {
    if (s.lengths[n] >= 0 && s.lengths[n] <= s.steps) continue;
    return {Code::kValue, std::string(kernel) + ": expected every length to be between 0 and " +
                              std::to_string(s.steps) + " but got " + std::to_string(s.lengths[n])};
  }
  return Status::ok();
}

Status expect_floats(const char* kernel, const char* what, const Tensor& tensor, const Shape& shape) {
  CONVOLT_TRY(expect_dtype(kernel, what, tensor, DType::kFloat32));
  return expect_shape(kernel, what, tensor, shape);
}

Status expect_length_of_each(const char* kernel, const Tensor& lengths, int64_t batch) {
  CONVOLT_TRY(expect_dtype(kernel, "the lengths", lengths, DType::kInt32));
  return expect_shape(kernel, "the lengths", lengths, {batch});
}

void PackedGates::pack(const float* weight, ThreadPool& pool) const {
  pool.parallel_for(blocks(), [&](int64_t block, int) {
    const PackedMatrix to = matrix(block);
    const int64_t panel = PackedMatrix::panel(), part = width(block), first = units(block).begin;
    float row[kMostGates * kMostPanel] = {};
    for (int64_t k = 0; k < hidden; ++k) {
      for (int64_t gate = 0; gate < gates; ++gate) {
        copy_floats(row + gate * part, weight + (k * gates + gate) * hidden + first, units(block).size());
      }
      for (int64_t j = 0; j < to.n; j += panel) copy_floats(to.packed + j * hidden + k * panel, row + j, panel);
    }
  });
}

void for_parts(const Sequences& s, int64_t gates, ThreadPool& pool, BodyRef<const Part&> body) {
  const int64_t blocks = ceil_div(s.hidden, PackedMatrix::panel());
  const int64_t products = s.batch * s.hidden * s.hidden * gates;
  const int64_t pieces = s.batch / kRowsOfPart;
  if (pieces > 1 && pieces >= blocks) {
    const int64_t parts = std::min(pieces, kMostParts);
    pool.parallel_for(parts, [&](int64_t i, int) { body(Part{cut(s.batch, parts, i), {0, blocks}, nullptr}); });
    return;
  }
  if (s.steps == 1) {  // nobody waits for the others, so that a thread that sleeps holds nothing up
    const int64_t parts = std::clamp<int64_t>(std::min(blocks, products / kProductsOfPart), 1, kPartsOfStep);
    pool.parallel_for(parts, [&](int64_t i, int) { body(Part{{0, s.batch}, cut(blocks, parts, i), nullptr}); });
    return;
  }
  pool.run_team(std::min(blocks, products / kProductsOfPart), [&](Team& team, int place) {
    body(Part{{0, s.batch}, cut(blocks, team.size(), place), &team});
  });
}

int64_t RecurrentForward::workspace(const Operands& operands, int) const {
  const int64_t packed = operands.prepared ? 0 : weights(operands).floats();
  return (packed + forward_floats(sequences(operands))) * static_cast<int64_t>(sizeof(float));
}

int64_t RecurrentForward::prepared_bytes(const Operands& operands) const {
  const bool is_constant = (operands.constants >> weight_ & 1) != 0;
  return is_constant ? weights(operands).floats() * static_cast<int64_t>(sizeof(float)) : 0;
}

void RecurrentForward::prepare(const Operands& operands) const noexcept {
  weights(operands).pack(operands.in<float>(weight_), *operands.pool);
}

Sequences RecurrentForward::sequences(const Operands& operands) const {
  const Shape& output = operands.outputs[0].shape;
  return {output[0], output[1], output[2], reverse_, has_lengths_ ? operands.in<int32_t>(kLengths) : nullptr};
}

RecurrentBackward::RecurrentBackward(AttributeReader& read, const char* name, int64_t gates, int64_t kept, size_t first)
    : name_(name), gates_(gates), kept_(kept), first_(first), reverse_(read.flag()) {
  int next = 4;
  const auto place = [&] { return read.flag() ? next++ : 0; };
  output_ = place();
  for (size_t i = 0; i < states(); ++i) states_[i] = place();
  lengths_ = place();
  count_ = static_cast<size_t>(next);
}

Sequences RecurrentBackward::sequences(const Operands& operands) const {
  const Shape& steps = operands.inputs[1].shape;
  return {steps[0], steps[1], steps[2], reverse_, lengths_ ? operands.in<int32_t>(lengths_) : nullptr};
}

Status RecurrentBackward::check(const Operands& operands) const {
  CONVOLT_TRY(expect_counts(name_, operands, count_, kOutputs));
  CONVOLT_TRY(expect_rank(name_, "what each step gave", operands.inputs[1], 3));
  const auto [n, steps, h, reverse, lengths] = sequences(operands);
  const Shape state = shape_of({n, h}), gates = shape_of({n, steps, gates_ * h}), output = shape_of({n, steps, h});
  CONVOLT_TRY(expect_floats(name_, "the activations", operands.inputs[0], shape_of({n, steps, kept_ * h})));
  CONVOLT_TRY(expect_floats(name_, "what each step gave", operands.inputs[1], output));
  CONVOLT_TRY(expect_floats(name_, "the first state", operands.inputs[2], state));
  CONVOLT_TRY(expect_floats(name_, "the weight", operands.inputs[3], shape_of({h, gates_ * h})));
  if (output_) CONVOLT_TRY(expect_floats(name_, "the gradient of the output", operands.inputs[output_], output));
  for (const int place : states_) {
    if (place) CONVOLT_TRY(expect_floats(name_, "the gradient of a state", operands.inputs[place], state));
  }
  if (lengths_) CONVOLT_TRY(expect_length_of_each(name_, operands.inputs[lengths_], n));
  for (size_t i = 0; i < kOutputs; ++i) {
    CONVOLT_TRY(expect_floats(name_, "the result", operands.outputs[i], i < first_ ? gates : state));
  }
  return Status::ok();
}

int64_t RecurrentBackward::workspace(const Operands& operands, int) const {
  const Sequences s = sequences(operands);
  const int64_t packed = PackedMatrix::floats(gates_ * s.hidden, s.hidden);
  return (packed + backward_floats(s, gates_)) * static_cast<int64_t>(sizeof(float));
}

PackedMatrix RecurrentBackward::pack(const Operands& operands, const Sequences& s) const {
  const PackedMatrix packed = {gates_ * s.hidden, s.hidden, reinterpret_cast<float*>(operands.workspace)};
  packed.pack(operands.in<float>(3), gates_ * s.hidden, true, *operands.pool);
  return packed;
}

void RecurrentBackward::begin(const Operands& operands, const Sequences& s, size_t state) const {
  const int64_t count = s.batch * s.hidden;
  float* gradient = operands.out<float>(first_ + state);
  states_[state] ? copy_floats(gradient, operands.in<float>(states_[state]), count)
                 : loops().fill(gradient, 0.0f, count);
}

PackedGates RecurrentForward::weights(const Operands& operands) const {
  std::byte* packed = operands.prepared ? operands.prepared : operands.workspace;
  return {operands.outputs[0].shape[2], gates_, reinterpret_cast<float*>(packed)};
}

}  // namespace convolt
