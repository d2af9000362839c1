// Tiles of the input are transformed, multiplied by the transformed weights in each of the 36 planes, and the results
// transformed back. A block of lines of tiles passes through all three while its planes are in the cache. Where blocks
// are many, each is a task of its own; where they are few, the tasks share one transformed input and each takes some
// panels of the filters.
#include "gemm/winograd.h"

#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kBlockFloats = int64_t{64} << 10;  // of the transformed input of a task: 256 KiB
constexpr int64_t kLeastTiles = 14;                  // of a block, so that each weight read is used often
constexpr int64_t kLeastBlocks = 8;                  // so that a few threads share them evenly
constexpr int64_t kSharedFloats = int64_t{4} << 20;  // of the transformed input that tasks share: 16 MiB
constexpr int64_t kTasks = 16;                       // that share it, as a rule

struct Plan {
  explicit Plan(const Winograd& p)
      : channels(p.filter.channels), filters(p.filter.filters), per_line(p.tiles.across()) {
    const int64_t lines = std::max<int64_t>(1, p.tiles.lines());
    const int64_t line_floats = kWinogradPlanes * channels * per_line;
    block = std::max(kBlockFloats / line_floats, ceil_div(kLeastTiles, per_line));
    shares = lines < block * kLeastBlocks;
    if (shares) {
      block = std::clamp<int64_t>(kSharedFloats / line_floats, 1, lines);
      piece = std::max(ceil_div(block, ceil_div(kTasks, filters.count())), ceil_div(kLeastTiles, per_line));
      piece = std::min(piece, block);
    } else {
      piece = block;
    }
    blocks = ceil_div(p.tiles.lines(), block);
    // Each weight is used by one task only: it need not go through memory.
    streams = shares && blocks == 1 && piece == block;
  }

  WinogradInput input(int64_t lines) const { return {lines * per_line, channels}; }
  WinogradPlanes result(int64_t lines) const { return {lines * per_line, filters.full}; }
  WinogradPlanes streamed() const { return {kWinogradSlab, filters.full}; }

  int64_t channels;
  Panels filters;
  int64_t per_line;  // tiles
  bool shares, streams;
  int64_t block;  // lines whose transformed input is held at once
  int64_t piece;  // lines of a task
  int64_t blocks;
};

// The parts of the workspace, in floats.
struct Parts {
  Parts(const Winograd& p, const Plan& plan, bool prepared, int threads)
      : filter(prepared || plan.streams ? 0 : p.filter.floats()),
        input(plan.input(plan.block).floats() * (plan.shares ? 1 : threads)),
        strip(winograd_strip_floats(p.tiles, p.filter.channels)),
        result(plan.result(plan.piece).floats()),
        streamed(!prepared && plan.streams ? plan.streamed().floats() : 0) {}
  int64_t per_thread() const { return strip + result + streamed; }
  int64_t total(int threads) const { return filter + input + threads * per_thread(); }

  int64_t filter, input;            // of all threads
  int64_t strip, result, streamed;  // of each
};

// Transforms the results of some lines back: one panel of the filters of y.
void place(const Winograd& p, const Plan& plan, const Panel& panel, Range lines, const float* result) {
  const int64_t plane = WinogradPlanes(lines.size() * plan.per_line, panel.width).plane;
  const int64_t filters = p.filter.filters;
  for (int64_t line = lines.begin; line < lines.end; ++line, result += plan.per_line * panel.width) {
    loops().winograd_output(p.tiles.side(), p.y + p.tiles.pixels_before(line) * filters + panel.first,
                            p.tiles.columns.positions * filters, filters, p.tiles.rows_of(line),
                            p.tiles.columns.positions, result, plane, panel.width, plan.per_line, panel.used);
  }
}

struct Work {
  const Winograd& p;
  const Plan& plan;
  const float* weights;  // transformed, or nullptr
  float* inputs;
  float* own;  // of thread 0
  Parts parts;

  float* strip(int thread) const { return own + thread * parts.per_thread(); }

  // Panel `i` of the rows of y that belong to `lines`, from their planes, whose rows begin at `input`.
  void run_panel(int64_t i, Range lines, const float* input, const WinogradInput& shape, int thread) const {
    const Panel panel = plan.filters[i];
    float* result = strip(thread) + parts.strip;
    const int64_t rows = lines.size() * plan.per_line;
    const WinogradPlanes results(rows, panel.width);
    const auto multiply = [&](int64_t f, int64_t s, const float* factors) {
      loops().gemm_rows({.m = rows,
                         .n = panel.width,
                         .k = shape.slab(s).size(),
                         .a = input + s * shape.planes.floats() + f * shape.planes.plane,
                         .lda = shape.planes.row,
                         .b = factors,
                         .ldb = panel.width,
                         .c = result + f * results.plane,
                         .ldc = panel.width,
                         .add = s > 0});
    };
    if (weights) {
      const float* factors = weights + i * p.filter.panel_floats();
      const WinogradPlanes planes(shape.channels, panel.width);
      for (int64_t f = 0; f < kWinogradPlanes; ++f) {
        for (int64_t s = 0; s < shape.slabs(); ++s) {
          multiply(f, s, factors + f * planes.plane + shape.slab(s).begin * panel.width);
        }
      }
    } else {
      float* streamed = result + parts.result;
      const WinogradPlanes planes(kWinogradSlab, panel.width);
      for (int64_t s = 0; s < shape.slabs(); ++s) {
        winograd_filter_rows(p.filter, panel, shape.slab(s), planes, streamed);
        for (int64_t f = 0; f < kWinogradPlanes; ++f) multiply(f, s, streamed + f * planes.plane);
      }
    }
    place(p, plan, panel, lines, result);
  }

