// gruGrad: the gradients of gru's gates, product and first state, from the last step to the first. Those of weight and
// bias are products and sums over all steps, outside.
#include "kernels/recurrent.h"

#include "kernels/expect.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kGates = 3;
constexpr int64_t kKept = 4;

// Inputs: gru's activations, output, h0 and weight; where their flags say so the gradients of output and hidden, and
// the lengths. Outputs: the gradients of gates [N, T, 3H], of h.weight [N, T, 3H] with that of the bias, and of h0.
class GruGrad final : public Kernel {
 public:
  explicit GruGrad(AttributeReader& read) : reverse_(read.flag()) {
    int next = 4;
    for (int* place : {&output_, &hidden_, &lengths_}) *place = read.flag() ? next++ : 0;
    count_ = next;
  }

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("gruGrad", operands, count_, 3));
    CONVOLT_TRY(expect_rank("gruGrad", "the output", operands.inputs[1], 3));
    const auto [n, steps, h, reverse, lengths] = sequences(operands);
    const Shape state = shape_of({n, h}), gates = shape_of({n, steps, kGates * h}), output = shape_of({n, steps, h});
    CONVOLT_TRY(expect_floats("gruGrad", "the activations", operands.inputs[0], shape_of({n, steps, kKept * h})));
    CONVOLT_TRY(expect_floats("gruGrad", "the output", operands.inputs[1], output));
    CONVOLT_TRY(expect_floats("gruGrad", "the hidden state", operands.inputs[2], state));
    CONVOLT_TRY(expect_floats("gruGrad", "the weight", operands.inputs[3], shape_of({h, kGates * h})));
    if (output_) CONVOLT_TRY(expect_floats("gruGrad", "the gradient", operands.inputs[output_], output));
    if (hidden_) CONVOLT_TRY(expect_floats("gruGrad", "the gradient of the state", operands.inputs[hidden_], state));
    if (lengths_) CONVOLT_TRY(expect_length_of_each("gruGrad", operands.inputs[lengths_], n));
    CONVOLT_TRY(expect_floats("gruGrad", "the gradient of the gates", operands.outputs[0], gates));
    CONVOLT_TRY(expect_floats("gruGrad", "the gradient of the product", operands.outputs[1], gates));
    return expect_floats("gruGrad", "the gradient of the first state", operands.outputs[2], state);
  }

  int64_t workspace(const Operands& operands, int) const override {
    const Sequences s = sequences(operands);
    const int64_t packed = PackedMatrix::floats(kGates * s.hidden, s.hidden);
    return (packed + backward_floats(s, kGates)) * static_cast<int64_t>(sizeof(float));
  }

  Status run(const Operands& operands) const noexcept override {
    const Sequences s = sequences(operands);
    CONVOLT_TRY(expect_lengths("gruGrad", s));
    const PackedMatrix packed = {kGates * s.hidden, s.hidden, reinterpret_cast<float*>(operands.workspace)};
    packed.pack(operands.in<float>(3), kGates * s.hidden, true, *operands.pool);
    const int64_t count = s.batch * s.hidden;
    hidden_ ? copy_floats(operands.out<float>(2), operands.in<float>(hidden_), count)
            : loops().fill(operands.out<float>(2), 0.0f, count);
    const Cell cell = {s, output_ ? operands.in<float>(output_) : nullptr, operands};
    run_backward(s, packed, operands.out<float>(2), packed.packed + PackedMatrix::floats(packed.k, packed.n),
                 *operands.pool, cell);
    return Status::ok();
  }

 private:
  struct Cell {
    const Sequences& s;
    const float* output;
    const Operands& operands;

    void run(int64_t n, int64_t t, Range units, float* factor) const {
      const int64_t at = s.row(n, t), place = at * s.hidden + units.begin, gates = at * kGates * s.hidden + units.begin;
      const int64_t state = n * s.hidden + units.begin, before = s.before(n, t);
      GruGradRow row;
      row.n = units.size();
      row.activations = operands.in<float>(0) + at * kKept * s.hidden + units.begin;
      row.previous = before < 0 ? operands.in<float>(2) + state
                                : operands.in<float>(1) + s.row(n, before) * s.hidden + units.begin;
      row.output = output ? output + place : nullptr;
      row.dhidden = operands.out<float>(2) + state;
      row.dgates = operands.out<float>(0) + gates;
      row.dproduct = operands.out<float>(1) + gates;
      row.gate = s.hidden;
      row.factor = factor;
      row.factor_gate = s.hidden;
      loops().gru_grad_row(row);
    }

    void pad(int64_t n, int64_t t, Range units) const {
      clear(s, n, t, units, kGates, operands.out<float>(0));
      clear(s, n, t, units, kGates, operands.out<float>(1));
    }
  };

  Sequences sequences(const Operands& operands) const {
    const Shape& output = operands.inputs[1].shape;
    return {output[0], output[1], output[2], reverse_, lengths_ ? operands.in<int32_t>(lengths_) : nullptr};
  }

  bool reverse_;
  int output_, hidden_, lengths_;  // inputs, or 0
  size_t count_;
};

}  // namespace

CONVOLT_KERNEL(gruGrad, GruGrad)

}  // namespace convolt
