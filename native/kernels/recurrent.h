// What the kernels of recurrent networks share: how time runs, how units are cut among threads, the packed weights.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <span>

#include "gemm/packed-matrix.h"
#include "kernels/kernel.h"
#include "loops/loops.h"

namespace convolt {

// The sequences of a batch and the order of their steps.
struct Sequences {
  int64_t batch, steps, hidden;
  bool reverse;
  const int32_t* lengths;  // steps of each sequence, or nullptr: all

  int64_t time(int64_t step) const { return reverse ? steps - 1 - step : step; }
  bool is_padded(int64_t n, int64_t t) const { return lengths && t >= lengths[n]; }
  // The time of the step before the one at time t, or -1 where that is the first.
  int64_t before(int64_t n, int64_t t) const {
    if (!reverse) return t - 1;
    return t + 1 < (lengths ? lengths[n] : steps) ? t + 1 : -1;
  }
  // The row of sequence n at time t in [batch, steps, ...].
  int64_t row(int64_t n, int64_t t) const { return n * steps + t; }
};

// Every length lies in [0, steps].
Status expect_lengths(const char* kernel, const Sequences& sequences);

inline Shape shape_of(std::initializer_list<int64_t> sizes) { return Shape(std::span(sizes.begin(), sizes.size())); }

// Checks of operands: float32 of a shape, and int32 lengths of `batch` sequences.
Status expect_floats(const char* kernel, const char* what, const Tensor& tensor, const Shape& shape);
Status expect_length_of_each(const char* kernel, const Tensor& lengths, int64_t batch);

// y [batch, steps, gates, hidden] = 0 for units of sequence n at time t.
inline void clear(const Sequences& s, int64_t n, int64_t t, Range units, int64_t gates, float* y) {
  float* row = y + s.row(n, t) * gates * s.hidden + units.begin;
  for (int64_t gate = 0; gate < gates; ++gate) std::fill_n(row + gate * s.hidden, units.size(), 0.0f);
}

// The weight [hidden, gates * hidden] of the hidden state, packed once for all steps: the gates of the units of a block
// stand side by side.
struct PackedGates {
  int64_t hidden, gates;
  float* packed;

  int64_t blocks() const { return ceil_div(hidden, PackedMatrix::panel()); }
  int64_t floats() const { return blocks() * PackedMatrix::floats(hidden, gates * PackedMatrix::panel()); }
  Range units(int64_t block) const {
    return {block * PackedMatrix::panel(), std::min((block + 1) * PackedMatrix::panel(), hidden)};
  }
  // Floats from one gate to the next in a row of the product with a block.
  int64_t width(int64_t block) const { return loops().gemm_width(units(block).size()); }
  void pack(const float* weight, ThreadPool& pool) const;
  // product [m, gates, width] = h [m, hidden] * the weights of the units of a block
  void multiply(int64_t block, int64_t m, const float* h, int64_t ldh, float* product) const {
    const int64_t columns = gates * width(block);
    if (m == 1) return matrix(block).multiply_row({0, columns}, h, product);
    matrix(block).multiply({0, columns}, m, h, ldh, product, columns);
  }

 private:
  PackedMatrix matrix(int64_t block) const {
    return {hidden, gates * width(block), packed + block * PackedMatrix::floats(hidden, gates * PackedMatrix::panel())};
  }
};

// One thread's part of a run over time.
struct Part {
  Range rows;    // sequences
  Range blocks;  // of units
  Team* team;    // waits at every step, or nullptr where the rows are its own

