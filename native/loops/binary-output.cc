// Sums of products of bits become what a layer gives: dot[k] = border[k] - 2 differ[k].
#include "loops/binary-output.h"

#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {

void binary_output_row(const BinaryOutput& output, int64_t position, const int32_t* differ, const int32_t* border,
                       int64_t filters) {
  if (output.result == BinaryResult::kSums) {
    int32_t* __restrict y = static_cast<int32_t*>(output.y) + position * filters;
    for (int64_t k = 0; k < filters; ++k) y[k] = border[k] - 2 * differ[k];
  } else if (output.result == BinaryResult::kScaled) {
    float* __restrict y = static_cast<float*>(output.y) + position * filters;
    for (int64_t k = 0; k < filters; ++k) {
      y[k] = static_cast<float>(border[k] - 2 * differ[k]) * output.scale[k] + output.offset[k];
    }
  } else {
    uint8_t* __restrict y = static_cast<uint8_t*>(output.y) + position * ((filters + 7) / 8);
    for (int64_t k = 0; k < filters; k += 8) {
      unsigned byte = 0;
      for (int64_t b = 0; b < 8 && k + b < filters; ++b) {
        const bool reaches = border[k + b] - 2 * differ[k + b] >= output.threshold[k + b];
        byte |= static_cast<unsigned>(reaches != (output.flip[k + b] != 0)) << b;
      }
      y[k / 8] = static_cast<uint8_t>(byte);
    }
  }
}

}  // namespace convolt::CONVOLT_ISA
