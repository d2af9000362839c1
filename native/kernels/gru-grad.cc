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
class GruGrad final : public RecurrentBackward {
 public:
  explicit GruGrad(AttributeReader& read) : RecurrentBackward(read, "gruGrad", kGates, kKept, 2) {}

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
      const int64_t at = s.row(n, t), place = at * s.hidden + units.begin, gates = at * kGates * s.hidden + units.begin;
      GruGradRow row;
      row.n = units.size();
      row.activations = operands.in<float>(0) + at * kKept * s.hidden + units.begin;
      row.previous = previous(operands, s, n, t, units);
      row.output = output ? output + place : nullptr;
      row.dhidden = operands.out<float>(2) + n * s.hidden + units.begin;
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
};

}  // namespace

CONVOLT_KERNEL(gruGrad, GruGrad)

}  // namespace convolt
