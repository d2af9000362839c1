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

bool are_halved(const Int8Depthwise& d) { return *reinterpret_cast<const int64_t*>(d.packed) != 0; }

// Scratch of a thread: pointers to rows and joined rows; behind those of all threads, a row of the padding.
struct Scratch {
  int64_t rows, joined;
  explicit Scratch(const Int8Depthwise& d) {
    const auto& columns = d.window.columns;
    const int64_t quads = 2 * d.quads(), pixels = columns.element(columns.positions - 1, columns.taps - 1) + 1;
    rows = aligned(quads * 4 * 8);
    joined = quads * (pixels - columns.first) * 4 * loops().int8_lanes();
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
                          .bias = reinterpret_cast<const int32_t*>(d.packed + layout.bias()),
                          .scale = reinterpret_cast<const float*>(d.packed + layout.scale()),
                          .y = d.result.is_bytes ? static_cast<void*>(static_cast<uint8_t*>(d.y) + at)
                                                 : static_cast<void*>(static_cast<float*>(d.y) + at),
                          .addend = d.addend ? d.addend + at : nullptr,
                          .result = d.result,
                          .scratch = reinterpret_cast<uint8_t*>(workspace + Scratch(d).rows)});
}

}  // namespace

int64_t packed_int8_depthwise_bytes(const Int8Depthwise& d) {
  const Layout layout(d);
  const int64_t quads = d.quads() * (loops().int8_sums_pairs() ? 2 : 1);
  return layout.weights() + quads * d.window.columns.taps * d.channels * 4 + layout.vector;
}

void pack_int8_depthwise(const Int8Depthwise& d, std::byte* packed) {
  const bool halved = needs_halves(d);
  *reinterpret_cast<int64_t*>(packed) = halved ? 1 : 0;
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
