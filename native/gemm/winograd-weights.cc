// The gradient to the weights: 36 sums over all tiles of (transformed input)^T (transformed gradient). Small weights
// are summed by each task over lines of its own; of large ones each task sums a part over all lines, which share their
// transforms.
#include <algorithm>
#include <cstring>

#include "gemm/partials.h"
#include "gemm/winograd.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kSmallWeights = int64_t{8} << 10;   // channels x filters
constexpr int64_t kBlockFloats = int64_t{128} << 10;  // of the transforms of a task: 512 KiB
constexpr int64_t kSharedFloats = int64_t{2} << 20;   // of the transforms that tasks share: 8 MiB
constexpr int64_t kMostChunks = 16;
constexpr int64_t kRows = kWinogradSlab / 2;  // channels of a task

struct Plan {
  explicit Plan(const WinogradWeights& p)
      : channels(p.channels),
        filters(p.filters),
        per_line(p.tiles.across()),
        lines(p.tiles.lines()),
        shares(p.channels * p.filters > kSmallWeights) {
    const int64_t line_floats = kWinogradPlanes * per_line * (channels + filters.count() * filters.full);
    chunks =
        shares ? 1 : std::clamp<int64_t>(lines * line_floats / (2 * kBlockFloats), 1, std::min(lines, kMostChunks));
    block = std::clamp<int64_t>((shares ? kSharedFloats : kBlockFloats) / line_floats, 1,
                                std::max<int64_t>(1, ceil_div(lines, chunks)));
    // Blocks of almost equal size.
    block = std::max<int64_t>(1, ceil_div(lines, chunks * std::max<int64_t>(1, ceil_div(lines, chunks * block))));
  }

  WinogradInput input(int64_t count) const { return {count * per_line, channels}; }
  int64_t gradient_floats(int64_t count) const {
    return filters.count() * WinogradPlanes(count * per_line, filters.full).floats();
  }
  int64_t sum_floats(const WinogradWeights& p) const {
    return filters.count() * WinogradPlanes(p.channels, filters.full).floats();
  }

  int64_t channels;
  Panels filters;
  int64_t per_line;  // tiles
  int64_t lines;
  bool shares;
  int64_t chunks;  // of lines, each summed by a task
  int64_t block;   // lines whose transforms are held at once
};

int64_t strip_floats(const WinogradWeights& p) {
  return std::max(winograd_strip_floats(p.tiles, p.channels), winograd_strip_floats(p.tiles, p.filters));
}

// sum (+)= input^T gradient in every plane, for the channels `rows` of one slab and one panel of filters.
void add_products(Range rows, const Panel& panel, int64_t tiles, const WinogradInput& shape, const float* input,
                  const float* gradient, const WinogradPlanes& sum_shape, float* sum, bool add) {
  const WinogradPlanes gradient_shape(tiles, panel.width);
  input += rows.begin / kWinogradSlab * shape.planes.floats() + rows.begin % kWinogradSlab;
  for (int64_t f = 0; f < kWinogradPlanes; ++f) {
    loops().gemm_rows({.m = rows.size(),
                       .n = panel.width,
                       .k = tiles,
                       .a = input + f * shape.planes.plane,
                       .lda = shape.planes.row,
                       .b = gradient + f * gradient_shape.plane,
                       .ldb = panel.width,
                       .c = sum + f * sum_shape.plane,
                       .ldc = panel.width,
                       .transpose_a = true,
                       .add = add});
  }
}

// Floats from the gradients or sums of one panel to those of the next.
int64_t panel_floats(const Plan& plan, int64_t rows) { return WinogradPlanes(rows, plan.filters.full).floats(); }

// The sums of one chunk of lines, in panels.
void sum_chunk(const WinogradWeights& p, const Plan& plan, Range lines, float* sum, float* input, float* gradient,
               float* strip) {
  for (int64_t begin = lines.begin; begin < lines.end; begin += plan.block) {
    const Range part = {begin, std::min(begin + plan.block, lines.end)};
    const int64_t tiles = part.size() * plan.per_line;
    const WinogradInput shape = plan.input(part.size());
    winograd_input(p.tiles, part, p.x, shape, 0, input, strip);
    winograd_gradient(p.tiles, part, p.g, plan.filters, tiles, 0, gradient, strip);
    for (int64_t i = 0; i < plan.filters.count(); ++i) {
      const Panel panel = plan.filters[i];
      for (int64_t s = 0; s < shape.slabs(); ++s) {
        const Range slab = shape.slab(s);
        add_products(slab, panel, tiles, shape, input, gradient + i * panel_floats(plan, tiles),
                     WinogradPlanes(p.channels, panel.width),
                     sum + i * panel_floats(plan, p.channels) + slab.begin * panel.width, begin > lines.begin);
      }
    }
  }
}