  void barrier() const {
    if (team) team->barrier();
  }
  // Block i of this part at a step: there and back, so that the weights used last are found in the cache.
  int64_t block(int64_t i, int64_t step) const { return step % 2 ? blocks.end - 1 - i : blocks.begin + i; }
};

// Cuts a run into parts and calls body(part) for each: either sequences that run on their own, or units of all
// sequences, which meet at every step; whichever gives more parts. No number depends on the cut.
void for_parts(const Sequences& sequences, int64_t gates, ThreadPool& pool, BodyRef<const Part&> body);

inline constexpr int64_t kProductRows = 28;  // of h in a product: it stays in the first-level cache
inline constexpr int64_t kMostPanel = 32;
inline constexpr int64_t kMostGates = 4;
inline constexpr int64_t kFetched =
    4;  // rows that are fetched ahead: more drive each other out where they lie far apart
inline constexpr int64_t kApart = 16;  // floats between rows that would fight for the same lines of the cache

// Floats that run_forward and run_backward use.
inline int64_t forward_floats(const Sequences& s) { return 2 * s.batch * (s.hidden + kApart); }
inline int64_t backward_floats(const Sequences& s, int64_t gates) { return 2 * s.batch * (gates * s.hidden + kApart); }

inline void copy_floats(float* to, const float* from, int64_t count) {
  std::memcpy(to, from, static_cast<size_t>(count) * sizeof(float));
}

// Brings floats that lie apart into the cache, since they will be read, or written. The empty instruction tells the
// compiler, which would leave out calls of a function that does nothing else, that this one does something.
template <bool kToWrite>
void fetch(const float* from, int64_t gate, int64_t gates, int64_t count) {
  for (int64_t g = 0; g < gates; ++g) {
    for (int64_t i = 0; i < count; i += 16) __builtin_prefetch(from + g * gate + i, kToWrite);
  }
  asm volatile("");
}

// Calls cell.run(n, t, units, product, width, h, next) for all steps, sequences and blocks of units, where gates of the
// product are `width` floats apart, and `h` and `next` are the units' hidden state before and behind; or cell.pad(n, t,
// units) where the sequence has ended, and its state stays. cell.fetch(n, t, units) comes before either.
template <typename Cell>
void run_forward(const Sequences& s, const PackedGates& weights, const float* h0, float* hidden, float* states,
                 ThreadPool& pool, const Cell& cell) {
  const int64_t ld = s.hidden + kApart;
  const auto state = [=](int64_t step) { return states + step % 2 * s.batch * ld; };
  for (int64_t n = 0; n < s.batch; ++n) copy_floats(state(0) + n * ld, h0 + n * s.hidden, s.hidden);
  for_parts(s, weights.gates, pool, [&](const Part& part) {
    alignas(64) float product[kProductRows * kMostGates * kMostPanel];
    for (int64_t step = 0; step < s.steps; ++step) {
      const int64_t t = s.time(step);
      const float* from = state(step);
      float* to = state(step + 1);
      for (int64_t i = 0; i < part.blocks.size(); ++i) {
        const int64_t block = part.block(i, step);
        const Range units = weights.units(block);
        const int64_t width = weights.width(block);
        for (int64_t begin = part.rows.begin; begin < part.rows.end; begin += kProductRows) {
          const int64_t count = std::min(kProductRows, part.rows.end - begin);
          for (int64_t r = 0; r < std::min(count, kFetched); ++r) cell.fetch(begin + r, t, units);
          weights.multiply(block, count, from + begin * ld, ld, product);
          for (int64_t r = 0; r < count; ++r) {
            const int64_t n = begin + r, place = n * ld + units.begin;
            if (r + kFetched < count) cell.fetch(n + kFetched, t, units);
            if (s.is_padded(n, t)) {
              copy_floats(to + place, from + place, units.size());
              cell.pad(n, t, units);
            } else {
              cell.run(n, t, units, product + r * weights.gates * width, width, from + place, to + place);
            }
          }
        }
      }
      part.barrier();
    }
  });
  for (int64_t n = 0; n < s.batch; ++n) copy_floats(hidden + n * s.hidden, state(s.steps) + n * ld, s.hidden);
}

// The same backwards through time: cell.run(n, t, units, factor) writes the gradient of the gates to `factor`,
// [gates, hidden] from the units' first on, and to dhidden [batch, hidden] what does not come through the product; then
// dhidden += factor * weight^T. cell.pad(n, t, units) where the sequence has ended.
template <typename Cell>
void run_backward(const Sequences& s, const PackedMatrix& transposed, float* dhidden, float* factors, ThreadPool& pool,
                  const Cell& cell) {
  const int64_t ld = transposed.k + kApart, panel = PackedMatrix::panel(), gates = transposed.k / s.hidden;
  for_parts(s, gates, pool, [&](const Part& part) {
    for (int64_t step = s.steps - 1; step >= 0; --step) {
      const int64_t t = s.time(step);
      float* factor = factors + step % 2 * s.batch * ld;
      const Range own = {part.blocks.begin * panel, std::min(part.blocks.end * panel, s.hidden)};
      for (int64_t n = part.rows.begin; n < part.rows.end; ++n) {
        float* row = factor + n * ld + own.begin;
        if (!s.is_padded(n, t)) {
          cell.run(n, t, own, row);
          continue;
        }
        for (int64_t g = 0; g < gates; ++g) std::fill_n(row + g * s.hidden, own.size(), 0.0f);
        cell.pad(n, t, own);
      }
      part.barrier();
      for (int64_t i = 0; i < part.blocks.size(); ++i) {
        const int64_t first = part.block(i, step) * panel;
        if (part.rows.size() == 1) {
          const int64_t n = part.rows.begin;
          transposed.multiply_row({first, std::min(first + panel, s.hidden)}, factor + n * ld,
                                  dhidden + n * s.hidden + first, true);
          continue;
        }
        transposed.multiply({first, std::min(first + panel, s.hidden)}, part.rows.size(), factor + part.rows.begin * ld,
                            ld, dhidden + part.rows.begin * s.hidden + first, s.hidden, true);
      }
    }
  });
}

// What lstm and gru are to a program, apart from their cell: output 0 is [N, T, H], the outputs from `kept` on are for
// the gradient, the weight is packed in every run or once, and lengths, if there are any, come last.
class RecurrentForward : public Kernel {
 public:
  int64_t workspace(const Operands& operands, int threads) const override;
  int64_t prepared_bytes(const Operands& operands) const override;
  void prepare(const Operands& operands) const noexcept override;

