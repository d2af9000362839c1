// Images and filters of +1 and -1, one number for each, and what products of their bits must be.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/axis.h"
#include "tests/numbers.h"

namespace convolt {

// Random bytes: rows of bits with rubbish behind the last channel.
inline Array random_bytes(std::mt19937& random, const std::vector<int64_t>& shape) {
  std::vector<double> numbers(Shape(shape).elements());
  for (double& number : numbers) number = static_cast<double>(random_integer(random, 0, 255));
  return Array(DType::kUint8, shape, numbers);
}

struct BinaryCase {
  int64_t images, channels, filters;
  Axis rows, columns;
  int padding = 0;  // what the border counts as

  int64_t bytes() const { return (channels + 7) / 8; }
  int64_t positions() const { return images * rows.output() * columns.output(); }
  std::vector<double> attributes(int result) const {
    std::vector<double> numbers;
    for (const int64_t number : {rows.stride, columns.stride, rows.before, rows.after, columns.before, columns.after,
                                 rows.dilation, columns.dilation, channels}) {
      numbers.push_back(static_cast<double>(number));
    }
    numbers.push_back(padding);
    numbers.push_back(result);
    return numbers;
  }
  std::string name() const {
    return testing::PrintToString(attributes(0)) + " " + std::to_string(images) + "x" + std::to_string(rows.input) +
           "x" + std::to_string(columns.input) + " to " + std::to_string(filters) + " by " + std::to_string(rows.taps) +
           "x" + std::to_string(columns.taps);
  }
};

// Sums of products, bit by bit: [positions, filters].
inline std::vector<int32_t> dots(const BinaryCase& c, const uint8_t* x, const uint8_t* w) {
  std::vector<int32_t> sums;
  const auto sign = [&](const uint8_t* pixel, int64_t channel) { return pixel[channel / 8] >> channel % 8 & 1; };
  for (int64_t n = 0; n < c.images; ++n)
    for (int64_t i = 0; i < c.rows.output(); ++i)
      for (int64_t j = 0; j < c.columns.output(); ++j)
        for (int64_t k = 0; k < c.filters; ++k) {
          int32_t sum = 0;
          for (int64_t u = 0; u < c.rows.taps; ++u)
            for (int64_t v = 0; v < c.columns.taps; ++v) {
              const int64_t h = i * c.rows.stride + u * c.rows.dilation - c.rows.before;
              const int64_t l = j * c.columns.stride + v * c.columns.dilation - c.columns.before;
              const uint8_t* tap = w + ((k * c.rows.taps + u) * c.columns.taps + v) * c.bytes();
              const bool outside = h < 0 || h >= c.rows.input || l < 0 || l >= c.columns.input;
              if (outside && c.padding == 0) continue;
              const uint8_t* pixel = x + ((n * c.rows.input + h) * c.columns.input + l) * c.bytes();
              for (int64_t channel = 0; channel < c.channels; ++channel) {
                const int bit = outside ? c.padding > 0 : sign(pixel, channel);
                sum += bit == sign(tap, channel) ? 1 : -1;
              }
            }
          sums.push_back(sum);
        }
  return sums;
}

}  // namespace convolt
