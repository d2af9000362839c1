// Signs of floats as bits, and back.
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {

void pack_bits(uint8_t* bits, const float* x, int64_t rows, int64_t channels) {
  const int64_t bytes = (channels + 7) / 8;
  for (int64_t row = 0; row < rows; ++row, bits += bytes, x += channels) {
    for (int64_t b = 0; b < bytes; ++b) {
      unsigned byte = 0;
      for (int64_t c = 8 * b; c < 8 * b + 8 && c < channels; ++c) byte |= static_cast<unsigned>(x[c] >= 0) << (c & 7);
      bits[b] = static_cast<uint8_t>(byte);
    }
  }
}

void unpack_bits(float* x, const uint8_t* bits, int64_t rows, int64_t channels) {
  const int64_t bytes = (channels + 7) / 8;
  for (int64_t row = 0; row < rows; ++row, bits += bytes, x += channels) {
    for (int64_t c = 0; c < channels; ++c) x[c] = (bits[c >> 3] >> (c & 7) & 1) ? 1.0f : -1.0f;
  }
}

}  // namespace convolt::CONVOLT_ISA
