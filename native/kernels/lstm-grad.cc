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
class LstmGrad final : public RecurrentBackward {
 public:
  explicit LstmGrad(AttributeReader& read) : RecurrentBackward(read, "lstmGrad", kGates, kGates, 1) {}

  Status run(const Operands& operands) const noexcept override {
    const Sequences s = sequences(operands);
    return run_cell(operands, s, Cell{s, output(operands), operands});
  }

 private:
  struct Cell {
    const Sequences& s;
    const float* output;
    const Operands& operands;

    void run(int64_t n, int64_t t, Range units, float* factor) const {
      const int64_t place = s.row(n, t) * s.hidden + units.begin, gates = s.row(n, t) * kGates * s.hidden + units.begin;
      const int64_t state = n * s.hidden + units.begin;
      LstmGradRow row;
      row.n = units.size();
      row.activations = operands.in<float>(0) + gates;
      row.cell = operands.in<float>(1) + place;
      row.previous = previous(operands, s, n, t, units);
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
};

}  // namespace

CONVOLT_KERNEL(lstmGrad, LstmGrad)

}  // namespace convolt
