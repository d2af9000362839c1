// Speed of depthwise convolution, its gradients and pools, in bytes of operands per second.
#include "bench/measure.h"

namespace {

using namespace convolt;

struct Layer {
  int64_t images, side, channels, taps, stride, dilation, multiplier;
};

double bytes_of(const std::vector<Tensor>& tensors) {
  double bytes = 0;
  for (const Tensor& tensor : tensors) bytes += static_cast<double>(tensor.bytes());
  return bytes;
}

// At best, inputs are read once and outputs written once.
void report_bytes(const std::string& what, const char* name, const std::vector<double>& attributes,
                  const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs) {
  report(what, bytes_of(inputs) + bytes_of(outputs), "GB/s", name, attributes, inputs, outputs);
}

void depthwise(const Layer& l) {
  const int64_t padding = l.dilation * (l.taps - 1) / 2, filters = l.channels * l.multiplier;
  const int64_t out = (l.side + 2 * padding - l.dilation * (l.taps - 1) - 1) / l.stride + 1;
  const Operand x({l.images, l.side, l.side, l.channels}), w({l.taps, l.taps, 1, filters}),
      y({l.images, out, out, filters});
  const double s = static_cast<double>(l.stride), p = static_cast<double>(padding), d = static_cast<double>(l.dilation);
  const std::vector<double> attributes = {s, s, p, p, p, p, d, d, static_cast<double>(l.channels), 0};
  std::string name = x.tensor().shape.to_string() + " " + std::to_string(l.taps) + "x" + std::to_string(l.taps);
  if (l.stride > 1) name += " stride " + std::to_string(l.stride);
  if (l.dilation > 1) name += " dilation " + std::to_string(l.dilation);
  if (l.multiplier > 1) name += " x " + std::to_string(l.multiplier);
  report_bytes(name, "conv2d", attributes, {x.tensor(), w.tensor()}, {y.tensor()});
  report_bytes(name + ", to x", "conv2dGradInput", attributes, {y.tensor(), w.tensor()}, {x.tensor()});
  report_bytes(name + ", to w", "conv2dGradWeights", attributes, {x.tensor(), y.tensor()}, {w.tensor()});
}

void pools(int64_t images, int64_t side, int64_t channels, int64_t window, int64_t stride, int64_t padding) {
  const int64_t out = (side + 2 * padding - window) / stride + 1;
  const Operand x({images, side, side, channels}), y({images, out, out, channels}),
      indices({images, out, out, channels}, DType::kInt32);
  const double k = static_cast<double>(window), s = static_cast<double>(stride), p = static_cast<double>(padding);
  const std::string shape = x.tensor().shape.to_string() + " " + std::to_string(window) + "x" + std::to_string(window) +
                            " stride " + std::to_string(stride);
  std::vector<double> attributes = {k, k, s, s, p, p, p, p};
  report_bytes("maxPool " + shape, "maxPool", attributes, {x.tensor()}, {y.tensor(), indices.tensor()});
  report_bytes("maxPoolGrad " + shape, "maxPoolGrad", {}, {y.tensor(), indices.tensor()}, {x.tensor()});
  attributes.push_back(1);
  report_bytes("averagePool " + shape, "averagePool", attributes, {x.tensor()}, {y.tensor()});
  report_bytes("averagePoolGrad " + shape, "averagePoolGrad", attributes, {y.tensor()}, {x.tensor()});
}

void adaptive(int64_t images, int64_t side, int64_t channels, int64_t bins) {
  const Operand x({images, side, side, channels}), y({images, bins, bins, channels});
  const std::string shape = x.tensor().shape.to_string() + " to " + std::to_string(bins);
  report_bytes("adaptiveAveragePool " + shape, "adaptiveAveragePool", {}, {x.tensor()}, {y.tensor()});
  report_bytes("adaptiveAveragePoolGrad " + shape, "adaptiveAveragePoolGrad", {}, {y.tensor()}, {x.tensor()});
}

}  // namespace

int main() {
  constexpr Layer kLayers[] = {
      // MobileNetV2 on ImageNet
      {16, 56, 96, 3, 1, 1, 1},
      {16, 112, 32, 3, 1, 1, 1},
      {16, 112, 96, 3, 2, 1, 1},
      {16, 56, 144, 3, 1, 1, 1},
      {16, 56, 144, 3, 2, 1, 1},
      {16, 28, 192, 3, 1, 1, 1},
      {16, 14, 384, 3, 1, 1, 1},
      {16, 14, 576, 3, 2, 1, 1},
      {16, 7, 960, 3, 1, 1, 1},
      {1, 112, 32, 3, 1, 1, 1},
      {1, 14, 384, 3, 1, 1, 1},
      {1, 7, 960, 3, 1, 1, 1},
      // and on CIFAR-10
      {64, 32, 96, 3, 1, 1, 1},
      {64, 32, 144, 3, 2, 1, 1},
      {64, 16, 192, 3, 1, 1, 1},
      {64, 8, 384, 3, 1, 1, 1},
      {64, 4, 960, 3, 1, 1, 1},
      {128, 4, 960, 3, 1, 1, 1},
      // others
      {16, 28, 192, 5, 1, 1, 1},
      {16, 28, 192, 5, 2, 1, 1},
      {16, 28, 192, 3, 1, 2, 1},
      {16, 27, 67, 3, 1, 1, 1},
      {16, 28, 64, 3, 1, 1, 2},
  };
  for (const Layer& layer : kLayers) depthwise(layer);
  pools(16, 112, 64, 3, 2, 1);
  pools(16, 56, 64, 2, 2, 0);
  pools(64, 32, 64, 2, 2, 0);
  pools(64, 14, 67, 2, 2, 0);
  pools(16, 28, 64, 3, 1, 1);
  adaptive(128, 8, 64, 1);
  adaptive(16, 7, 2048, 1);
  adaptive(16, 14, 512, 7);
}
