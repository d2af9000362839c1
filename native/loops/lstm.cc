// The cell of an LSTM and its gradient.
//   c' = f c + i g, h' = o tanh(c') with i, f, o = sigmoid and g = tanh of the gates
#include "loops/loops.h"
#include "loops/math.h"

namespace convolt::CONVOLT_ISA {
namespace {

template <bool kKeeps>
void forward(const LstmRow& row) {
  const int64_t n = row.n, gate = row.gate;
  const float *gi = row.gates, *gf = gi + gate, *gg = gf + gate, *go = gg + gate;
  const float *pi = row.product, *pf = pi + row.product_gate, *pg = pf + row.product_gate, *po = pg + row.product_gate;
  float *ai = row.activations, *af = ai + gate, *ag = af + gate, *ao = ag + gate;
  float *cell = row.cell, *hidden = row.hidden, *output = row.output, *cells = row.cells;
#pragma GCC ivdep
  for (int64_t u = 0; u < n; ++u) {
    const float i = sigmoid(gi[u] + pi[u]);
    const float f = sigmoid(gf[u] + pf[u]);
    const float g = tanh(gg[u] + pg[u]);
    const float o = sigmoid(go[u] + po[u]);
    const float c = f * cell[u] + i * g;
    const float h = o * tanh(c);
    cell[u] = c;
    hidden[u] = h;
    output[u] = h;
    if (kKeeps) {
      ai[u] = i;
      af[u] = f;
      ag[u] = g;
      ao[u] = o;
      cells[u] = c;
    }
  }
}

template <bool kHasOutput>
void backward(const LstmGradRow& row) {
  const int64_t n = row.n, gate = row.gate, factor_gate = row.factor_gate;
  const float *ai = row.activations, *af = ai + gate, *ag = af + gate, *ao = ag + gate;
  const float *previous = row.previous, *cell = row.cell, *output = row.output;
  float *dhidden = row.dhidden, *dcell = row.dcell;
  float *di = row.dgates, *df = di + gate, *dg = df + gate, *d_o = dg + gate;
  float *fi = row.factor, *ff = fi + factor_gate, *fg = ff + factor_gate, *fo = fg + factor_gate;
#pragma GCC ivdep
  for (int64_t u = 0; u < n; ++u) {
    const float i = ai[u], f = af[u], g = ag[u], o = ao[u];
    const float top = tanh(cell[u]);
    const float dh = kHasOutput ? dhidden[u] + output[u] : dhidden[u];
    const float dc = dcell[u] + dh * o * (1.0f - top * top);
    const float to_i = dc * g * (i * (1.0f - i));
    const float to_f = dc * previous[u] * (f * (1.0f - f));
    const float to_g = dc * i * (1.0f - g * g);
    const float to_o = dh * top * (o * (1.0f - o));
    dhidden[u] = 0.0f;
    dcell[u] = dc * f;
    di[u] = to_i;
    df[u] = to_f;
    dg[u] = to_g;
    d_o[u] = to_o;
    fi[u] = to_i;
    ff[u] = to_f;
    fg[u] = to_g;
    fo[u] = to_o;
  }
}

}  // namespace

void lstm_row(const LstmRow& row) { row.activations ? forward<true>(row) : forward<false>(row); }

void lstm_grad_row(const LstmGradRow& row) { row.output ? backward<true>(row) : backward<false>(row); }

}  // namespace convolt::CONVOLT_ISA
