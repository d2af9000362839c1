// The product of patches and a matrix: im2row of a tile of positions, then a product while the tile is in the cache.
#include "gemm/patch-product.h"

#include <algorithm>
#include <cstring>

#include "gemm/packed-matrix.h"
#include "gemm/sgemm.h"

namespace convolt {
namespace {

constexpr int64_t kTileFloats = int64_t{96} << 10;  // 384 KiB
constexpr int64_t kLeastTile = 64;                  // below, the product packs its matrix too often
constexpr int64_t kMostTile = 1024;
constexpr int64_t kTasks = 8;  // wished for, so that a few threads share the work evenly
constexpr int64_t kLeastColumns = 64;

// How the work is cut: tiles of positions, groups, and columns of the matrix where the others are too few.
struct Plan {
  explicit Plan(const PatchProduct& p)
      : tile(tile_positions(p.depth(), p.positions())),
        tiles(ceil_div(p.positions(), tile)),
        pieces(std::clamp<int64_t>(kTasks / std::max<int64_t>(1, tiles * p.groups), 1,
                                   std::max<int64_t>(1, p.n / kLeastColumns))),
        dense(p.y.row == p.window.columns.positions * p.y.column && p.y.image == p.window.rows.positions * p.y.row) {}

  int64_t floats_per_thread(const PatchProduct& p) const { return tile * (p.depth() + (dense ? 0 : p.n)); }

  // The matrix can be packed once for all tiles.
  bool packs(const PatchProduct& p) const {
    return p.groups == 1 && pieces == 1 && PackedMatrix::is_worth_while(p.depth(), p.n);
  }
  int64_t packed_floats(const PatchProduct& p) const {
    return packs(p) ? PackedMatrix::bytes(p.depth(), p.n) / static_cast<int64_t>(sizeof(float)) : 0;
  }

  int64_t tile, tiles, pieces;
  bool dense;  // rows of the product are rows of y
};

// Copies one row of n floats to the place of each position, from channel `channel` on.
void place(const PatchProduct& p, Range positions, int64_t channel, int64_t n, const float* rows) {
  for (int64_t i = positions.begin; i < positions.end; ++i, rows += n) {
    const int64_t line = i / p.window.columns.positions;
    float* to = p.y.at(line / p.window.rows.positions, line % p.window.rows.positions, i % p.window.columns.positions);
    std::memcpy(to + channel, rows, static_cast<size_t>(n) * sizeof(float));
  }
}

}  // namespace

int64_t tile_positions(int64_t depth, int64_t total) {
  const int64_t cached = std::clamp(kTileFloats / std::max<int64_t>(depth, 1), kLeastTile, kMostTile);
  return std::clamp(ceil_div(total, kTasks), kLeastTile, cached);
}

void patch_product(const PatchProduct& p, ThreadPool& pool, void* workspace) {
  const Plan plan(p);
  auto* free = static_cast<float*>(workspace);
  const PackedMatrix packed = {p.depth(), p.n, free};
  if (plan.packs(p)) packed.pack(p.b, p.ldb, p.transpose_b, pool);
  free += plan.packed_floats(p);
  pool.parallel_for(plan.tiles * p.groups * plan.pieces, [&](int64_t task, int thread) {
    const Range columns = cut(p.n, plan.pieces, task % plan.pieces, 16);
    const int64_t group = task / plan.pieces % p.groups;
    const int64_t begin = task / (plan.pieces * p.groups) * plan.tile;
    const Range positions = {begin, std::min(begin + plan.tile, p.positions())};

    float* patches = free + thread * plan.floats_per_thread(p);
    im2row({p.x.data + group * p.x.channels, p.x.channels, p.x.pixel}, p.window, positions, patches);

    const int64_t channel = group * p.n + columns.begin;
    float* rows = plan.dense ? p.y.data + begin * p.y.column + channel : patches + plan.tile * p.depth();
    const int64_t ldc = plan.dense ? p.y.column : columns.size();
    if (plan.packs(p)) {
      packed.multiply(positions.size(), patches, p.depth(), rows, ldc);
    } else {
      sgemm({.m = positions.size(),
             .n = columns.size(),
             .k = p.depth(),
             .a = patches,
             .lda = std::max<int64_t>(1, p.depth()),
             .b = p.b + group * p.b_group + columns.begin * (p.transpose_b ? p.ldb : 1),
             .ldb = p.ldb,
             .c = rows,
             .ldc = ldc,
             .transpose_b = p.transpose_b});
    }
    if (!plan.dense) place(p, positions, channel, columns.size(), rows);
  });
}

int64_t patch_product_workspace(const PatchProduct& product, int threads) {
  const Plan plan(product);
  const int64_t floats = plan.packed_floats(product) + threads * plan.floats_per_thread(product);
  return floats * static_cast<int64_t>(sizeof(float));
}

}  // namespace convolt
