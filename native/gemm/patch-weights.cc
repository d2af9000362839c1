// Sums of outer products: small weights are summed per chunk of positions and then in order of the chunks, large ones
// are cut by taps and channels, so that no two tasks write the same element.
#include "gemm/patch-weights.h"

#include <algorithm>

#include "gemm/block-product.h"
#include "gemm/padded-lines.h"
#include "gemm/panels.h"
#include "gemm/partials.h"

namespace convolt {
namespace {

constexpr int64_t kSmallWeights = int64_t{128} << 10;  // floats; one copy per chunk is affordable
constexpr int64_t kMostChunks = 8;
constexpr int64_t kLeastTiles = 2;  // per chunk
constexpr int64_t kLeastChannels = 64;
constexpr int64_t kAlign = 16;

constexpr int64_t kTileFloats = int64_t{96} << 10;  // of patches
constexpr int64_t kLeastTile = 128;
constexpr int64_t kMostTile = 1024;

// How many of `total` patches of `depth` floats are made at once: about as many as the second-level cache holds.
int64_t tile_positions(int64_t depth, int64_t total) {
  const int64_t cached = std::clamp(kTileFloats / std::max<int64_t>(depth, 1), kLeastTile, kMostTile);
  return std::clamp(ceil_div(total, kMostChunks), kLeastTile, cached);
}

PaddedLines lines_of(const PatchWeights& p, int64_t group) {
  return {{p.x.data + group * p.x.channels, p.x.channels, p.x.pixel}, p.window};
}

struct Plan {
  explicit Plan(const PatchWeights& p) {
    const bool small = p.size() <= kSmallWeights;
    taps = small ? 1 : p.window.taps();
    reads_lines = small && lines_of(p, 0).is_suited();
    copies = !Panels(p.n).are_filled();
    channel_pieces = small ? 1 : std::max<int64_t>(1, p.x.channels / kLeastChannels);
    depth = small ? p.depth() : ceil_div(ceil_div(p.x.channels, kAlign), channel_pieces) * kAlign;
    tile = tile_positions(depth, p.positions());
    chunks = small ? std::clamp<int64_t>(p.positions() / (tile * kLeastTiles), 1, kMostChunks) : 1;
  }
  int64_t tasks(const PatchWeights& p) const { return chunks * p.groups * taps * channel_pieces; }

  int64_t floats_per_thread(const PatchWeights& p) const {
    if (!reads_lines) return tile * depth + kBlockScratch;
    return lines_of(p, 0).floats(tile) + (copies ? p.window.columns.positions * Panels(p.n).floats() : 0);
  }

