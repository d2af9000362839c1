// Cuts a product of bytes into blocks of lines and panels, and finds the bytes that each of its rows reads.
#include "gemm/int8-product.h"

#include <algorithm>
#include <cstring>

#include "base/aligned.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kLeastPixels = 96;         // of a block
constexpr int64_t kTileRows = 24;            // blocks of so many rows are whole tiles of all panels
constexpr int64_t kWork = int64_t{2} << 20;  // products of a task, at least
constexpr int64_t kFinish = 24;              // products that take as long as to finish a sum
// Weights of fewer bytes are read again for every few pixels, whose results then stay in the first-level cache.
constexpr int64_t kNearWeights = int64_t{128} << 10;
constexpr int64_t kTasks = 16;  // at least, if there are so many panels

// Whether all that the window reads lies inside of the image.
bool is_inside(const WindowAxis& axis) {
  return axis.first >= 0 && axis.element(axis.positions - 1, axis.taps - 1) < axis.length;
}

int64_t extent(const WindowAxis& axis) { return (axis.taps - 1) * axis.tap_step + 1; }

// Positions of a block, so many that a task is worth its start.
int64_t pixels_of_block(const Int8Product& p) {
  const int64_t depth = p.weights.segments * p.weights.length + kFinish;
  return std::max(kLeastPixels, kWork / (depth * p.weights.columns));
}

// How the work is cut: blocks of positions, over all images, and groups of panels.
struct Cut {
  int64_t pixels, block, blocks, panel_groups;

  explicit Cut(const Int8Product& p)
      : pixels(std::max<int64_t>(1, p.images * p.window.positions())),
        block(ceil_div(ceil_div(pixels, ceil_div(pixels, pixels_of_block(p))), kTileRows) * kTileRows),
        blocks(ceil_div(pixels, block)),
        panel_groups(std::clamp<int64_t>(ceil_div(kTasks, blocks), 1, p.weights.panels())) {}

  // Lines that a block may reach into.
  int64_t lines(int64_t positions) const { return (block - 1) / positions + 2; }
};

// The bytes that the positions of a block read: the image itself, or its lines with their padding.
struct Source {
  bool is_image;
  int64_t width;  // pixels of a line
  int64_t lines;  // copied ones, at most

  Source(const Int8Product& p, const Cut& cut) {
    const auto& [rows, columns] = p.window;
    is_image = is_inside(rows) && is_inside(columns) && p.weights.length % 4 == 0;
    width = is_image ? columns.length : (columns.positions - 1) * columns.step + extent(columns);
    const int64_t reached = cut.lines(columns.positions);
    const int64_t images = std::min(p.images, (reached - 1) / rows.positions + 2);
    lines = is_image ? 0 : reached * rows.step + images * extent(rows);
  }
};

struct Scratch {
  int64_t pixels, segments, lines;  // bytes

  Scratch(const Int8Product& p, const Cut& cut, const Source& source)
      : pixels(aligned(cut.block * 8)),
        segments(aligned(2 * p.weights.segments * 8)),
        lines(aligned(source.lines * source.width * p.channels + 4)) {}
  int64_t bytes() const { return pixels + segments + lines; }
};

class Run {
 public:
  Run(const Int8Product& product, std::byte* workspace)
      : p_(product), cut_(product), source_(product, cut_), scratch_(product, cut_, source_), workspace_(workspace) {}

  int64_t bytes() const { return scratch_.bytes(); }

  void run(ThreadPool& pool) const {
    const int64_t groups = p_.weights.groups;
    pool.parallel_for(cut_.blocks * groups * cut_.panel_groups, [&](int64_t task, int thread) {
      const int64_t part = task % cut_.panel_groups, rest = task / cut_.panel_groups;
      run_block(rest / groups, rest % groups, cut(p_.weights.panels(), cut_.panel_groups, part), thread);
    });
  }

 private:
  void run_block(int64_t block, int64_t group, Range panels, int thread) const {
    std::byte* scratch = workspace_ + thread * scratch_.bytes();
    auto* pixel = reinterpret_cast<int64_t*>(scratch);
    auto* segment = reinterpret_cast<int64_t*>(scratch + scratch_.pixels);
    auto* lines = reinterpret_cast<uint8_t*>(scratch + scratch_.pixels + scratch_.segments);
    const Range range = {block * cut_.block, std::min(cut_.pixels, (block + 1) * cut_.block)};
    const int64_t rows = range.size();
    find_pixels(range, group, pixel, lines);
    const Int8Panels packed(p_.weights, p_.packed);
    find_segments(segment, packed.are_halved());
    const int64_t filters = p_.weights.groups * p_.weights.columns;
    const int64_t first = range.begin * filters + group * p_.weights.columns;
    Int8Result result = p_.result;
    result.fits_int32 = packed.has_small_scales() && may_add(result);
    const int64_t depth = p_.weights.segments * p_.weights.length;
    const int64_t chunk = depth * p_.weights.columns <= kNearWeights ? kLeastPixels : rows;
    for (int64_t begin = 0; begin < rows; begin += chunk) {
      const Range part = {begin, std::min(rows, begin + chunk)};
      for (int64_t panel = panels.begin; panel < panels.end; ++panel) {
        multiply(packed, group, panel, pixel, part, segment, lines, first, result);
      }
    }
  }

