// The cell of a GRU whose reset gate follows the product, and its gradient.
//   h' = (1 - z) n + z h with r, z = sigmoid of the gates, n = tanh(g_n + r (p_n + bias))
#include "loops/loops.h"
#include "loops/math.h"

namespace convolt::CONVOLT_ISA {
namespace {

template <bool kKeeps>
void forward(const GruRow& row) {
  const int64_t units = row.n, gate = row.gate;
  const float *gr = row.gates, *gz = gr + gate, *gn = gz + gate;
  const float *pr = row.product, *pz = pr + row.product_gate, *pn = pz + row.product_gate;
  float *ar = row.activations, *az = ar + gate, *an = az + gate, *ap = an + gate;
  const float *bias = row.bias, *previous = row.previous;
  float *hidden = row.hidden, *output = row.output;
#pragma GCC ivdep
  for (int64_t u = 0; u < units; ++u) {
    const float r = sigmoid(gr[u] + pr[u]);
    const float z = sigmoid(gz[u] + pz[u]);
    const float p = pn[u] + bias[u];
    const float n = tanh(gn[u] + r * p);
    const float h = n + z * (previous[u] - n);
    hidden[u] = h;
    output[u] = h;
    if (kKeeps) {
      ar[u] = r;
      az[u] = z;
      an[u] = n;
      ap[u] = p;
    }
  }
}

template <bool kHasOutput>
void backward(const GruGradRow& row) {
  const int64_t units = row.n, gate = row.gate, factor_gate = row.factor_gate;
  const float *ar = row.activations, *az = ar + gate, *an = az + gate, *ap = an + gate;
  const float *previous = row.previous, *output = row.output;
  float* dhidden = row.dhidden;
  float *gr = row.dgates, *gz = gr + gate, *gn = gz + gate;
  float *pr = row.dproduct, *pz = pr + gate, *pn = pz + gate;
  float *fr = row.factor, *fz = fr + factor_gate, *fn = fz + factor_gate;
#pragma GCC ivdep
  for (int64_t u = 0; u < units; ++u) {
    const float r = ar[u], z = az[u], n = an[u];
    const float dh = kHasOutput ? dhidden[u] + output[u] : dhidden[u];
    const float to_n = dh * (1.0f - z) * (1.0f - n * n);
    const float to_z = dh * (previous[u] - n) * (z * (1.0f - z));
    const float to_r = to_n * ap[u] * (r * (1.0f - r));
    const float to_p = to_n * r;
    dhidden[u] = dh * z;
    gr[u] = to_r;
    gz[u] = to_z;
    gn[u] = to_n;
    pr[u] = to_r;
    pz[u] = to_z;
    pn[u] = to_p;
    fr[u] = to_r;
    fz[u] = to_z;
    fn[u] = to_p;
  }
}

}  // namespace

void gru_row(const GruRow& row) { row.activations ? forward<true>(row) : forward<false>(row); }

void gru_grad_row(const GruGradRow& row) { row.output ? backward<true>(row) : backward<false>(row); }

}  // namespace convolt::CONVOLT_ISA
