// Speed of quantized convolutions beside those of float32: layers of ResNet and MobileNetV2.
#include <cstring>
#include <string_view>

#include "bench/measure.h"

namespace {

using namespace convolt;

struct Layer {
  int64_t side, channels, filters, taps, stride;
  bool is_depthwise = false;
};

// Microseconds of one run with constant weights.
double microseconds(const char* name, const std::vector<double>& attributes, const std::vector<Tensor>& inputs,
                    const Tensor& output, int threads) {
  return measure(name, attributes, inputs, {output}, threads, 0b1110).median;
}

void report(const Layer& l, int64_t images, int threads) {
  const int64_t padding = l.taps / 2, out = (l.side + 2 * padding - l.taps) / l.stride + 1;
  const int64_t groups = l.is_depthwise ? l.channels : 1, inner = l.channels / groups;
  const double s = static_cast<double>(l.stride), p = static_cast<double>(padding), g = static_cast<double>(groups);
  const Operand x({images, l.side, l.side, l.channels}), w({l.taps, l.taps, inner, l.filters}),
      y({images, out, out, l.filters});
  const Operand qx({images, l.side, l.side, l.channels}, DType::kUint8),
      qw({l.taps, l.taps, inner, l.filters}, DType::kInt8), qy({images, out, out, l.filters}, DType::kUint8);
  const Operand bias({l.filters}, DType::kInt32), scale({l.filters});
  for (int64_t i = 0; i < qw.tensor().elements(); ++i) {
    static_cast<int8_t*>(qw.tensor().data)[i] = static_cast<int8_t>(i * 7 % 127 - 63);
  }
  for (int64_t i = 0; i < qx.tensor().elements(); ++i) {
    static_cast<uint8_t*>(qx.tensor().data)[i] = static_cast<uint8_t>(i * 31);
  }
  const std::vector<double> sliding = {s, s, p, p, p, p, 1, 1, g};
  std::vector<double> direct = sliding, automatic = sliding, quantized = sliding;
  direct.push_back(1);
  automatic.push_back(0);
  for (const double number : {3.0, 1.0, 0.0, 3.0, 3.0, 255.0}) quantized.push_back(number);
  const double own = microseconds("quantizedConv2d", quantized,
                                  {qx.tensor(), qw.tensor(), bias.tensor(), scale.tensor()}, qy.tensor(), threads);
  const double plain = microseconds("conv2d", direct, {x.tensor(), w.tensor()}, y.tensor(), threads);
  const double best = microseconds("conv2d", automatic, {x.tensor(), w.tensor()}, y.tensor(), threads);
  const double work = static_cast<double>(images * out * out * l.filters * l.taps * l.taps * inner);
  std::printf(
      "%2lld x %4lld @%3lld -> %4lld %lldx%lld/%lld %s %d thr: int8 %9.1f us %6.1f GMAC/s  direct %9.1f (%4.2fx)"
      "  auto %9.1f (%4.2fx)\n",
      static_cast<long long>(images), static_cast<long long>(l.channels), static_cast<long long>(l.side),
      static_cast<long long>(l.filters), static_cast<long long>(l.taps), static_cast<long long>(l.taps),
      static_cast<long long>(l.stride), l.is_depthwise ? "dw" : "  ", threads, own, work / own * 1e-3, plain,
      plain / own, best, best / own);
  std::fflush(stdout);
}

}  // namespace

// bench-int8 [images] [threads] [first layer] [last layer]
int main(int count, char** arguments) {
  const auto argument = [&](int i, int64_t otherwise) { return i < count ? std::atoll(arguments[i]) : otherwise; };
  constexpr Layer kLayers[] = {
      {224, 3, 64, 7, 2},          // 0: ResNet
      {56, 64, 64, 3, 1},          //
      {28, 128, 128, 3, 1},        //
      {14, 256, 256, 3, 1},        //
      {7, 512, 512, 3, 1},         //
      {56, 64, 128, 3, 2},         // 5
      {56, 64, 256, 1, 1},         //
      {56, 256, 64, 1, 1},         //
      {28, 512, 128, 1, 1},        //
      {14, 1024, 256, 1, 1},       //
      {7, 512, 2048, 1, 1},        // 10
      {7, 2048, 512, 1, 1},        //
      {56, 256, 512, 1, 2},        //
      {1, 2048, 1000, 1, 1},       //
      {224, 3, 32, 3, 2},          // 14: MobileNetV2
      {112, 32, 16, 1, 1},         //
      {112, 16, 96, 1, 1},         //
      {56, 24, 144, 1, 1},         //
      {56, 144, 24, 1, 1},         //
      {28, 32, 192, 1, 1},         //
      {14, 384, 64, 1, 1},         // 20
      {14, 96, 576, 1, 1},         //
      {7, 960, 160, 1, 1},         //
      {7, 320, 1280, 1, 1},        //
      {112, 32, 32, 3, 1, true},   // 24
      {112, 96, 96, 3, 2, true},   //
      {56, 144, 144, 3, 1, true},  //
      {28, 192, 192, 3, 1, true},  //
      {14, 384, 384, 3, 1, true},  //
      {7, 960, 960, 3, 1, true},   // 29
  };
  const int64_t images = argument(1, 1), threads = argument(2, 2), first = argument(3, 0);
  const int64_t last = argument(4, std::size(kLayers) - 1);
  for (int64_t i = first; i <= last; ++i) report(kLayers[i], images, static_cast<int>(threads));
}