void run_chunks(const WinogradWeights& p, const Plan& plan, float* workspace, ThreadPool& pool) {
  const int64_t sum_floats = plan.sum_floats(p);
  float* sums = workspace;
  float* scratch = sums + plan.chunks * sum_floats;
  const int64_t input_floats = plan.input(plan.block).floats(), gradient_floats = plan.gradient_floats(plan.block);
  const int64_t scratch_floats = strip_floats(p) + input_floats + gradient_floats;
  pool.parallel_for(plan.chunks, [&](int64_t chunk, int thread) {
    float* own = scratch + thread * scratch_floats;
    sum_chunk(p, plan, cut(plan.lines, plan.chunks, chunk), sums + chunk * sum_floats, own, own + input_floats,
              own + input_floats + gradient_floats);
  });
  add_partials(sums, sum_floats, sums + sum_floats, plan.chunks - 1, 1, sum_floats, pool);
  for (int64_t i = 0; i < plan.filters.count(); ++i) {
    const Panel panel = plan.filters[i];
    loops().winograd_taps(p.tiles.taps, p.w + panel.first, p.channels * p.filters, p.filters,
                          sums + i * panel_floats(plan, p.channels), WinogradPlanes(p.channels, panel.width).plane,
                          panel.width, p.channels, panel.used, false);
  }
}

void run_shared(const WinogradWeights& p, const Plan& plan, float* workspace, ThreadPool& pool) {
  float* input = workspace;
  float* gradient = input + plan.input(plan.block).floats();
  float* scratch = gradient + plan.gradient_floats(plan.block);
  const WinogradPlanes sum_shape(kRows, plan.filters.full);
  const int64_t scratch_floats = std::max(strip_floats(p), sum_shape.floats());
  for (int64_t begin = 0; begin < plan.lines; begin += plan.block) {
    const Range part = {begin, std::min(begin + plan.block, plan.lines)};
    const int64_t tiles = part.size() * plan.per_line;
    const WinogradInput shape = plan.input(part.size());
    pool.parallel_for(2 * part.size(), [&](int64_t task, int thread) {
      const int64_t i = task / 2, first = i * plan.per_line;
      const Range line = {begin + i, begin + i + 1};
      float* strip = scratch + thread * scratch_floats;
      if (task % 2) {
        winograd_gradient(p.tiles, line, p.g, plan.filters, tiles, first, gradient, strip);
      } else {
        winograd_input(p.tiles, line, p.x, shape, first, input, strip);
      }
    });
    const int64_t pieces = ceil_div(p.channels, kRows);
    pool.parallel_for(plan.filters.count() * pieces, [&](int64_t task, int thread) {
      const int64_t i = task / pieces;
      const Panel panel = plan.filters[i];
      const Range rows = {task % pieces * kRows, std::min((task % pieces + 1) * kRows, p.channels)};
      float* sum = scratch + thread * scratch_floats;
      add_products(rows, panel, tiles, shape, input, gradient + i * panel_floats(plan, tiles), sum_shape, sum, false);
      loops().winograd_taps(p.tiles.taps, p.w + rows.begin * p.filters + panel.first, p.channels * p.filters, p.filters,
                            sum, sum_shape.plane, panel.width, rows.size(), panel.used, begin > 0);
    });
  }
}

}  // namespace

int64_t winograd_weights_floats(const WinogradWeights& p, int threads) {
  const Plan plan(p);
  const int64_t transforms = plan.input(plan.block).floats() + plan.gradient_floats(plan.block);
  if (!plan.shares) return plan.chunks * plan.sum_floats(p) + threads * (strip_floats(p) + transforms);
  return transforms + threads * std::max(strip_floats(p), WinogradPlanes(kRows, plan.filters.full).floats());
}

void winograd_weights(const WinogradWeights& p, ThreadPool& pool, float* workspace) {
  const Plan plan(p);
  (plan.shares ? run_shared : run_chunks)(p, plan, workspace, pool);
}

}  // namespace convolt