  void finish(const AfterRows& after, int64_t range, Range lines, int thread) const {
    if (after) after(range, p.tiles.pixels_before(lines.begin), p.tiles.pixels_before(lines.end), thread);
  }

  void run_alone(int64_t block, const AfterRows& after, int thread) const {
    const Range lines = {block * plan.block, std::min((block + 1) * plan.block, p.tiles.lines())};
    const WinogradInput shape = plan.input(lines.size());
    float* input = inputs + thread * plan.input(plan.block).floats();
    winograd_input(p.tiles, lines, p.x, shape, 0, input, strip(thread));
    for (int64_t i = 0; i < plan.filters.count(); ++i) run_panel(i, lines, input, shape, thread);
    finish(after, block, lines, thread);
  }

  void run_shared(int64_t block, const AfterRows& after, ThreadPool& pool) const {
    const Range lines = {block * plan.block, std::min((block + 1) * plan.block, p.tiles.lines())};
    const WinogradInput shape = plan.input(lines.size());
    const int64_t pieces = ceil_div(lines.size(), plan.piece);
    const auto piece = [&](int64_t i) {
      const int64_t first = lines.begin + i * plan.piece;
      return Range{first, std::min(first + plan.piece, lines.end)};
    };
    pool.parallel_for(lines.size(), [&](int64_t i, int thread) {
      winograd_input(p.tiles, {lines.begin + i, lines.begin + i + 1}, p.x, shape, i * plan.per_line, inputs,
                     strip(thread));
    });
    pool.parallel_for(plan.filters.count() * pieces, [&](int64_t task, int thread) {
      const Range part = piece(task % pieces);
      const int64_t tiles_before = (part.begin - lines.begin) * plan.per_line;
      run_panel(task / pieces, part, inputs + tiles_before * shape.planes.row, shape, thread);
    });
    if (!after) return;
    const int64_t before = block * ceil_div(plan.block, plan.piece);
    pool.parallel_for(pieces, [&](int64_t i, int thread) { finish(after, before + i, piece(i), thread); });
  }
};

}  // namespace

// The price of the transforms is paid back by as many products: of every weight with enough tiles, of every pixel with
// enough channels and filters, more of them where fewer products are saved. Tiles that reach beyond the image must not
// eat up what is saved. Weights that are transformed already must still be read, four times as many as they were.
bool winograd_is_quicker(const WinogradTiles& tiles, int64_t channels, int64_t filters, bool prepared) {
  constexpr int64_t kLeastChannels[] = {32, 8, 16, 8};  // of two to five taps
  const int64_t direct = tiles.images * tiles.rows.positions * tiles.columns.positions * tiles.taps * tiles.taps;
  return std::min(channels, filters) >= kLeastChannels[tiles.taps - 2] && tiles.tiles() >= (prepared ? 8 : 12) &&
         2 * direct >= 3 * kWinogradPlanes * tiles.tiles();
}

int64_t winograd_floats(const Winograd& p, bool prepared, int threads) {
  return Parts(p, Plan(p), prepared, threads).total(threads);
}

int64_t winograd_ranges(const Winograd& p) {
  const Plan plan(p);
  if (!plan.shares) return plan.blocks;
  const int64_t last = p.tiles.lines() - (plan.blocks - 1) * plan.block;
  return (plan.blocks - 1) * ceil_div(plan.block, plan.piece) + ceil_div(last, plan.piece);
}

void winograd(const Winograd& p, const float* prepared, ThreadPool& pool, float* workspace, const AfterRows& after) {
  const Plan plan(p);
  const Parts parts(p, plan, prepared != nullptr, pool.threads());
  float* inputs = workspace + parts.filter;
  const Work work = {p,    plan, prepared ? prepared : plan.streams ? nullptr : workspace, inputs, inputs + parts.input,
                     parts};
  if (parts.filter > 0) winograd_filter(p.filter, workspace, pool);
  if (!plan.shares) {
    pool.parallel_for(plan.blocks, [&](int64_t block, int thread) { work.run_alone(block, after, thread); });
  } else {
    for (int64_t block = 0; block < plan.blocks; ++block) work.run_shared(block, after, pool);
  }
}

}  // namespace convolt