  bool reads_lines;              // patches are not made
  bool copies;                   // and lines of gy are filled up to whole panels
  int64_t taps, channel_pieces;  // the pieces that the weights are cut into
  int64_t depth;                 // floats of a patch, at most
  int64_t tile;                  // positions per product
  int64_t chunks;                // the pieces that the positions are cut into
};

// The window that has only tap t.
WindowAxis only_tap(WindowAxis axis, int64_t t) {
  axis.first = axis.element(0, t);
  axis.taps = 1;
  return axis;
}

// to [positions, row] = the filters of a group of gy, as far as there are any.
void copy_filters(const PatchWeights& p, int64_t group, Range positions, float* to, int64_t row) {
  const int64_t filters = p.groups * p.n;
  const float* from = p.gy + positions.begin * filters + group * p.n;
  for (int64_t i = 0; i < positions.size(); ++i, from += filters, to += row) {
    for (int64_t j = 0; j < p.n; ++j) to[j] = from[j];
  }
}

// w = the sum over `positions` in one group, row of taps by row of taps of each line.
void sum_lines(const PatchWeights& p, const Plan& plan, int64_t group, Range positions, float* w, float* scratch) {
  const PaddedLines lines = lines_of(p, group);
  const Panels panels(p.n);
  const int64_t filters = p.groups * p.n, row = plan.copies ? panels.floats() : filters;
  float* copied = scratch + lines.floats(plan.tile);
  if (plan.copies) std::fill_n(copied, p.window.columns.positions * row, 0.0f);
  for (int64_t begin = positions.begin; begin < positions.end; begin += plan.tile) {
    lines.for_each({begin, std::min(begin + plan.tile, positions.end)}, scratch, [&](Range part, const float* patches) {
      if (plan.copies) copy_filters(p, group, part, copied, row);
      const float* gy = plan.copies ? copied : p.gy + part.begin * filters + group * p.n;
      for (int64_t u = 0; u < p.window.rows.taps; ++u) {
        for (int64_t i = 0; i < panels.count(); ++i) {
          loops().gemm_rows({.m = lines.piece(),
                             .n = panels[i].used,
                             .k = part.size(),
                             .a = patches + u * lines.row(),
                             .lda = lines.step(),
                             .b = gy + panels[i].first,
                             .ldb = row,
                             .c = w + u * lines.piece() * filters + group * p.n + panels[i].first,
                             .ldc = filters,
                             .transpose_a = true,
                             .add = part.begin > positions.begin});
        }
      }
    });
  }
}

// w = the sum over `positions`; x and w begin at the group and channel that are asked for.
void sum_products(const PatchWeights& p, const Window& window, const Images& x, int64_t group, Range positions,
                  int64_t tile, float* w, float* patches, float* scratch) {
  const int64_t depth = window.taps() * x.channels;
  const int64_t filters = p.groups * p.n;
  for (int64_t begin = positions.begin; begin < positions.end || begin == positions.begin; begin += tile) {
    const Range part = {begin, std::min(begin + tile, positions.end)};
    im2row(x, window, part, patches);
    const Gemm product = {.m = depth,
                          .n = p.n,
                          .k = part.size(),
                          .a = patches,
                          .lda = depth,
                          .b = p.gy + begin * filters + group * p.n,
                          .ldb = filters,
                          .c = w + group * p.n,
                          .ldc = filters,
                          .transpose_a = true,
                          .accumulate = begin > positions.begin};
    block_product(product, scratch);
  }
}

}  // namespace

void patch_weights(const PatchWeights& p, ThreadPool& pool, void* workspace) {
  const Plan plan(p);
  auto* partials = static_cast<float*>(workspace);  // of all chunks but the first
  float* panels = partials + (plan.chunks - 1) * p.size();
  pool.parallel_for(plan.tasks(p), [&](int64_t task, int thread) {
    const Range channels = cut(p.x.channels, plan.channel_pieces, task % plan.channel_pieces, kAlign);
    const int64_t tap = task / plan.channel_pieces % plan.taps;
    const int64_t group = task / (plan.channel_pieces * plan.taps) % p.groups;
    const int64_t chunk = task / (plan.channel_pieces * plan.taps * p.groups);
    const Range positions = cut(p.positions(), plan.chunks, chunk);
    float* own = panels + thread * plan.floats_per_thread(p);
    if (plan.reads_lines) {
      return sum_lines(p, plan, group, positions, chunk ? partials + (chunk - 1) * p.size() : p.w, own);
    }
    Window window = p.window;
    if (plan.taps > 1) {
      window.rows = only_tap(window.rows, tap / p.window.columns.taps);
      window.columns = only_tap(window.columns, tap % p.window.columns.taps);
    }
    const Images x = {p.x.data + group * p.x.channels + channels.begin, channels.size(), p.x.pixel};
    float* w =
        (chunk ? partials + (chunk - 1) * p.size() : p.w) + (tap * p.x.channels + channels.begin) * p.groups * p.n;
    sum_products(p, window, x, group, positions, plan.tile, w, own, own + plan.tile * plan.depth);
  });
  const int64_t filters = p.groups * p.n;
  add_partials(p.w, filters, partials, plan.chunks - 1, p.depth(), filters, pool);
}

int64_t patch_weights_workspace(const PatchWeights& p, int threads) {
  const Plan plan(p);
  return ((plan.chunks - 1) * p.size() + threads * plan.floats_per_thread(p)) * static_cast<int64_t>(sizeof(float));
}

}  // namespace convolt
