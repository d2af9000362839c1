// e = clip(x w1 + b1), d[n, i, j, c] = clip(sum over u, v of e[n, i*s + u*d - p, j*s + v*d - p, c] w2[u, v, c] +
// b2[c]), y = d w3: a band of rows at a time, so that neither e nor d is ever written to memory.
#include <algorithm>
#include <cstring>
#include <utility>

#include "gemm/partials.h"
#include "kernels/bottleneck-shape.h"
#include "kernels/product-operands.h"
#include "kernels/window-line.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kFlopsPerTask = int64_t{1} << 22;
constexpr int64_t kMostTasks = 64;
constexpr int64_t kLeastRows = 7;                      // of a band: its neighbours' rows are expanded twice
constexpr int64_t kManyRows = 14;                      // of a band of more than two
constexpr int64_t kMostDepths = 4;                     // pieces of the channels of images that are not cut into bands
constexpr int64_t kScratchFloats = int64_t{48} << 10;  // of e and d in work at once

// How the work is cut into tasks: by shape alone.
struct Cuts {
  explicit Cuts(const BottleneckShape& s) {
    const int64_t flops = 2 * s.images * s.multiplications();
    const int64_t wanted = std::clamp<int64_t>(ceil_div(flops, kFlopsPerTask), 1, kMostTasks);
    const int64_t height = s.rows.output,
                  most = std::max(height / kManyRows, height >= 2 * kLeastRows ? int64_t{2} : 1);
    bands = std::clamp<int64_t>(ceil_div(wanted, std::max<int64_t>(1, s.images)), 1, most);
    if (s.images * bands == 1) depth = std::clamp<int64_t>(std::min(wanted, kMostDepths), 1, ceil_div(s.slabs(), 2));
  }
  int64_t bands = 1, depth = 1;  // pieces of the rows of an image, and of the slabs
};

// Rows of the image in work: e [rows, W, slab] and d [rows, OW, slab], one behind the other.
struct Band {
  explicit Band(const BottleneckShape& s) {
    const int64_t e = s.expands ? s.columns.input * s.slab() : 0, d = s.columns.output * s.slab();
    const int64_t reach = s.rows.dilation * (s.rows.taps - 1) + 1;
    rows = 1;
    while (rows < s.rows.output && floats(s, reach, rows + 1, e, d) <= kScratchFloats) ++rows;
    d_offset = (reach + (rows - 1) * s.rows.stride) * e;
    size = d_offset + rows * d;
  }
  int64_t rows, d_offset, size;

 private:
  static int64_t floats(const BottleneckShape& s, int64_t reach, int64_t rows, int64_t e, int64_t d) {
    return (reach + (rows - 1) * s.rows.stride) * e + rows * d;
  }
};

// The rows of the image that the rows `out` of positions read.
Range rows_read(const WindowAxis& axis, Range out) {
  const int64_t begin = std::clamp<int64_t>(axis.element(out.begin, 0), 0, axis.length);
  return {begin, std::clamp<int64_t>(axis.element(out.end - 1, axis.taps - 1) + 1, begin, axis.length)};
}

class Bottleneck {
 public:
  Bottleneck(const BottleneckShape& shape, const Operands& operands, float* packed)
      : s_(shape), operands_(operands), packed_(packed), window_(shape.window()), band_(shape) {}

  // y [rows, OW, K] += or = the part of the given slabs, for some rows of one image.
  void run(int64_t image, Range rows, Range slabs, float* y, float* scratch) const {
    for (int64_t slab = slabs.begin; slab < slabs.end; ++slab) {
      Range ready = {0, 0};  // rows of e in scratch
      for (int64_t begin = rows.begin; begin < rows.end; begin += band_.rows) {
        const Range out = {begin, std::min(begin + band_.rows, rows.end)};
        if (s_.expands) ready = expand(image, rows_read(window_.rows, out), ready, slab, scratch);
        filter(image, out, ready.begin, slab, scratch);
        const PackedMatrix w = s_.projection(slab, packed_);
        w.multiply({0, s_.filters}, out.size() * s_.columns.output, scratch + band_.d_offset, w.k,
                   y + (begin - rows.begin) * s_.columns.output * s_.filters, s_.filters, slab > slabs.begin);
      }
    }
  }

 private:
  // Makes scratch hold the rows `wanted` of e; those of `ready` that are among them are moved to the front.
  Range expand(int64_t image, Range wanted, Range ready, int64_t slab, float* e) const {
    const PackedMatrix w = s_.expansion(slab, packed_);
    const int64_t row = s_.columns.input * w.n, kept = std::max<int64_t>(0, ready.end - wanted.begin);
    if (kept > 0)
      std::memmove(e, e + (wanted.begin - ready.begin) * row, static_cast<size_t>(kept * row) * sizeof(float));
    const int64_t first = wanted.begin + kept, pixels = (wanted.end - first) * s_.columns.input;
    const float* x = operands_.in<float>(0) + (image * s_.rows.input + first) * s_.columns.input * s_.channels;
    const float* bias = operands_.in<float>(s_.expand_at() + 1) + s_.slab(slab).begin;
    w.multiply({0, w.n}, pixels, x, s_.channels, e + kept * row, w.n, false,
               {bias, s_.after_expansion.low, s_.after_expansion.high});
    return wanted;
  }

