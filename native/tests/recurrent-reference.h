// LSTM and GRU in plain loops in double, forward and backward.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace convolt {

// The sizes of a network and how it runs.
struct RecurrentCase {
  int64_t batch, steps, hidden;
  bool reverse = false, has_lengths = false;
};

inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// What both kinds of network share: the times of each sequence in the order in which it runs.
struct Network {
  RecurrentCase c;
  std::vector<double> lengths;

  std::vector<int64_t> times(int64_t n) const {
    std::vector<int64_t> all;
    const auto length = c.has_lengths ? static_cast<int64_t>(lengths[n]) : c.steps;
    for (int64_t i = 0; i < length; ++i) all.push_back(c.reverse ? length - 1 - i : i);
    return all;
  }
  int64_t row(int64_t n, int64_t t) const { return n * c.steps + t; }
};

inline std::vector<double> times_matrix(const double* h, const std::vector<double>& w, int64_t k, int64_t width) {
  std::vector<double> y(width);
  for (int64_t i = 0; i < k; ++i) {
    for (int64_t j = 0; j < width; ++j) y[j] += h[i] * w[i * width + j];
  }
  return y;
}

using Arrays = std::vector<std::vector<double>>;

// [output, hidden, cell, activations, cells]
inline Arrays lstm(const Network& net, const Arrays& in) {
  const auto [batch, steps, hidden, reverse, has_lengths] = net.c;
  std::vector<double> output(batch * steps * hidden), h = in[1], c = in[2], activations(4 * output.size()),
                                                      cells(output.size());
  for (int64_t n = 0; n < batch; ++n) {
    for (const int64_t t : net.times(n)) {
      const std::vector<double> product = times_matrix(&h[n * hidden], in[3], hidden, 4 * hidden);
      const int64_t at = net.row(n, t);
      for (int64_t u = 0; u < hidden; ++u) {
        double a[4];
        for (int64_t g = 0; g < 4; ++g) {
          const double x = in[0][(at * 4 + g) * hidden + u] + product[g * hidden + u];
          activations[(at * 4 + g) * hidden + u] = a[g] = g == 2 ? std::tanh(x) : sigmoid(x);
        }
        double& cell = c[n * hidden + u];
        cells[at * hidden + u] = cell = a[1] * cell + a[0] * a[2];
        output[at * hidden + u] = h[n * hidden + u] = a[3] * std::tanh(cell);
      }
    }
  }
  return {output, h, c, activations, cells};
}

// [output, hidden, activations]
inline Arrays gru(const Network& net, const Arrays& in) {
  const auto [batch, steps, hidden, reverse, has_lengths] = net.c;
  std::vector<double> output(batch * steps * hidden), h = in[1], activations(4 * output.size());
  for (int64_t n = 0; n < batch; ++n) {
    for (const int64_t t : net.times(n)) {
      const std::vector<double> product = times_matrix(&h[n * hidden], in[2], hidden, 3 * hidden);
      const int64_t at = net.row(n, t);
      for (int64_t u = 0; u < hidden; ++u) {
        const auto gate = [&, hidden = hidden](int64_t g) { return in[0][(at * 3 + g) * hidden + u]; };
        const double r = sigmoid(gate(0) + product[u]), z = sigmoid(gate(1) + product[hidden + u]);
        const double inner = product[2 * hidden + u] + in[3][u], top = std::tanh(gate(2) + r * inner);
        const double kept[] = {r, z, top, inner};
        for (int64_t g = 0; g < 4; ++g) activations[(at * 4 + g) * hidden + u] = kept[g];
        double& state = h[n * hidden + u];
        output[at * hidden + u] = state = (1 - z) * top + z * state;
      }
    }
  }
  return {output, h, activations};
}

