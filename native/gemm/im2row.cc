// Patches of images as rows of a matrix: runs of channels are copied, padding is written as zeros.
#include "gemm/im2row.h"

#include <cstring>

namespace convolt {
namespace {

// Runs of `length` floats, `count` of them, `to_step` and `from_step` floats from one to the next.
struct Runs {
  float* to;
  int64_t to_step;
  const float* from;
  int64_t from_step;
  int64_t count;
  int64_t length;
};

void zero(const Runs& r) {
  for (int64_t i = 0; i < r.count; ++i) {
    for (int64_t j = 0; j < r.length; ++j) r.to[i * r.to_step + j] = 0.0f;
  }
}

// Copies runs of kPiece to 2 * kPiece floats, each by two pieces that overlap: calling memcpy costs more than the copy.
template <int kPiece>
void copy_pieces(const Runs& r) {
  const int64_t last = r.length - kPiece;
  for (int64_t i = 0; i < r.count; ++i) {
    float* to = r.to + i * r.to_step;
    const float* from = r.from + i * r.from_step;
    std::memcpy(to, from, kPiece * sizeof(float));
    std::memcpy(to + last, from + last, kPiece * sizeof(float));
  }
}

void copy(const Runs& r) {
  if (r.length == 0) return;
  if (r.length == 1) return copy_pieces<1>(r);
  if (r.length < 4) return copy_pieces<2>(r);
  if (r.length < 8) return copy_pieces<4>(r);
  if (r.length < 16) return copy_pieces<8>(r);
  if (r.length <= 32) return copy_pieces<16>(r);
  const auto bytes = static_cast<size_t>(r.length) * sizeof(float);
  for (int64_t i = 0; i < r.count; ++i) std::memcpy(r.to + i * r.to_step, r.from + i * r.from_step, bytes);
}

// One row of taps at neighbouring positions that share the taps inside the image; the others are zeros. `from` is what
// tap 0 of the first position reads, or would read.
void copy_taps(const Images& x, const WindowAxis& axis, Range inside, Runs row) {
  const int64_t c = x.channels;
  const float* from = row.from + inside.begin * axis.tap_step * x.pixel;
  float* to = row.to + inside.begin * c;
  zero({row.to, row.to_step, nullptr, 0, row.count, inside.begin * c});
  zero({row.to + inside.end * c, row.to_step, nullptr, 0, row.count, (axis.taps - inside.end) * c});
  if (axis.tap_step == 1 && c == x.pixel)
    return copy({to, row.to_step, from, row.from_step, row.count, inside.size() * c});
  for (int64_t tap = 0; tap < inside.size(); ++tap) {
    copy({to + tap * c, row.to_step, from + tap * axis.tap_step * x.pixel, row.from_step, row.count, c});
  }
}

}  // namespace

void im2row(const Images& x, const Window& window, Range positions, float* rows) {
  const WindowAxis &height = window.rows, &width = window.columns;
  const int64_t tap_row = width.taps * x.channels;
  const int64_t depth = height.taps * tap_row;
  for (int64_t p = positions.begin; p < positions.end;) {
    const int64_t line = p / width.positions;
    const Range part = {p % width.positions, std::min(width.positions, p % width.positions + positions.end - p)};
    const int64_t i = line % height.positions;
    const float* image = x.data + line / height.positions * height.length * width.length * x.pixel;
    const Range taps = height.taps_inside(i);
    zero({rows, depth, nullptr, 0, part.size(), taps.begin * tap_row});
    zero({rows + taps.end * tap_row, depth, nullptr, 0, part.size(), (height.taps - taps.end) * tap_row});
    width.for_each_run(part, [&](Range run, Range inside) {
      for (int64_t tap = taps.begin; tap < taps.end; ++tap) {
        copy_taps(x, width, inside,
                  {.to = rows + (run.begin - part.begin) * depth + tap * tap_row,
                   .to_step = depth,
                   .from = image + (height.element(i, tap) * width.length + width.element(run.begin, 0)) * x.pixel,
                   .from_step = width.step * x.pixel,
                   .count = run.size(),
                   .length = tap_row});
      }
    });
    rows += part.size() * depth;
    p += part.size();
  }
}

}  // namespace convolt
