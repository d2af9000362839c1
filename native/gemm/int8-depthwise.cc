// Packs filters of channels, and finds the rows of images that each line of positions reads.
#include "gemm/int8-depthwise.h"

#include <algorithm>
#include <cstring>

#include "base/aligned.h"
#include "gemm/int8-weights.h"
#include "loops/loops.h"

namespace convolt {
namespace {

// Packed filters: a header, bias, scale, weights [quads, taps of columns, channels, 4]; vectors may begin at any
// channel.
struct Layout {
  int64_t vector, channels;
  explicit Layout(const Int8Depthwise& d)
      : vector(4 * loops().int8_lanes()), channels(aligned(d.channels * 4 + vector)) {}
  int64_t bias() const { return kAlignment; }
  int64_t scale() const { return bias() + channels; }
  int64_t weights() const { return scale() + channels; }
  int64_t blocks(const Int8Depthwise& d, int64_t quads) const {
    return weights() + aligned(quads * d.window.columns.taps * d.channels * 4 + vector);
  }
};

bool needs_halves(const Int8Depthwise& d) {
  const int64_t row = d.window.columns.taps * d.channels;
  for (int64_t u = 0; loops().int8_sums_pairs() && u + 1 < d.window.rows.taps; u += 2) {
    for (int64_t i = 0; i < row; ++i) {
      if (!may_be_paired(d.w[u * row + i], d.w[(u + 1) * row + i])) return true;
    }
  }
  return false;
}

bool are_halved(const Int8Depthwise& d) { return reinterpret_cast<const int64_t*>(d.packed)[0] != 0; }
bool has_small_scales(const Int8Depthwise& d) { return reinterpret_cast<const int64_t*>(d.packed)[1] != 0; }

// Integers of a block of channels: bias, scale, weights.
int64_t block_size(const Int8Depthwise& d, int64_t quads) {
  return (2 + quads * d.window.columns.taps) * loops().int8_block();
}

// Packs bias, scale and weights once more, for blocks of channels; see Int8DepthwiseLine.
void pack_blocks(const Int8Depthwise& d, int64_t quads, const Layout& layout, std::byte* packed) {
  const int64_t block = loops().int8_block();
  if (block == 0) return;
  const auto *bias = reinterpret_cast<const int32_t*>(packed + layout.bias()),
             *scale = reinterpret_cast<const int32_t*>(packed + layout.scale()),
             *weights = reinterpret_cast<const int32_t*>(packed + layout.weights());
  auto* to = reinterpret_cast<int32_t*>(packed + layout.blocks(d, quads));
  for (int64_t next = 0; next < d.channels; next += block) {
    const int64_t c = next + block > d.channels && d.channels > block ? d.channels - block : next;
    for (int64_t row = -2; row < quads * d.window.columns.taps; ++row) {
      const int32_t* from = row == -2 ? bias : row == -1 ? scale : weights + row * d.channels;
      for (int64_t i = 0; i < block; ++i) {
        const int64_t part = i / (block / 4), place = i % (block / 4);
        const int64_t channel = c + place / 4 * 16 + part * 4 + place % 4;
        *to++ = channel < d.channels ? from[channel] : 0;
      }
    }
  }
}

// Scratch of a thread: pointers to rows and joined rows; behind those of all threads, a row of the padding.
struct Scratch {
  int64_t rows, joined;
  explicit Scratch(const Int8Depthwise& d) {
    const auto& columns = d.window.columns;
    const int64_t quads = 2 * d.quads(), pixels = columns.element(columns.positions - 1, columns.taps - 1) + 1;
    rows = aligned(quads * 4 * 8);
    const int64_t strip = (kInt8Strip - 1) * columns.step + (columns.taps - 1) * columns.tap_step + 1;
    joined = quads * 4 * std::max((pixels - columns.first) * loops().int8_lanes(), strip * loops().int8_block());
  }
  int64_t bytes() const { return rows + joined; }
};

int64_t padding_bytes(const Int8Depthwise& d) { return aligned(d.window.columns.length * d.channels); }

void run_line(const Int8Depthwise& d, int64_t line, const uint8_t* padding, std::byte* workspace) {
  const auto& [rows, columns] = d.window;
  const Layout layout(d);
  const int64_t image = line / rows.positions, i = line % rows.positions;
  const int64_t quads = d.quads() * (are_halved(d) ? 2 : 1);
  const int64_t row_bytes = columns.length * d.channels;
  const auto** pointers = reinterpret_cast<const uint8_t**>(workspace);
  for (int64_t u = 0; u < 4 * quads; ++u) {
    const int64_t tap = u % (4 * d.quads()), row = rows.element(i, tap);
    const bool is_inside = tap < rows.taps && row >= 0 && row < rows.length;
    pointers[u] = is_inside ? d.x + (image * rows.length + row) * row_bytes : padding;
  }
  const int64_t at = line * columns.positions * d.channels;
  Int8Result result = d.result;
  result.fits_int32 = has_small_scales(d) && may_add(result);
  loops().int8_depthwise({.rows = pointers,
                          .quads = quads,
                          .first = columns.first,
                          .length = columns.length,
                          .pixels = columns.element(columns.positions - 1, columns.taps - 1) + 1 - columns.first,
                          .padding = d.input_zero,
                          .positions = columns.positions,
                          .step = columns.step,
                          .taps = columns.taps,
                          .tap_step = columns.tap_step,
                          .channels = d.channels,
                          .w = reinterpret_cast<const int8_t*>(d.packed + layout.weights()),
                          .blocks = loops().int8_block() > 0
                                        ? reinterpret_cast<const int32_t*>(d.packed + layout.blocks(d, quads))
                                        : nullptr,
                          .bias = reinterpret_cast<const int32_t*>(d.packed + layout.bias()),
                          .scale = reinterpret_cast<const float*>(d.packed + layout.scale()),
                          .y = d.result.is_bytes ? static_cast<void*>(static_cast<uint8_t*>(d.y) + at)
                                                 : static_cast<void*>(static_cast<float*>(d.y) + at),
                          .addend = d.addend ? d.addend + at : nullptr,
                          .result = result,
                          .scratch = reinterpret_cast<uint8_t*>(workspace + Scratch(d).rows)});
}

}  // namespace

int64_t packed_int8_depthwise_bytes(const Int8Depthwise& d) {
  const Layout layout(d);
  const int64_t quads = d.quads() * (loops().int8_sums_pairs() ? 2 : 1);
  const int64_t block = loops().int8_block();
  return layout.blocks(d, quads) + (block > 0 ? ceil_div(d.channels, block) * block_size(d, quads) * 4 : 0);
}

void pack_int8_depthwise(const Int8Depthwise& d, std::byte* packed) {
  const bool halved = needs_halves(d);
  auto* header = reinterpret_cast<int64_t*>(packed);
  header[0] = halved ? 1 : 0;
  header[1] = are_small(d.scale, d.channels) ? 1 : 0;
  const Layout layout(d);
  const auto& [rows, columns] = d.window;
  auto* bias = reinterpret_cast<int32_t*>(packed + layout.bias());
  for (int64_t c = 0; c < d.channels; ++c) {
    uint32_t sum = 0;
    for (int64_t t = 0; t < d.window.taps(); ++t) sum += static_cast<uint32_t>(d.w[t * d.channels + c]);
    bias[c] = static_cast<int32_t>(static_cast<uint32_t>(d.bias[c]) - sum * static_cast<uint32_t>(d.input_zero));
  }
  std::memcpy(packed + layout.scale(), d.scale, d.channels * sizeof(float));
  auto* to = reinterpret_cast<int8_t*>(packed + layout.weights());
  for (int64_t quad = 0; quad < d.quads() * (halved ? 2 : 1); ++quad) {
    for (int64_t v = 0; v < columns.taps; ++v) {
      for (int64_t c = 0; c < d.channels; ++c) {
        for (int64_t t = 0; t < 4; ++t) {
          const int64_t u = 4 * (quad % d.quads()) + t;
          const int8_t weight = u < rows.taps ? d.w[(u * columns.taps + v) * d.channels + c] : int8_t{0};
          *to++ = !halved ? weight : quad < d.quads() ? first_half(weight) : second_half(weight);
        }
      }
    }
  }
  pack_blocks(d, d.quads() * (halved ? 2 : 1), layout, packed);
}

int64_t int8_depthwise_workspace(const Int8Depthwise& d, int threads) {
  return threads * Scratch(d).bytes() + padding_bytes(d);
}

void int8_depthwise(const Int8Depthwise& d, ThreadPool& pool, std::byte* workspace) {
  constexpr int64_t kElements = 16384;  // of a task, at least
  const int64_t lines = d.images * d.window.rows.positions, bytes = Scratch(d).bytes();
  const int64_t grain = std::max<int64_t>(1, kElements / (d.window.columns.positions * d.channels));
  auto* padding = reinterpret_cast<uint8_t*>(workspace);
  std::memset(padding, d.input_zero, padding_bytes(d));
  pool.parallel_for(ceil_div(lines, grain), [&](int64_t task, int thread) {
    for (int64_t line = task * grain; line < std::min(lines, (task + 1) * grain); ++line) {
      run_line(d, line, padding, workspace + padding_bytes(d) + thread * bytes);
    }
  });
}

}  // namespace convolt
