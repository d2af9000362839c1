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
class Gru final : public RecurrentForward {
 public:
  explicit Gru(AttributeReader& read) : RecurrentForward(read, kGates, 2, 2) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("gru", operands, has_lengths() ? 5 : 4, 3));
    CONVOLT_TRY(expect_rank("gru", "the output", operands.outputs[0], 3));
    const auto [n, steps, h, reverse, lengths] = sequences(operands);
    CONVOLT_TRY(expect_floats("gru", "the gates", operands.inputs[0], shape_of({n, steps, kGates * h})));
    CONVOLT_TRY(expect_floats("gru", "the hidden state", operands.inputs[1], shape_of({n, h})));
    CONVOLT_TRY(expect_floats("gru", "the weight", operands.inputs[2], shape_of({h, kGates * h})));
    CONVOLT_TRY(expect_floats("gru", "the bias", operands.inputs[3], shape_of({h})));
    if (has_lengths()) CONVOLT_TRY(expect_length_of_each("gru", operands.inputs[kLengths], n));
    CONVOLT_TRY(expect_floats("gru", "the output", operands.outputs[0], shape_of({n, steps, h})));
    CONVOLT_TRY(expect_floats("gru", "the last hidden state", operands.outputs[1], shape_of({n, h})));
    if (!keeps(operands)) return Status::ok();
    return expect_floats("gru", "the activations", operands.outputs[2], shape_of({n, steps, kKept * h}));
  }

  Status run(const Operands& operands) const noexcept override {
    const Sequences s = sequences(operands);
    CONVOLT_TRY(expect_lengths("gru", s));
    run_cell(operands, s, Cell{s, keeps(operands), operands});
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
};

}  // namespace

CONVOLT_KERNEL(gru, Gru)

}  // namespace convolt
