// Copies patches and filters of bits in runs of neighbouring taps; bits behind the last channel are cleared on the way.
#include "gemm/bit-rows.h"

#include <bit>
#include <cstring>

namespace convolt {
namespace {

// Runs of `length` bytes, `count` of them, `to_step` and `from_step` bytes from one to the next.
struct Runs {
  uint8_t* to;
  int64_t to_step;
  const uint8_t* from;
  int64_t from_step;
  int64_t count;
  int64_t length;
};

// Copies runs of kPiece to 2 * kPiece bytes, each by two pieces that overlap: calling memcpy costs more than the copy.
template <int kPiece>
void copy_pieces(const Runs& r) {
  const int64_t last = r.length - kPiece;
  for (int64_t i = 0; i < r.count; ++i) {
    uint8_t* to = r.to + i * r.to_step;
    const uint8_t* from = r.from + i * r.from_step;
    std::memcpy(to, from, kPiece);
    std::memcpy(to + last, from + last, kPiece);
  }
}

// The same for longer runs, in pieces of 32 bytes of which the last overlaps the one before.
void copy_long(const Runs& r) {
  const int64_t last = r.length - 32;
  for (int64_t i = 0; i < r.count; ++i) {
    uint8_t* to = r.to + i * r.to_step;
    const uint8_t* from = r.from + i * r.from_step;
    for (int64_t at = 0; at < last; at += 32) std::memcpy(to + at, from + at, 32);
    std::memcpy(to + last, from + last, 32);
  }
}

void copy(const Runs& r) {
  if (r.length > 32) return copy_long(r);
  if (r.length >= 16) return copy_pieces<16>(r);
  if (r.length >= 8) return copy_pieces<8>(r);
  if (r.length >= 4) return copy_pieces<4>(r);
  if (r.length >= 2) return copy_pieces<2>(r);
  if (r.length == 1) copy_pieces<1>(r);
}

void fill(uint8_t value, const Runs& r) {
  if (r.length == 0) return;
  for (int64_t i = 0; i < r.count; ++i) std::memset(r.to + i * r.to_step, value, r.length);
}

// Clears the bits behind the last channel of `pixels` pixels.
void mask_pixels(const BinaryProduct& product, uint8_t* row, int64_t pixels) {
  const int64_t bytes = product.bytes(), behind = 8 * bytes - product.channels;
  for (uint8_t* last = row + bytes - 1; pixels-- > 0; last += bytes) *last &= 0xff >> behind;
}

// Clears what stands behind channels and taps.
void finish_row(const BinaryProduct& product, uint64_t* row, int64_t words) {
  auto* bytes = reinterpret_cast<uint8_t*>(row);
  const int64_t taps = product.window.taps(), behind = taps * product.bytes();
  if (product.channels % 8 != 0) mask_pixels(product, bytes, taps);
  if (behind % 8 != 0) std::memset(bytes + behind, 0, 8 * words - behind);
}

// One row of taps at neighbouring positions that share the taps inside of the image.
void copy_taps(const BinaryProduct& product, Range inside, const Runs& row) {
  const WindowAxis& axis = product.window.columns;
  const int64_t bytes = product.bytes();
  const uint8_t outside = product.padding > 0 ? 0xff : 0;
  const Runs behind = {row.to + inside.end * bytes, row.to_step, nullptr, 0, row.count, axis.taps * bytes};
  fill(outside, {row.to, row.to_step, nullptr, 0, row.count, inside.begin * bytes});
  fill(outside, {behind.to, row.to_step, nullptr, 0, row.count, (axis.taps - inside.end) * bytes});
  const int64_t joined = axis.tap_step == 1 ? std::max<int64_t>(1, inside.size()) : 1;  // taps that are one run
  for (int64_t tap = inside.begin; tap < inside.end; tap += joined) {
    copy({row.to + tap * bytes, row.to_step, row.from + tap * axis.tap_step * bytes, row.from_step, row.count,
          joined * bytes});
  }
}

}  // namespace

int64_t bit_row_words(const BinaryProduct& product) { return ceil_div(product.window.taps() * product.bytes(), 8); }

void gather_patches(const BinaryProduct& product, Range positions, uint64_t* rows) {
  const WindowAxis &height = product.window.rows, &width = product.window.columns;
  const int64_t bytes = product.bytes(), words = bit_row_words(product), tap_row = width.taps * bytes;
  const uint8_t outside = product.padding > 0 ? 0xff : 0;
  for (int64_t p = positions.begin; p < positions.end;) {
    const int64_t line = p / width.positions;
    const Range part = {p % width.positions, std::min(width.positions, p % width.positions + positions.end - p)};
    const int64_t image = line / height.positions, i = line % height.positions;
    const Range taps = height.taps_inside(i);
    width.for_each_run(part, [&](Range run, Range inside) {
      auto* to = reinterpret_cast<uint8_t*>(rows + (run.begin - part.begin) * words);
      for (int64_t u = 0; u < height.taps; ++u, to += tap_row) {
        Runs row = {to, 8 * words, nullptr, width.step * bytes, run.size(), tap_row};
        if (u < taps.begin || u >= taps.end) {
          fill(outside, row);
          continue;
        }
        const int64_t pixel = (image * height.length + height.element(i, u)) * width.length;
        row.from = product.x + (pixel + width.element(run.begin, 0)) * bytes;
        copy_taps(product, inside, row);
      }
    });
    for (int64_t r = 0; r < part.size(); ++r, rows += words) finish_row(product, rows, words);
    p += part.size();
  }
}

void gather_filters(const BinaryProduct& product, Range filters, uint64_t* rows) {
  const int64_t words = bit_row_words(product), taps = product.window.taps(), length = taps * product.bytes();
  std::memset(rows, 0, 8 * words * filters.size());
  for (int64_t k = filters.begin; k < std::min(filters.end, product.filters); ++k, rows += words) {
    auto* row = reinterpret_cast<uint8_t*>(rows);
    std::memcpy(row, product.w + k * length, length);
    mask_pixels(product, row, taps);
  }
}

int32_t ones_of_tap(const BinaryProduct& product, const uint64_t* filter, int64_t tap) {
  const auto* pixel = reinterpret_cast<const uint8_t*>(filter) + tap * product.bytes();
  int32_t ones = 0;
  for (int64_t b = 0; b < product.bytes(); ++b) ones += std::popcount(pixel[b]);
  return ones;
}

}  // namespace convolt
