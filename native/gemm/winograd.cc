// Tiles of the input are transformed, multiplied by the transformed weights in each of the 36 planes, and the results
// transformed back. A block of lines of tiles passes through all three while its planes are in the cache. Where blocks
// are many, each is a task of its own; where they are few, the tasks share one transformed input.
#include "gemm/winograd.h"

#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kBlockFloats = int64_t{96} << 10;  // of the transformed input of a task: 384 KiB
constexpr int64_t kLeastTiles = 28;                  // of a block, so that each weight read is used often
constexpr int64_t kLeastBlocks = 16;                 // so that a few threads share them evenly
constexpr int64_t kSharedFloats = int64_t{6} << 20;  // of the transformed input that tasks share: 24 MiB
constexpr int64_t kTasks = 16;

struct Plan {
  explicit Plan(const Winograd& p)
      : row(winograd_row(p.channels)), filters(p.filters), per_line(p.tiles.columns.tiles()) {
    const int64_t lines = p.tiles.lines();
    const int64_t line_floats = kWinogradPlanes * row * per_line;
    block = std::max(kBlockFloats / line_floats, ceil_div(kLeastTiles, per_line));
    shares = lines < block * kLeastBlocks;
    if (shares) {
      block = std::clamp<int64_t>(kSharedFloats / line_floats, 1, std::max<int64_t>(1, lines));
      const int64_t wanted = ceil_div(kTasks, filters.count());
      piece = std::max(ceil_div(block, wanted), ceil_div(kLeastTiles, per_line));
    } else {
      piece = block;
    }
    blocks = ceil_div(lines, block);
  }

  WinogradPlanes input(int64_t lines) const { return {lines * per_line, row}; }
  WinogradPlanes result(int64_t lines) const { return {lines * per_line, 2 * filters.lanes}; }

  int64_t row;
  Panels filters;
  int64_t per_line;  // tiles
  bool shares;
  int64_t block;  // lines whose transformed input is held at once
  int64_t piece;  // lines of a task
  int64_t blocks;
};

// The rows of y that belong to `lines`, panel `i` of the filters; `input` are the planes of the block, from `first` on.
void multiply(const Winograd& p, const Plan& plan, int64_t i, Range lines, const float* filter, const float* input,
              const WinogradPlanes& input_shape, float* result) {
  const Panel panel = plan.filters[i];
  const WinogradPlanes weights(p.channels, panel.width);
  const int64_t count = lines.size() * plan.per_line;
  const WinogradPlanes shape(count, panel.width);
  filter += panel.first / (2 * plan.filters.lanes) * WinogradPlanes(p.channels, 2 * plan.filters.lanes).floats();
  for (int64_t f = 0; f < kWinogradPlanes; ++f) {
    loops().panel_product(count, p.channels, input + f * input_shape.plane, input_shape.row,
                          filter + f * weights.plane, panel.width, result + f * shape.plane, panel.width, false);
  }
  const int64_t row = p.tiles.columns.positions * p.filters;
  for (int64_t line = lines.begin; line < lines.end; ++line, result += plan.per_line * panel.width) {
    loops().winograd_output(p.y + p.tiles.pixels_before(line) * p.filters + panel.first, row, p.filters,
                            p.tiles.rows_of(line), p.tiles.columns.positions, result, shape.plane, panel.width,
                            plan.per_line, panel.used);
  }
}

void finish(const Winograd& p, Tail* tail, int64_t range, Range lines, int thread) {
  if (tail) tail->run(range, p.tiles.pixels_before(lines.begin), p.tiles.pixels_before(lines.end), thread);
}

Range lines_of(const Winograd& p, int64_t block, int64_t i) {
  return {i * block, std::min((i + 1) * block, p.tiles.lines())};
}

}  // namespace

bool winograd_is_quicker(const WinogradTiles& tiles, int64_t channels, int64_t filters) {
  return channels >= 16 && filters >= 16 && tiles.tiles() >= 32;
}

int64_t winograd_floats(const Winograd& p, int threads) {
  const Plan plan(p);
  const int64_t strips = threads * winograd_strip_floats(p.tiles, p.channels);
  const int64_t inputs = plan.input(plan.block).floats() * (plan.shares ? 1 : threads);
  return strips + inputs + threads * plan.result(plan.piece).floats();
}

int64_t winograd_ranges(const Winograd& p) {
  const Plan plan(p);
  return plan.shares ? ceil_div(p.tiles.lines(), plan.piece) : plan.blocks;
}

void winograd(const Winograd& p, const float* filter, float* workspace, Tail* tail, ThreadPool& pool) {
  const Plan plan(p);
  const int64_t strip_floats = winograd_strip_floats(p.tiles, p.channels);
  const int64_t result_floats = plan.result(plan.piece).floats();
  const int64_t input_floats = plan.input(plan.block).floats();
  float* strips = workspace;
  float* results = strips + pool.threads() * strip_floats;
  float* inputs = results + pool.threads() * result_floats;
  if (!plan.shares) {
    pool.parallel_for(plan.blocks, [&](int64_t block, int thread) {
      const Range lines = lines_of(p, plan.block, block);
      const WinogradPlanes shape = plan.input(lines.size());
      float* input = inputs + thread * input_floats;
      winograd_input(p.tiles, lines, p.x, p.channels, shape, input, strips + thread * strip_floats);
      for (int64_t i = 0; i < plan.filters.count(); ++i) {
        multiply(p, plan, i, lines, filter, input, shape, results + thread * result_floats);
      }
      finish(p, tail, block, lines, thread);
    });
    return;
  }
  for (int64_t block = 0; block < plan.blocks; ++block) {
    const Range lines = lines_of(p, plan.block, block);
    const WinogradPlanes shape = plan.input(lines.size());
    pool.parallel_for(lines.size(), [&](int64_t i, int thread) {
      winograd_input(p.tiles, {lines.begin + i, lines.begin + i + 1}, p.x, p.channels, shape,
                     inputs + i * plan.per_line * shape.row, strips + thread * strip_floats);
    });
    const int64_t pieces = ceil_div(lines.size(), plan.piece);
    pool.parallel_for(plan.filters.count() * pieces, [&](int64_t task, int thread) {
      const int64_t first = task % pieces * plan.piece;
      const Range part = {lines.begin + first, std::min(lines.begin + first + plan.piece, lines.end)};
      multiply(p, plan, task / pieces, part, filter, inputs + first * plan.per_line * shape.row, shape,
               results + thread * result_floats);
    });
    if (!tail) continue;
    pool.parallel_for(pieces, [&](int64_t i, int thread) {
      const int64_t first = lines.begin + i * plan.piece;
      finish(p, tail, first / plan.piece, {first, std::min(first + plan.piece, lines.end)}, thread);
    });
  }
}

}  // namespace convolt
