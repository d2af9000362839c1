// Lines of images become strips, and strips become planes, a few tiles at a time so that the strip stays in the cache.
#include "gemm/winograd-tiles.h"

#include <cstring>

#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kStripFloats = 10240;  // 40 KiB

// Tiles that one strip holds.
int64_t tiles_per_strip(const WinogradTiles& tiles, int64_t channels) {
  const int64_t pixels = kStripFloats / (kWinogradPixels * channels);
  return std::clamp<int64_t>((pixels - kWinogradPixels) / tiles.side() + 1, 1, tiles.across());
}

int64_t strip_pixels(const WinogradTiles& tiles, int64_t channels) {
  return tiles.side() * (tiles_per_strip(tiles, channels) - 1) + kWinogradPixels;
}

void zero(float* y, int64_t n) { std::memset(y, 0, static_cast<size_t>(n) * sizeof(float)); }

// Makes strips of the lines and hands each to body(first tile, tiles, strip, floats of its row). A tile reads `extent`
// pixels of every axis, from `before` pixels left of and above its first position; `length` bounds them.
template <typename Transform, typename Body>
void for_strips(const WinogradTiles& tiles, Range lines, const float* x, int64_t channels, int64_t extent, float* strip,
                const Transform& transform, const Body& body) {
  const int64_t per_strip = tiles_per_strip(tiles, channels), side = tiles.side();
  const bool whole = extent == kWinogradPixels;
  const int64_t height = whole ? tiles.rows.length : tiles.rows.positions;
  const int64_t width = whole ? tiles.columns.length : tiles.columns.positions;
  const int64_t above = whole ? tiles.rows.before : 0, left = whole ? tiles.columns.before : 0;
  float* zeros = strip + kWinogradPixels * strip_pixels(tiles, channels) * channels;
  zero(zeros, strip_pixels(tiles, channels) * channels);
  for (int64_t line = lines.begin; line < lines.end; ++line) {
    const float* image = x + tiles.image_of(line) * height * width * channels;
    const int64_t top = tiles.first_row(line) - above;
    for (int64_t tile = 0; tile < tiles.across(); tile += per_strip) {
      const int64_t count = std::min(per_strip, tiles.across() - tile);
      const int64_t pixels = side * (count - 1) + extent, first = side * tile - left;
      const Range inside = {std::clamp<int64_t>(-first, 0, pixels), std::clamp<int64_t>(width - first, 0, pixels)};
      const int64_t row = pixels * channels;
      const float* from[kWinogradPixels];
      for (int64_t i = 0; i < extent; ++i) {
        const bool is_row = top + i >= 0 && top + i < height;
        from[i] = is_row ? image + ((top + i) * width + first + inside.begin) * channels : zeros;
      }
      for (int64_t i = 0; i < kWinogradPixels; ++i) {
        zero(strip + i * row, inside.begin * channels);
        zero(strip + i * row + inside.end * channels, (pixels - inside.end) * channels);
      }
      transform(side, strip + inside.begin * channels, row, from, side * width * channels,
                std::max<int64_t>(0, inside.size()) * channels);
      body((line - lines.begin) * tiles.across() + tile, count, strip, row);
    }
  }
}

}  // namespace

int64_t winograd_strip_floats(const WinogradTiles& tiles, int64_t channels) {
  return ceil_div((kWinogradPixels + 1) * strip_pixels(tiles, channels) * channels, 16) * 16;
}

void winograd_input(const WinogradTiles& tiles, Range lines, const float* x, const WinogradInput& shape, int64_t first,
                    float* planes, float* strip) {
  const int64_t row = shape.planes.row, plane = shape.planes.plane;
  for_strips(tiles, lines, x, shape.channels, kWinogradPixels, strip, loops().winograd_input_rows,
             [&](int64_t tile, int64_t count, const float* from, int64_t strip_row) {
               for (int64_t i = 0; i < shape.slabs(); ++i) {
                 const Range slab = shape.slab(i);
                 loops().winograd_input_columns(tiles.side(), planes + i * shape.planes.floats() + (first + tile) * row,
                                                plane, row, from + slab.begin, strip_row, shape.channels, count,
                                                slab.size());
               }
             });
}

void winograd_gradient(const WinogradTiles& tiles, Range lines, const float* g, const Panels& channels, int64_t rows,
                       int64_t first, float* panels, float* strip) {
  for_strips(tiles, lines, g, channels.columns, tiles.side(), strip, loops().winograd_gradient_rows,
             [&](int64_t tile, int64_t count, const float* from, int64_t row) {
               float* to = panels;
               for (int64_t i = 0; i < channels.count(); ++i) {
                 const Panel panel = channels[i];
                 const WinogradPlanes shape(rows, panel.width);
                 loops().winograd_gradient_columns(tiles.side(), to + (first + tile) * panel.width, shape.plane,
                                                   panel.width, from + panel.first, row, channels.columns, count,
                                                   panel.used);
                 to += shape.floats();
               }
             });
}

}  // namespace convolt