 protected:
  static constexpr size_t kLengths = 4;

  RecurrentForward(AttributeReader& read, int64_t gates, size_t weight, size_t kept)
      : gates_(gates), weight_(weight), kept_(kept), reverse_(read.flag()), has_lengths_(read.flag()) {}

  bool has_lengths() const { return has_lengths_; }
  bool keeps(const Operands& operands) const { return operands.outputs[kept_].elements() > 0; }
  Sequences sequences(const Operands& operands) const;

  // Runs all steps: the hidden state begins as input 1 and ends as output 1.
  template <typename Cell>
  void run_cell(const Operands& operands, const Sequences& s, const Cell& cell) const {
    const PackedGates packed = weights(operands);
    if (!operands.prepared) packed.pack(operands.in<float>(weight_), *operands.pool);
    auto* states = reinterpret_cast<float*>(operands.workspace) + (operands.prepared ? 0 : packed.floats());
    run_forward(s, packed, operands.in<float>(1), operands.out<float>(1), states, *operands.pool, cell);
  }

 private:
  PackedGates weights(const Operands& operands) const;

  int64_t gates_;
  size_t weight_, kept_;  // positions among inputs and outputs
  bool reverse_, has_lengths_;
};

// The same of their gradients. Inputs: activations [N, T, kept H], what each step gave [N, T, H] and was first given
// [N, H], the weight; where their flags say so the gradients of the output and of the states, and the lengths.
// Outputs: gradients [N, T, gates H] up to `first`, then those of the first states, [N, H].
class RecurrentBackward : public Kernel {
 public:
  Status check(const Operands& operands) const override;
  int64_t workspace(const Operands& operands, int threads) const override;

 protected:
  RecurrentBackward(AttributeReader& read, const char* name, int64_t gates, int64_t kept, size_t first);

  Sequences sequences(const Operands& operands) const;
  // The gradient of the output, or nullptr.
  const float* output(const Operands& operands) const { return output_ ? operands.in<float>(output_) : nullptr; }

  // What the step at time t of sequence n went on from, among what each step gave.
  static const float* previous(const Operands& operands, const Sequences& s, int64_t n, int64_t t, Range units) {
    const int64_t before = s.before(n, t);
    return before < 0 ? operands.in<float>(2) + n * s.hidden + units.begin
                      : operands.in<float>(1) + s.row(n, before) * s.hidden + units.begin;
  }

  // Runs all steps backwards: the gradients of the states begin as those given, or 0, in the outputs from `first` on.
  template <typename Cell>
  Status run_cell(const Operands& operands, const Sequences& s, const Cell& cell) const {
    CONVOLT_TRY(expect_lengths(name_, s));
    const PackedMatrix packed = pack(operands, s);
    for (size_t i = 0; i < states(); ++i) begin(operands, s, i);
    run_backward(s, packed, operands.out<float>(first_), packed.packed + PackedMatrix::floats(packed.k, packed.n),
                 *operands.pool, cell);
    return Status::ok();
  }

 private:
  size_t states() const { return kOutputs - first_; }
  PackedMatrix pack(const Operands& operands, const Sequences& s) const;
  void begin(const Operands& operands, const Sequences& s, size_t state) const;

  static constexpr size_t kOutputs = 3;

  const char* name_;
  int64_t gates_, kept_;
  size_t first_;
  bool reverse_;
  int output_ = 0, lengths_ = 0;  // inputs, or 0
  std::array<int, 2> states_{};   // likewise, of as many states as there are outputs from `first` on
  size_t count_;
};

}  // namespace convolt
