// lstm: c' = f c + i g, h' = o tanh(c'), step by step; i, f, o = sigmoid and g = tanh of gates + h.weight.
#include "kernels/recurrent.h"

#include "kernels/expect.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kGates = 4;

// Inputs: gates [N, T, 4H], h0 and c0 [N, H], weight [H, 4H], lengths [N]. Outputs: output [N, T, H], hidden and cell
// [N, H]; for the gradient, or empty: activations [N, T, 4H], cells [N, T, H].
class Lstm final : public RecurrentForward {
 public:
  explicit Lstm(AttributeReader& read) : RecurrentForward(read, kGates, 3, 3) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("lstm", operands, has_lengths() ? 5 : 4, 5));
    CONVOLT_TRY(expect_rank("lstm", "the output", operands.outputs[0], 3));
    const auto [n, steps, h, reverse, lengths] = sequences(operands);
    const Shape state = shape_of({n, h}), gates = shape_of({n, steps, kGates * h});
    CONVOLT_TRY(expect_floats("lstm", "the gates", operands.inputs[0], gates));
    CONVOLT_TRY(expect_floats("lstm", "the hidden state", operands.inputs[1], state));
    CONVOLT_TRY(expect_floats("lstm", "the cell state", operands.inputs[2], state));
    CONVOLT_TRY(expect_floats("lstm", "the weight", operands.inputs[3], shape_of({h, kGates * h})));
    if (has_lengths()) CONVOLT_TRY(expect_length_of_each("lstm", operands.inputs[kLengths], n));
    CONVOLT_TRY(expect_floats("lstm", "the output", operands.outputs[0], shape_of({n, steps, h})));
    CONVOLT_TRY(expect_floats("lstm", "the last hidden state", operands.outputs[1], state));
    CONVOLT_TRY(expect_floats("lstm", "the last cell state", operands.outputs[2], state));
    if (!keeps(operands)) return Status::ok();
    CONVOLT_TRY(expect_floats("lstm", "the activations", operands.outputs[3], gates));
    return expect_floats("lstm", "the cells", operands.outputs[4], shape_of({n, steps, h}));
  }

  Status run(const Operands& operands) const noexcept override {
    const Sequences s = sequences(operands);
    CONVOLT_TRY(expect_lengths("lstm", s));
    copy_floats(operands.out<float>(2), operands.in<float>(2), s.batch * s.hidden);
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
      if (!keeps) return;
      convolt::fetch<true>(operands.out<float>(3) + at * kGates * s.hidden + units.begin, s.hidden, kGates,
                           units.size());
      convolt::fetch<true>(operands.out<float>(4) + at * s.hidden + units.begin, 0, 1, units.size());
    }

    void run(int64_t n, int64_t t, Range units, const float* product, int64_t width, const float*, float* next) const {
      const int64_t place = s.row(n, t) * s.hidden + units.begin, gates = s.row(n, t) * kGates * s.hidden + units.begin;
      LstmRow row;
      row.n = units.size();
      row.gates = operands.in<float>(0) + gates;
      row.gate = s.hidden;
      row.product = product;
      row.product_gate = width;
      row.cell = operands.out<float>(2) + n * s.hidden + units.begin;
      row.hidden = next;
      row.output = operands.out<float>(0) + place;
      if (keeps) {
        row.activations = operands.out<float>(3) + gates;
        row.cells = operands.out<float>(4) + place;
      }
      loops().lstm_row(row);
    }

    void pad(int64_t n, int64_t t, Range units) const {
      clear(s, n, t, units, 1, operands.out<float>(0));
      if (!keeps) return;
      clear(s, n, t, units, kGates, operands.out<float>(3));
      clear(s, n, t, units, 1, operands.out<float>(4));
    }
  };
};

}  // namespace

CONVOLT_KERNEL(lstm, Lstm)

}  // namespace convolt