  // The columns of a panel in a part of the rows of a block, whose first element is y[first].
  void multiply(const Int8Panels& packed, int64_t group, int64_t panel, const int64_t* pixel, Range part,
                const int64_t* segment, const uint8_t* lines, int64_t first, const Int8Result& result) const {
    const Range columns = packed.columns(panel);
    const int64_t filters = p_.weights.groups * p_.weights.columns;
    const int64_t at = first + part.begin * filters + columns.begin;
    void* y = result.is_bytes ? static_cast<void*>(static_cast<uint8_t*>(p_.y) + at)
                              : static_cast<void*>(static_cast<float*>(p_.y) + at);
    loops().int8_rows({.x = source_.is_image ? p_.x : lines,
                       .pixel = pixel + part.begin,
                       .rows = part.size(),
                       .segment = segment,
                       .segments = packed.segments(),
                       .quads = p_.weights.quads(),
                       .w = packed.weights(group, panel),
                       .bias = packed.bias(group, panel),
                       .scale = packed.scale(group, panel),
                       .columns = columns.size(),
                       .y = y,
                       .addend = p_.addend ? p_.addend + at : nullptr,
                       .ldy = filters,
                       .result = result});
  }

  // Where each position of `range` begins to read, counted from the image or from copied lines, which are made.
  void find_pixels(Range range, int64_t group, int64_t* pixel, uint8_t* copies) const {
    const auto& [rows, columns] = p_.window;
    const int64_t line = source_.width * p_.channels, first = source_.is_image ? columns.first * p_.channels : 0;
    const Range lines = {range.begin / columns.positions, ceil_div(range.end, columns.positions)};
    int64_t copied = 0;
    for (int64_t begin = lines.begin, end; begin < lines.end; begin = end) {
      const int64_t image = begin / rows.positions, i = begin % rows.positions;
      end = std::min(lines.end, (image + 1) * rows.positions);
      int64_t top = image * rows.length + rows.element(i, 0);
      if (!source_.is_image) {
        top = copied;
        const int64_t needed = (end - begin - 1) * rows.step + extent(rows);
        for (int64_t r = 0; r < needed; ++r) copy_line(image, rows.element(i, 0) + r, copies + copied++ * line);
      }
      for (int64_t l = begin; l < end; ++l, top += rows.step) {
        const int64_t start = top * line + first + group * p_.channels / p_.weights.groups;
        const int64_t origin = l * columns.positions;
        const Range inside = {std::max<int64_t>(0, range.begin - origin),
                              std::min(columns.positions, range.end - origin)};
        for (int64_t j = inside.begin; j < inside.end; ++j) *pixel++ = start + j * columns.step * p_.channels;
      }
    }
  }

  // Row `row` of an image with its padding.
  void copy_line(int64_t image, int64_t row, uint8_t* to) const {
    const auto& [rows, columns] = p_.window;
    const int64_t channels = p_.channels, zero = p_.weights.input_zero;
    const Range inside = {std::clamp<int64_t>(-columns.first, 0, source_.width),
                          std::clamp<int64_t>(columns.length - columns.first, 0, source_.width)};
    if (row < 0 || row >= rows.length) {
      std::memset(to, static_cast<int>(zero), source_.width * channels);
      return;
    }
    const uint8_t* from = p_.x + (image * rows.length + row) * columns.length * channels;
    std::memset(to, static_cast<int>(zero), inside.begin * channels);
    std::memcpy(to + inside.begin * channels, from + (inside.begin + columns.first) * channels,
                inside.size() * channels);
    std::memset(to + inside.end * channels, static_cast<int>(zero), (source_.width - inside.end) * channels);
  }

  void find_segments(int64_t* segment, bool halved) const {
    const auto& [rows, columns] = p_.window;
    const int64_t across = columns.taps / Int8Product::taps_of_segment(p_.window, p_.weights.groups);
    for (int64_t half = 0; half <= (halved ? 1 : 0); ++half) {
      for (int64_t u = 0; u < rows.taps; ++u) {
        for (int64_t v = 0; v < across; ++v) {
          *segment++ = (u * rows.tap_step * source_.width + v * columns.tap_step) * p_.channels;
        }
      }
    }
  }

  const Int8Product& p_;
  Cut cut_;
  Source source_;
  Scratch scratch_;
  std::byte* workspace_;
};

}  // namespace

int64_t int8_product_workspace(const Int8Product& product, int threads) {
  return Run(product, nullptr).bytes() * threads;
}

void int8_product(const Int8Product& product, ThreadPool& pool, std::byte* workspace) {
  Run(product, workspace).run(pool);
}

}  // namespace convolt