// Goes back through time: calls step(n, time, time before or -1) and then adds factor * w^T to dh.
template <typename Step>
void backward(const Network& net, const std::vector<double>& w, int64_t gates, std::vector<double>& dh,
              const Step& step) {
  const int64_t hidden = net.c.hidden;
  for (int64_t n = 0; n < net.c.batch; ++n) {
    const std::vector<int64_t> times = net.times(n);
    for (auto i = static_cast<int64_t>(times.size()) - 1; i >= 0; --i) {
      const std::vector<double> factor = step(n, times[i], i > 0 ? times[i - 1] : -1);
      for (int64_t u = 0; u < hidden; ++u) {
        for (int64_t j = 0; j < gates * hidden; ++j) dh[n * hidden + u] += factor[j] * w[u * gates * hidden + j];
      }
    }
  }
}

// in: activations, cells, c0, weight, gradients of output, hidden and cell. [dgates, dh0, dc0]
inline Arrays lstm_grad(const Network& net, const Arrays& in) {
  const int64_t hidden = net.c.hidden;
  std::vector<double> dgates(in[0].size()), dh = in[5], dc = in[6];
  backward(net, in[3], 4, dh, [&](int64_t n, int64_t t, int64_t before) {
    const int64_t at = net.row(n, t);
    std::vector<double> factor(4 * hidden);
    for (int64_t u = 0; u < hidden; ++u) {
      const auto a = [&](int64_t g) { return in[0][(at * 4 + g) * hidden + u]; };
      const double c = before < 0 ? in[2][n * hidden + u] : in[1][net.row(n, before) * hidden + u];
      const double top = std::tanh(in[1][at * hidden + u]), to_h = dh[n * hidden + u] + in[4][at * hidden + u];
      const double to_c = dc[n * hidden + u] + to_h * a(3) * (1 - top * top);
      factor[u] = to_c * a(2) * a(0) * (1 - a(0));
      factor[hidden + u] = to_c * c * a(1) * (1 - a(1));
      factor[2 * hidden + u] = to_c * a(0) * (1 - a(2) * a(2));
      factor[3 * hidden + u] = to_h * top * a(3) * (1 - a(3));
      dc[n * hidden + u] = to_c * a(1);
      dh[n * hidden + u] = 0;
    }
    std::copy(factor.begin(), factor.end(), dgates.begin() + at * 4 * hidden);
    return factor;
  });
  return {dgates, dh, dc};
}

// in: activations, output, h0, weight, gradients of output and hidden. [dgates, dproduct, dh0]
inline Arrays gru_grad(const Network& net, const Arrays& in) {
  const int64_t hidden = net.c.hidden;
  std::vector<double> dgates(in[1].size() * 3), dproduct(dgates.size()), dh = in[5];
  backward(net, in[3], 3, dh, [&](int64_t n, int64_t t, int64_t before) {
    const int64_t at = net.row(n, t);
    std::vector<double> own(3 * hidden), factor(3 * hidden);
    for (int64_t u = 0; u < hidden; ++u) {
      const auto a = [&](int64_t g) { return in[0][(at * 4 + g) * hidden + u]; };
      const double h = before < 0 ? in[2][n * hidden + u] : in[1][net.row(n, before) * hidden + u];
      const double to_h = dh[n * hidden + u] + in[4][at * hidden + u];
      const double to_n = to_h * (1 - a(1)) * (1 - a(2) * a(2));
      own[u] = factor[u] = to_n * a(3) * a(0) * (1 - a(0));
      own[hidden + u] = factor[hidden + u] = to_h * (h - a(2)) * a(1) * (1 - a(1));
      own[2 * hidden + u] = to_n;
      factor[2 * hidden + u] = to_n * a(0);
      dh[n * hidden + u] = to_h * a(1);
    }
    std::copy(own.begin(), own.end(), dgates.begin() + at * 3 * hidden);
    std::copy(factor.begin(), factor.end(), dproduct.begin() + at * 3 * hidden);
    return factor;
  });
  return {dgates, dproduct, dh};
}

}  // namespace convolt
