// What becomes of sums of products of bits.
#pragma once

#include <cstdint>

namespace convolt {

// The order equals `binaryResults` in lib/ops/binary-output.ts.
enum class BinaryResult : uint8_t { kSums, kScaled, kBits };

struct BinaryOutput {
  BinaryResult result;
  void* y;             // int32 or float [positions, filters], or bits [positions, ceil(filters / 8)]
  const float* scale;  // kScaled: dot * scale[k] + offset[k]
  const float* offset;
  const int32_t* threshold;  // kBits: (dot >= threshold[k]) xor flip[k]
  const uint8_t* flip;
};

}  // namespace convolt
