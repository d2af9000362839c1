// What becomes of sums of products of bits.
#pragma once

#include <cstdint>

namespace convolt {

// The order equals `binaryResults` in lib/ops/binary-output.ts.
enum class BinaryResult : uint8_t { kSums, kScaled, kBits };

struct BinaryOutput {
  BinaryResult result = BinaryResult::kSums;
  void* y = nullptr;             // int32 or float [positions, filters], or bits [positions, ceil(filters / 8)]
  const float* scale = nullptr;  // kScaled: dot * scale[k] + offset[k]
  const float* offset = nullptr;
  const int32_t* threshold = nullptr;  // kBits: (dot >= threshold[k]) xor flip[k]
  const uint8_t* flip = nullptr;
};

}  // namespace convolt
