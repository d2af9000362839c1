// Copies patches and filters of bits; bits behind the last channel are cleared on the way.
#include "gemm/bit-rows.h"

#include <bit>
#include <cstring>

namespace convolt {
namespace {

// The bits of the last byte of a pixel that belong to channels.
uint8_t last_mask(const BinaryProduct& product) {
  return static_cast<uint8_t>(0xff >> (8 * product.bytes() - product.channels));
}

void copy_pixel(const BinaryProduct& product, uint8_t* to, const uint8_t* from) {
  const int64_t bytes = product.bytes();
  std::memcpy(to, from, bytes);
  to[bytes - 1] &= last_mask(product);
}

// What a tap outside of the image is read as.
void fill_pixel(const BinaryProduct& product, uint8_t* to) {
  const int64_t bytes = product.bytes();
  std::memset(to, product.padding > 0 ? 0xff : 0, bytes);
  to[bytes - 1] &= last_mask(product);
}

}  // namespace

int64_t bit_row_words(const BinaryProduct& product) { return ceil_div(product.window.taps() * product.bytes(), 8); }

void gather_patches(const BinaryProduct& product, Range positions, uint64_t* rows) {
  const auto& [height, width] = product.window;
  const int64_t bytes = product.bytes(), words = bit_row_words(product);
  for (int64_t p = positions.begin; p < positions.end; ++p, rows += words) {
    const int64_t line = p / width.positions, j = p % width.positions;
    const int64_t image = line / height.positions, i = line % height.positions;
    const Range down = height.taps_inside(i), across = width.taps_inside(j);
    rows[words - 1] = 0;
    auto* to = reinterpret_cast<uint8_t*>(rows);
    for (int64_t u = 0; u < height.taps; ++u) {
      const uint8_t* from = product.x + (image * height.length + height.element(i, u)) * width.length * bytes;
      for (int64_t v = 0; v < width.taps; ++v, to += bytes) {
        if (u >= down.begin && u < down.end && v >= across.begin && v < across.end) {
          copy_pixel(product, to, from + width.element(j, v) * bytes);
        } else {
          fill_pixel(product, to);
        }
      }
    }
  }
}

void gather_filters(const BinaryProduct& product, uint64_t* rows, int32_t* ones) {
  const int64_t bytes = product.bytes(), words = bit_row_words(product), taps = product.window.taps();
  for (int64_t k = 0; k < product.filters; ++k, rows += words) {
    rows[words - 1] = 0;
    auto* to = reinterpret_cast<uint8_t*>(rows);
    for (int64_t tap = 0; tap < taps; ++tap, to += bytes) {
      copy_pixel(product, to, product.w + (k * taps + tap) * bytes);
      int32_t count = 0;
      for (int64_t b = 0; b < bytes; ++b) count += std::popcount(to[b]);
      ones[tap * product.filters + k] = count;
    }
  }
}

}  // namespace convolt
