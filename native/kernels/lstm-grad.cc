// lstmGrad: the gradients of lstm's gates and first states, from the last step to the first. Those of the weight are
// products over all steps, outside.
#include "kernels/recurrent.h"

#include "kernels/expect.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kGates = 4;

// Inputs: lstm's activations, cells, c0 and weight; where their flags say so the gradients of output, hidden and cell,
// and the lengths. Outputs: the gradients of gates, h0 and c0.
class LstmGrad final : public Kernel {
 public:
  explicit LstmGrad(AttributeReader& read) : reverse_(read.flag()) {
    int next = 4;
    for (int* place : {&output_, &hidden_, &cell_, &lengths_}) *place = read.flag() ? next++ : 0;
    count_ = next;
  }

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("lstmGrad", operands, count_, 3));
    CONVOLT_TRY(expect_rank("lstmGrad", "the cells", operands.inputs[1], 3));
    const auto [n, steps, h, reverse, lengths] = sequences(operands);
    const Shape state = shape_of({n, h}), gates = shape_of({n, steps, kGates * h}), output = shape_of({n, steps, h});
    CONVOLT_TRY(expect_floats("lstmGrad", "the activations", operands.inputs[0], gates));
    CONVOLT_TRY(expect_floats("lstmGrad", "the cells", operands.inputs[1], output));
    CONVOLT_TRY(expect_floats("lstmGrad", "the cell state", operands.inputs[2], state));
    CONVOLT_TRY(expect_floats("lstmGrad", "the weight", operands.inputs[3], shape_of({h, kGates * h})));
    if (output_) CONVOLT_TRY(expect_floats("lstmGrad", "the gradient", operands.inputs[output_], output));
    for (const int place : {hidden_, cell_}) {
      if (place) CONVOLT_TRY(expect_floats("lstmGrad", "the gradient of a state", operands.inputs[place], state));
    }
    if (lengths_) CONVOLT_TRY(expect_length_of_each("lstmGrad", operands.inputs[lengths_], n));
    CONVOLT_TRY(expect_floats("lstmGrad", "the gradient of the gates", operands.outputs[0], gates));
    CONVOLT_TRY(expect_floats("lstmGrad", "the gradient of the first hidden state", operands.outputs[1], state));
    return expect_floats("lstmGrad", "the gradient of the first cell state", operands.outputs[2], state);
  }

  int64_t workspace(const Operands& operands, int) const override {
    const Sequences s = sequences(operands);
    const int64_t packed = PackedMatrix::floats(kGates * s.hidden, s.hidden);
    return (packed + backward_floats(s, kGates)) * static_cast<int64_t>(sizeof(float));
  }

  Status run(const Operands& operands) const noexcept override {
    const Sequences s = sequences(operands);
    CONVOLT_TRY(expect_lengths("lstmGrad", s));
    const PackedMatrix packed = {kGates * s.hidden, s.hidden, reinterpret_cast<float*>(operands.workspace)};
    packed.pack(operands.in<float>(3), kGates * s.hidden, true, *operands.pool);
    const auto start = [&](int output, int input) {
      const int64_t count = s.batch * s.hidden;
      input ? copy_floats(operands.out<float>(output), operands.in<float>(input), count)
            : loops().fill(operands.out<float>(output), 0.0f, count);
    };
    start(1, hidden_);
    start(2, cell_);
    const Cell cell = {s, output_ ? operands.in<float>(output_) : nullptr, operands};
    run_backward(s, packed, operands.out<float>(1), packed.packed + PackedMatrix::floats(packed.k, packed.n),
                 *operands.pool, cell);
    return Status::ok();
  }

 private:
  struct Cell {
    const Sequences& s;
    const float* output;
    const Operands& operands;

    void run(int64_t n, int64_t t, Range units, float* factor) const {
      const int64_t place = s.row(n, t) * s.hidden + units.begin, gates = s.row(n, t) * kGates * s.hidden + units.begin;
      const int64_t state = n * s.hidden + units.begin, before = s.before(n, t);
      LstmGradRow row;
      row.n = units.size();
      row.activations = operands.in<float>(0) + gates;
      row.cell = operands.in<float>(1) + place;
      row.previous = before < 0 ? operands.in<float>(2) + state
                                : operands.in<float>(1) + s.row(n, before) * s.hidden + units.begin;
      row.output = output ? output + place : nullptr;
      row.dhidden = operands.out<float>(1) + state;
      row.dcell = operands.out<float>(2) + state;
      row.dgates = operands.out<float>(0) + gates;
      row.gate = s.hidden;
      row.factor = factor;
      row.factor_gate = s.hidden;
      loops().lstm_grad_row(row);
    }

    void pad(int64_t n, int64_t t, Range units) const { clear(s, n, t, units, kGates, operands.out<float>(0)); }
  };

  Sequences sequences(const Operands& operands) const {
    const Shape& cells = operands.inputs[1].shape;
    return {cells[0], cells[1], cells[2], reverse_, lengths_ ? operands.in<int32_t>(lengths_) : nullptr};
  }

  bool reverse_;
  int output_, hidden_, cell_, lengths_;  // inputs, or 0
  size_t count_;
};

}  // namespace

CONVOLT_KERNEL(lstmGrad, LstmGrad)

}  // namespace convolt
