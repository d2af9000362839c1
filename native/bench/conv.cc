// Speed of convolution, its gradients and pools on the shapes of LeNet, ResNet and MobileNet.
#include "bench/measure.h"

namespace {

using namespace convolt;

struct Layer {
  const char* name;
  int64_t images, side, channels, filters, taps, stride, padding, groups;
};

void convolution(const Layer& l) {
  const int64_t out = (l.side + 2 * l.padding - l.taps) / l.stride + 1;
  const Operand x({l.images, l.side, l.side, l.channels}), w({l.taps, l.taps, l.channels / l.groups, l.filters}),
      y({l.images, out, out, l.filters});
  const double s = static_cast<double>(l.stride), p = static_cast<double>(l.padding), g = static_cast<double>(l.groups);
  const std::vector<double> attributes = {s, s, p, p, p, p, 1, 1, g, 0};
  const double flops = 2.0 * y.tensor().elements() * l.taps * l.taps * l.channels / l.groups;
  const std::string name = l.name;
  report(name, flops, "GFLOP/s", "conv2d", attributes, {x.tensor(), w.tensor()}, {y.tensor()});
  report(name + ", to the input", flops, "GFLOP/s", "conv2dGradInput", attributes, {y.tensor(), w.tensor()},
         {x.tensor()});
  report(name + ", to the weights", flops, "GFLOP/s", "conv2dGradWeights", attributes, {x.tensor(), y.tensor()},
         {w.tensor()});
}

void pool(int64_t images, int64_t side, int64_t channels) {
  const Operand x({images, side, side, channels}), y({images, side / 2, side / 2, channels}),
      indices({images, side / 2, side / 2, channels}, DType::kInt32);
  const std::string shape = x.tensor().shape.to_string();
  const std::vector<double> window = {2, 2, 2, 2, 0, 0, 0, 0};
  const double bytes = static_cast<double>(x.tensor().bytes());
  report("maxPool " + shape, 1.5 * bytes, "GB/s", "maxPool", window, {x.tensor()}, {y.tensor(), indices.tensor()});
  report("maxPoolGrad " + shape, 1.5 * bytes, "GB/s", "maxPoolGrad", {}, {y.tensor(), indices.tensor()}, {x.tensor()});
  std::vector<double> average = window;
  average.push_back(1);
  report("averagePool " + shape, 1.25 * bytes, "GB/s", "averagePool", average, {x.tensor()}, {y.tensor()});
  report("averagePoolGrad " + shape, 1.25 * bytes, "GB/s", "averagePoolGrad", average, {y.tensor()}, {x.tensor()});
}

}  // namespace

int main() {
  constexpr Layer kLayers[] = {
      {"lenet conv1 64x28x28x1 -> 32, 5x5", 64, 28, 1, 32, 5, 1, 2, 1},
      {"lenet conv2 64x14x14x32 -> 64, 5x5", 64, 14, 32, 64, 5, 1, 2, 1},
      {"resnet20 128x32x32x16 -> 16, 3x3", 128, 32, 16, 16, 3, 1, 1, 1},
      {"resnet20 128x16x16x32 -> 32, 3x3", 128, 16, 32, 32, 3, 1, 1, 1},
      {"resnet 16x28x28x128 -> 128, 3x3", 16, 28, 128, 128, 3, 1, 1, 1},
      {"resnet 16x28x28x128 -> 256, 3x3, stride 2", 16, 28, 128, 256, 3, 2, 1, 1},
      {"resnet 1x14x14x256 -> 256, 3x3", 1, 14, 256, 256, 3, 1, 1, 1},
      {"resnet 1x7x7x512 -> 512, 3x3", 1, 7, 512, 512, 3, 1, 1, 1},
      {"resnet stem 4x224x224x3 -> 64, 7x7, stride 2", 4, 224, 3, 64, 7, 2, 3, 1},
      {"pointwise 16x28x28x256 -> 64", 16, 28, 256, 64, 1, 1, 0, 1},
      {"depthwise 16x56x56x96, 3x3", 16, 56, 96, 96, 3, 1, 1, 96},
      {"4 groups 16x28x28x128 -> 128, 3x3", 16, 28, 128, 128, 3, 1, 1, 4},
  };
  for (const Layer& layer : kLayers) convolution(layer);
  pool(64, 28, 32);
  pool(64, 14, 64);
}
