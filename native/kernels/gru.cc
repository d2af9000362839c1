// gru: h' = (1 - z) n + z h, step by step; r, z = sigmoid and n = tanh(gates_n + r (h.weight_n + bias)).
#include "kernels/recurrent.h"

#include "kernels/expect.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kGates = 3;
constexpr int64_t kKept = 4;

// Inputs: gates [N, T, 3H], h0 [N, H], weight [H, 3H], bias [H], lengths [N]. Outputs: output [N, T, H], hidden [N, H];
// for the gradient, or empty: r, z, n and h.weight_n + bias [N, T, 4H].
class Gru final : public Kernel {
 public:
  explicit Gru(AttributeReader& read) : reverse_(read.flag()), has_lengths_(read.flag()) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("gru", operands, has_lengths_ ? 5 : 4, 3));
    CONVOLT_TRY(expect_rank("gru", "the output", operands.outputs[0], 3));
    const auto [n, steps, h, reverse, lengths] = sequences(operands);
    CONVOLT_TRY(expect_floats("gru", "the gates", operands.inputs[0], shape_of({n, steps, kGates * h})));
    CONVOLT_TRY(expect_floats("gru", "the hidden state", operands.inputs[1], shape_of({n, h})));
    CONVOLT_TRY(expect_floats("gru", "the weight", operands.inputs[2], shape_of({h, kGates * h})));
    CONVOLT_TRY(expect_floats("gru", "the bias", operands.inputs[3], shape_of({h})));
    if (has_lengths_) CONVOLT_TRY(expect_length_of_each("gru", operands.inputs[4], n));
    CONVOLT_TRY(expect_floats("gru", "the output", operands.outputs[0], shape_of({n, steps, h})));
    CONVOLT_TRY(expect_floats("gru", "the last hidden state", operands.outputs[1], shape_of({n, h})));
    if (!keeps(operands)) return Status::ok();
    return expect_floats("gru", "the activations", operands.outputs[2], shape_of({n, steps, kKept * h}));
  }

  int64_t workspace(const Operands& operands, int) const override {
    const int64_t packed = operands.prepared ? 0 : weights(operands).floats();
    return (packed + forward_floats(sequences(operands))) * static_cast<int64_t>(sizeof(float));
  }

  int64_t prepared_bytes(const Operands& operands) const override {
    return operands.constants & 4 ? weights(operands).floats() * static_cast<int64_t>(sizeof(float)) : 0;
  }

  void prepare(const Operands& operands) const noexcept override {
    weights(operands).pack(operands.in<float>(2), *operands.pool);
  }

  Status run(const Operands& operands) const noexcept override {
    const Sequences s = sequences(operands);
    CONVOLT_TRY(expect_lengths("gru", s));
    const PackedGates packed = weights(operands);
    if (!operands.prepared) packed.pack(operands.in<float>(2), *operands.pool);
    auto* states = reinterpret_cast<float*>(operands.workspace) + (operands.prepared ? 0 : packed.floats());
    const Cell cell = {s, keeps(operands), operands};
    run_forward(s, packed, operands.in<float>(1), operands.out<float>(1), states, *operands.pool, cell);
    return Status::ok();
  }

 private:
  struct Cell {
    const Sequences& s;
    bool keeps;
    const Operands& operands;

    void fetch(int64_t n, int64_t t, Range units) const {
      const int64_t at = s.row(n, t);
      convolt::fetch<false>(operands.in<float>(0) + at * kGates * s.hidden + units.begin, s.hidden, kGates,
                            units.size());
      convolt::fetch<true>(operands.out<float>(0) + at * s.hidden + units.begin, 0, 1, units.size());
      if (keeps) {
        convolt::fetch<true>(operands.out<float>(2) + at * kKept * s.hidden + units.begin, s.hidden, kKept,
                             units.size());
      }
    }

    void run(int64_t n, int64_t t, Range units, const float* product, int64_t width, const float* h,
             float* next) const {
      const int64_t at = s.row(n, t);
      GruRow row;
      row.n = units.size();
      row.gates = operands.in<float>(0) + at * kGates * s.hidden + units.begin;
      row.gate = s.hidden;
      row.product = product;
      row.product_gate = width;
      row.bias = operands.in<float>(3) + units.begin;
      row.previous = h;
      row.hidden = next;
      row.output = operands.out<float>(0) + at * s.hidden + units.begin;
      if (keeps) row.activations = operands.out<float>(2) + at * kKept * s.hidden + units.begin;
      loops().gru_row(row);
    }

    void pad(int64_t n, int64_t t, Range units) const {
      clear(s, n, t, units, 1, operands.out<float>(0));
      if (keeps) clear(s, n, t, units, kKept, operands.out<float>(2));
    }
  };

  static bool keeps(const Operands& operands) { return operands.outputs[2].elements() > 0; }

  Sequences sequences(const Operands& operands) const {
    const Shape& output = operands.outputs[0].shape;
    return {output[0], output[1], output[2], reverse_, has_lengths_ ? operands.in<int32_t>(4) : nullptr};
  }

  static PackedGates weights(const Operands& operands) {
    std::byte* packed = operands.prepared ? operands.prepared : operands.workspace;
    return {operands.outputs[0].shape[2], kGates, reinterpret_cast<float*>(packed)};
  }

  bool reverse_, has_lengths_;
};

}  // namespace

CONVOLT_KERNEL(gru, Gru)

}  // namespace convolt