  // d of the given rows of positions; e begins with the row `first` of the image.
  void filter(int64_t image, Range out, int64_t first, int64_t slab, float* scratch) const {
    const Range channels = s_.slab(slab);
    const int64_t n = channels.size(), row = s_.columns.input * n, w_row = s_.columns.taps * s_.expanded;
    const float* e = s_.expands ? scratch : operands_.in<float>(0) + image * s_.rows.input * row;
    const float* w = operands_.in<float>(s_.filter_at()) + channels.begin;
    const float* bias = operands_.in<float>(s_.filter_at() + 1) + channels.begin;
    for (int64_t i = out.begin; i < out.end; ++i) {
      WindowLine line = window_line(window_, 1, n, i);
      line.row.rows_ahead = 0;
      float* d = scratch + band_.d_offset + (i - out.begin) * s_.columns.output * n;
      const int64_t top = line.down.size() > 0 ? line.top - first : 0;
      loops().depthwise_row(d, n, e + top * row, &line.row, w + line.down.begin * w_row, w_row, s_.expanded, false,
                            {bias, s_.after_filters.low, s_.after_filters.high});
    }
  }

  const BottleneckShape& s_;
  const Operands& operands_;
  float* packed_;
  Window window_;
  Band band_;
};

class InvertedBottleneck final : public Kernel {
 public:
  explicit InvertedBottleneck(AttributeReader& read) : attributes_(read) {}

  Status check(const Operands& operands) const override { return attributes_.check(operands); }

  int64_t workspace(const Operands& operands, int threads) const override {
    const BottleneckShape shape = attributes_.with(operands);
    const int64_t packed = operands.prepared ? 0 : shape.packed_floats();
    return bytes_of_floats(packed + partials(shape) + threads * Band(shape).size);
  }

  int64_t prepared_bytes(const Operands& operands) const override {
    const BottleneckShape shape = attributes_.with(operands);
    const bool are_constant =
        ((operands.constants >> shape.expand_at()) & (operands.constants >> shape.project_at()) & 1) != 0;
    return are_constant ? bytes_of_floats(shape.packed_floats()) : 0;
  }

  void prepare(const Operands& operands) const noexcept override {
    pack(attributes_.with(operands), operands, reinterpret_cast<float*>(operands.prepared));
  }

  int64_t tail_ranges(const Operands& operands) const override {
    const BottleneckShape shape = attributes_.with(operands);
    return shape.images * Cuts(shape).bands;
  }

  Status run(const Operands& operands) const noexcept override {
    const BottleneckShape shape = attributes_.with(operands);
    auto* workspace = reinterpret_cast<float*>(operands.workspace);
    float* packed = operands.prepared ? reinterpret_cast<float*>(operands.prepared) : workspace;
    if (!operands.prepared) pack(shape, operands, std::exchange(workspace, workspace + shape.packed_floats()));
    with_tail(operands, [&](const AfterRows& after) { run(shape, operands, packed, workspace, after); });
    return Status::ok();
  }

 private:
  static int64_t size(const BottleneckShape& s) { return s.images * s.rows.output * s.columns.output * s.filters; }
  static int64_t partials(const BottleneckShape& s) { return (Cuts(s).depth - 1) * size(s); }

  static void pack(const BottleneckShape& s, const Operands& operands, float* packed) {
    const float* project = operands.in<float>(s.project_at());
    operands.pool->parallel_for(s.slabs(), [&](int64_t i, int) {
      const int64_t first = s.slab(i).begin;
      s.projection(i, packed).pack(project + first * s.filters, s.filters, false);
      if (s.expands) s.expansion(i, packed).pack(operands.in<float>(s.expand_at()) + first, s.expanded, false);
    });
  }

  static void run(const BottleneckShape& s, const Operands& operands, float* packed, float* partials,
                  const AfterRows& after) {
    const Cuts cuts(s);
    const Band band(s);
    const Bottleneck bottleneck(s, operands, packed);
    float* scratch = partials + InvertedBottleneck::partials(s);
    const int64_t row = s.columns.output * s.filters, ranges = s.images * cuts.bands;
    const auto range_of = [&](int64_t i) { return cut(s.rows.output, cuts.bands, i % cuts.bands); };
    const auto hand_on = [&](int64_t i, int thread) {
      const int64_t first = i / cuts.bands * s.rows.output;
      after(i, (first + range_of(i).begin) * s.columns.output, (first + range_of(i).end) * s.columns.output, thread);
    };
    operands.pool->parallel_for(ranges * cuts.depth, [&](int64_t task, int thread) {
      const int64_t range = task / cuts.depth, piece = task % cuts.depth, image = range / cuts.bands;
      float* to = piece ? partials + (piece - 1) * size(s) : operands.out<float>(0);
      bottleneck.run(image, range_of(range), cut(s.slabs(), cuts.depth, piece),
                     to + (image * s.rows.output + range_of(range).begin) * row, scratch + thread * band.size);
      if (cuts.depth == 1) hand_on(range, thread);
    });
    if (cuts.depth == 1) return;
    const int64_t pixels = s.images * s.rows.output * s.columns.output;
    add_partials(operands.out<float>(0), s.filters, partials, cuts.depth - 1, pixels, s.filters, *operands.pool);
    if (after) operands.pool->parallel_for(ranges, hand_on);
  }

  BottleneckShape attributes_;
};

}  // namespace

CONVOLT_KERNEL(invertedBottleneck, InvertedBottleneck)

}  // namespace convolt
