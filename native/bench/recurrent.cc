// Speed of the recurrent kernels alone: forward as in inference, forward as in training, and backward.
#include "bench/measure.h"

namespace {

using namespace convolt;

void recurrent(const char* name, const char* grad, int64_t gates, int64_t n, int64_t t, int64_t h) {
  const bool is_lstm = gates == 4;
  const Operand pre({n, t, gates * h}), state({n, h}), weight({h, gates * h}), bias({h}), output({n, t, h});
  const Operand hidden({n, h}), cell({n, h}), activations({n, t, 4 * h}), cells({n, t, h}), none({0});
  const Operand dgates({n, t, gates * h}), dproduct({n, t, gates * h});
  const double flops = 2.0 * n * t * h * h * gates;
  const std::string what = std::string(name) + " " + std::to_string(n) + " x " + std::to_string(t) + " steps, " +
                           std::to_string(h) + " units";
  const auto& p = pre.tensor();
  const auto& s = state.tensor();
  const auto& w = weight.tensor();
  const auto& y = output.tensor();
  for (const bool keeps : {false, true}) {
    const Tensor& a = keeps ? activations.tensor() : none.tensor();
    const Tensor& c = keeps ? cells.tensor() : none.tensor();
    const std::string how = what + (keeps ? ", keeps" : "");
    is_lstm ? report(how, flops, "GFLOP/s", name, {0, 0}, {p, s, s, w}, {y, hidden.tensor(), cell.tensor(), a, c})
            : report(how, flops, "GFLOP/s", name, {0, 0}, {p, s, w, bias.tensor()}, {y, hidden.tensor(), a});
  }
  is_lstm
      ? report(what + ", back", flops, "GFLOP/s", grad, {0, 1, 0, 0, 0},
               {activations.tensor(), cells.tensor(), s, w, y}, {dgates.tensor(), hidden.tensor(), cell.tensor()})
      : report(what + ", back", flops, "GFLOP/s", grad, {0, 1, 0, 0}, {activations.tensor(), cells.tensor(), s, w, y},
               {dgates.tensor(), dproduct.tensor(), hidden.tensor()});
}

}  // namespace

int main(int count, char** arguments) {
  const int64_t only = count > 1 ? std::atoll(arguments[1]) : 0;  // sequences
  constexpr int64_t kShapes[][3] = {{1, 128, 128},  {1, 128, 256}, {1, 128, 512}, {4, 128, 256}, {8, 128, 512},
                                    {16, 128, 512}, {32, 64, 256}, {64, 32, 256}, {128, 32, 64}};
  for (const auto& [n, t, h] : kShapes) {
    if (only && n != only) continue;
    recurrent("lstm", "lstmGrad", 4, n, t, h);
    recurrent("gru", "gruGrad", 3, n, t, h);
  }
}
