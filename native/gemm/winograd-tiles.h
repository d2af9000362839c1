// The tiles of the Winograd algorithms F(side x side, taps x taps) for windows of stride 1: every tile is side x side
// positions, which read 6 x 6 pixels. Two to five taps leave sides of five to two.
#pragma once

#include "gemm/cut.h"
#include "gemm/panels.h"

namespace convolt {

inline constexpr int64_t kWinogradPixels = 6;  // of every axis that a tile reads
inline constexpr int64_t kWinogradPlanes = kWinogradPixels * kWinogradPixels;
// Positions of a tile along an axis of so many taps; the other way round as well.
inline constexpr int64_t winograd_side(int64_t taps) { return kWinogradPixels + 1 - taps; }

// One axis: position p reads pixels p - before, p - before + 1, ..., one for each tap, of `length`.
struct WinogradAxis {
  int64_t length, positions, before;
};

// Images [images, rows.length, columns.length, C] seen in tiles. A line is one row of tiles of one image.
struct WinogradTiles {
  int64_t images;
  WinogradAxis rows, columns;
  int64_t taps;  // of both axes

  int64_t side() const { return winograd_side(taps); }
  int64_t down() const { return ceil_div(rows.positions, side()); }
  int64_t across() const { return ceil_div(columns.positions, side()); }
  int64_t lines() const { return images * down(); }
  int64_t tiles() const { return lines() * across(); }
  int64_t image_of(int64_t line) const { return line / down(); }
  // The first row of positions of a line, and how many there are.
  int64_t first_row(int64_t line) const { return line % down() * side(); }
  int64_t rows_of(int64_t line) const { return std::min(side(), rows.positions - first_row(line)); }
  // Rows of the output, a pixel each, that lie before a line.
  int64_t pixels_before(int64_t line) const {
    return (image_of(line) * rows.positions + (line % down() ? first_row(line) : 0)) * columns.positions;
  }
};

// 36 matrices of one row for each tile (or row of weights), `row` floats from one to the next.
struct WinogradPlanes {
  // One line of the cache more than the matrix, so that the same place of all planes is not in one set of the cache.
  WinogradPlanes(int64_t rows, int64_t row) : row(row), plane(rows * row + 16) {}
  int64_t row, plane;
  int64_t floats() const { return kWinogradPlanes * plane; }
};

// The transformed input: channels are cut into slabs, so that what a product reads lies together; each slab is 36
// planes of one row for each tile.
inline constexpr int64_t kWinogradSlab = 64;
struct WinogradInput {
  WinogradInput(int64_t tiles, int64_t channels)
      : channels(channels), planes(tiles, std::min(kWinogradSlab, ceil_div(channels, 16) * 16)) {}
  int64_t channels;
  WinogradPlanes planes;

  int64_t slabs() const { return ceil_div(channels, kWinogradSlab); }
  Range slab(int64_t i) const { return {i * kWinogradSlab, std::min((i + 1) * kWinogradSlab, channels)}; }
  int64_t floats() const { return slabs() * planes.floats(); }
};

// Floats that the two transforms below need besides.
int64_t winograd_strip_floats(const WinogradTiles& tiles, int64_t channels);

// B^T x B for every tile of the lines of images; rows of the planes from `first` on are written.
void winograd_input(const WinogradTiles& tiles, Range lines, const float* x, const WinogradInput& shape, int64_t first,
                    float* planes, float* strip);

// G g G^T for every tile of the lines of a gradient [images, positions, positions, channels]; panels of channels one
// after the other, each of planes of `rows` rows, of which those from `first` on are written.
void winograd_gradient(const WinogradTiles& tiles, Range lines, const float* g, const Panels& channels, int64_t rows,
                       int64_t first, float* panels, float* strip);

}  // namespace convolt
