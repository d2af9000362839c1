// The product of patches and a matrix: im2row of a tile of positions, then a product while the tile is in the cache.
// Where the positions are too few for that, all patches are made first, and the threads share columns as well.
#include "gemm/patch-product.h"

#include <algorithm>
#include <cstring>

#include "gemm/packed-matrix.h"
#include "gemm/product.h"

namespace convolt {
namespace {

constexpr int64_t kTileFloats = int64_t{128} << 10;  // of patches
constexpr int64_t kRangeFloats = int64_t{48} << 10;  // of y
constexpr int64_t kStep = 28;                        // rows of whole tiles of gemm_rows
constexpr int64_t kLeastTile = 2 * kStep;
constexpr int64_t kMostTile = 30 * kStep;
constexpr int64_t kTasks = 16;
constexpr int64_t kFewPositions = 588;

bool has_few_positions(const PatchProduct& p) { return p.positions() < kFewPositions; }

int64_t tile_of(const PatchProduct& p) {
  const int64_t patches = kTileFloats / std::max<int64_t>(1, p.depth());
  const int64_t rows = kRangeFloats / std::max<int64_t>(1, p.n * p.groups);
  const int64_t even = ceil_div(p.positions(), kTasks);
  return std::clamp(std::min({patches, rows, even}) / kStep * kStep, kLeastTile, kMostTile);
}

// Rows of the product are rows of y.
bool is_dense(const PatchProduct& p) {
  return p.y.row == p.window.columns.positions * p.y.column && p.y.image == p.window.rows.positions * p.y.row;
}

Images group_of(const PatchProduct& p, int64_t group) {
  return {p.x.data + group * p.x.channels, p.x.channels, p.x.pixel};
}

PackedMatrix packed_of(const PatchProduct& p, int64_t group, float* packed) {
  return {p.depth(), p.n, packed + group * PackedMatrix::floats(p.depth(), p.n)};
}

int64_t packed_floats(const PatchProduct& p) { return p.groups * PackedMatrix::floats(p.depth(), p.n); }

void pack(const PatchProduct& p, float* packed, ThreadPool& pool) {
  const int64_t panels = packed_of(p, 0, packed).panels(), across = p.window.columns.taps;
  pool.parallel_for(p.groups * panels, [&](int64_t task, int) {
    const int64_t group = task / panels;
    for (int64_t tap = 0; tap < p.window.taps(); ++tap) {
      packed_of(p, group, packed)
          .pack_panel(task % panels, {tap * p.x.channels, (tap + 1) * p.x.channels},
                      p.b + tap / across * p.b_row + tap % across * p.b_column + group * p.b_group, p.ldb,
                      p.transpose_b);
    }
  });
}

// The matrix lies as a product can read it.
bool is_plain(const PatchProduct& p) {
  const int64_t tap = p.x.channels * p.ldb;
  return !p.transpose_b && p.b_column == tap && p.b_row == p.window.columns.taps * tap;
}

// Copies one row of n floats to the place of each position, from channel `channel` on.
void place(const PatchProduct& p, Range positions, int64_t channel, int64_t n, const float* rows) {
  for (int64_t i = positions.begin; i < positions.end; ++i, rows += n) {
    const int64_t line = i / p.window.columns.positions;
    float* to = p.y.at(line / p.window.rows.positions, line % p.window.rows.positions, i % p.window.columns.positions);
    std::memcpy(to + channel, rows, static_cast<size_t>(n) * sizeof(float));
  }
}

int64_t tile_floats(const PatchProduct& p) { return tile_of(p) * (p.depth() + (is_dense(p) ? 0 : p.n)); }

void multiply_tile(const PatchProduct& p, float* packed, Range positions, float* patches, ColumnClip clip) {
  const bool dense = is_dense(p);
  float* rows = patches + tile_of(p) * p.depth();
  for (int64_t group = 0; group < p.groups; ++group) {
    im2row(group_of(p, group), p.window, positions, patches);
    float* to = dense ? p.y.data + positions.begin * p.y.column + group * p.n : rows;
    packed_of(p, group, packed)
        .multiply({0, p.n}, positions.size(), patches, p.depth(), to, dense ? p.y.column : p.n, false, clip);
    if (!dense) place(p, positions, group * p.n, p.n, rows);
  }
}

void multiply_tiles(const PatchProduct& p, ThreadPool& pool, float* free, const AfterRows& after) {
  float* packed = p.prepared ? const_cast<float*>(p.prepared) : free;
  if (!p.prepared) {
    pack(p, packed, pool);
    free += packed_floats(p);
  }
  const int64_t tile = tile_of(p);
  const bool clips = after.clip().bias && is_dense(p) && p.groups == 1;
  pool.parallel_for(ceil_div(p.positions(), tile), [&](int64_t task, int thread) {
    const Range positions = {task * tile, std::min((task + 1) * tile, p.positions())};
    ColumnClip clip = clips ? after.clip() : ColumnClip();
    if (clip.residual) clip.residual += positions.begin * p.n;
    multiply_tile(p, packed, positions, free + thread * tile_floats(p), clip);
    if (!clips) after(task, positions.begin, positions.end, thread);
  });
}

// The product of all patches at once, which lie at `patches`, group after group; its rows are at `rows` if y is not
// dense.
Product whole_product(const PatchProduct& p, const float* prepared, const float* patches, float* rows) {
  const bool dense = is_dense(p);
  return {.gemm = {.m = p.positions(),
                   .n = p.n,
                   .k = p.depth(),
                   .a = patches,
                   .lda = std::max<int64_t>(1, p.depth()),
                   .b = p.b,
                   .ldb = p.ldb,
                   .c = dense ? p.y.data : rows,
                   .ldc = dense ? p.y.column : p.n},
          .batch = {.count = p.groups,
                    .stride_a = p.positions() * p.depth(),
                    .stride_b = p.b_group,
                    .stride_c = dense ? p.n : p.positions() * p.n},
          .prepared = prepared};
}

void multiply_whole(const PatchProduct& p, ThreadPool& pool, float* patches, const AfterRows& after) {
  const int64_t pieces = std::min(kTasks, p.positions()), floats = p.positions() * p.depth();
  pool.parallel_for(pieces * p.groups, [&](int64_t task, int) {
    const Range part = cut(p.positions(), pieces, task % pieces);
    const int64_t group = task / pieces;
    im2row(group_of(p, group), p.window, part, patches + group * floats + part.begin * p.depth());
  });
  float* rows = patches + p.groups * floats;
  float* free = rows + (is_dense(p) ? 0 : p.groups * p.positions() * p.n);
  const float* prepared = p.prepared;
  if (!prepared && !is_plain(p)) {
    pack(p, free, pool);
    prepared = free;
    free += packed_floats(p);
  }
  multiply(whole_product(p, prepared, patches, rows), pool, free, after);
  for (int64_t group = 0; !is_dense(p) && group < p.groups; ++group) {
    place(p, {0, p.positions()}, group * p.n, p.n, rows + group * p.positions() * p.n);
  }
}

}  // namespace

void patch_product(const PatchProduct& p, ThreadPool& pool, void* workspace, const AfterRows& after) {
  auto* free = static_cast<float*>(workspace);
  has_few_positions(p) ? multiply_whole(p, pool, free, after) : multiply_tiles(p, pool, free, after);
}

int64_t patch_product_workspace(const PatchProduct& p, int threads) {
  constexpr int64_t kBytes = sizeof(float);
  if (!has_few_positions(p)) return ((p.prepared ? 0 : packed_floats(p)) + threads * tile_floats(p)) * kBytes;
  const int64_t floats = p.groups * p.positions() * (p.depth() + (is_dense(p) ? 0 : p.n));
  return (floats + (is_plain(p) ? 0 : packed_floats(p))) * kBytes +
         product_workspace(whole_product(p, p.prepared, nullptr, nullptr), threads);
}

int64_t prepared_patch_product_bytes(const PatchProduct& p) {
  return packed_floats(p) * static_cast<int64_t>(sizeof(float));
}

void prepare_patch_product(const PatchProduct& p, ThreadPool& pool, void* prepared) {
  pack(p, static_cast<float*>(prepared), pool);
}

int64_t patch_product_ranges(const PatchProduct& p) {
  return has_few_positions(p) ? product_ranges(whole_product(p, nullptr, nullptr, nullptr))
                              : ceil_div(p.positions(), tile_of(p));
}

}  // namespace convolt
