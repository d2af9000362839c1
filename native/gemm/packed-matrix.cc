// Packing, and products block by block: a block of rows stays in the second-level cache, one of a panel in the first.
#include "gemm/packed-matrix.h"

#include <algorithm>
#include <cstring>

#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kRows = 84;       // of a block: a multiple of the rows of every tile
constexpr int64_t kDepth = 256;     // products in one running sum: sums of sums round less
constexpr int64_t kStrip = 64;      // rows of b that are transposed at once
constexpr int64_t kAliases = 1024;  // rows so many floats apart, or a multiple, fight for the same lines of the cache
constexpr int64_t kCopied = kDepth + 16;  // floats from one row to the next where rows are copied for that reason
constexpr int64_t kCopyPays = 64;         // columns
constexpr int64_t kLine = 16;             // floats of a line of the cache

bool has_whole_lines(const float* c, int64_t ldc) {
  return reinterpret_cast<uintptr_t>(c) % (kLine * sizeof(float)) == 0 && ldc % kLine == 0;
}

}  // namespace

int64_t PackedMatrix::panel() { return loops().gemm_panel(); }

int64_t PackedMatrix::floats(int64_t k, int64_t n) { return ceil_div(n, panel()) * panel() * k; }

void PackedMatrix::pack_panel(int64_t i, Range rows, const float* b, int64_t ldb, bool transpose_b) const {
  const int64_t panel = PackedMatrix::panel(), first = i * panel, width = std::min(panel, n - first);
  float* to = packed + first * k + rows.begin * panel;
  const float* from = b + first * (transpose_b ? ldb : 1);
  if (width < panel) std::fill_n(to, rows.size() * panel, 0.0f);
  if (!transpose_b) {
    const size_t bytes = static_cast<size_t>(width) * sizeof(float);
    for (int64_t p = 0; p < rows.size(); ++p) std::memcpy(to + p * panel, from + p * ldb, bytes);
    return;
  }
  for (int64_t begin = 0; begin < rows.size(); begin += kStrip) {
    const int64_t count = std::min(kStrip, rows.size() - begin);
    loops().pack_transposed(to + begin * panel, panel, from + begin, ldb, width, count);
  }
}

void PackedMatrix::pack(const float* b, int64_t ldb, bool transpose_b) const {
  for (int64_t i = 0; i < panels(); ++i) pack_panel(i, {0, k}, b, ldb, transpose_b);
}

void PackedMatrix::pack(const float* b, int64_t ldb, bool transpose_b, ThreadPool& pool) const {
  pool.parallel_for(panels(), [&](int64_t i, int) { pack_panel(i, {0, k}, b, ldb, transpose_b); });
}

void PackedMatrix::multiply_row(Range columns, const float* a, float* c, bool add) const {
  for (int64_t j = columns.begin; j < columns.end; j += panel()) {
    const int64_t used = std::min(panel(), columns.end - j);
    loops().panel_times_row(c + j - columns.begin, used, a, packed + j * k, k, add);
  }
}

void PackedMatrix::multiply(Range columns, int64_t m, const float* a, int64_t lda, float* c, int64_t ldc, bool add,
                            const ColumnClip& clip, bool past_caches) const {
  const int64_t width = panel();
  const bool streams = past_caches && !add && k <= kDepth && has_whole_lines(c, ldc);
  const bool copies = lda % kAliases == 0 && k >= kDepth && m > 1 && columns.size() >= kCopyPays;
  alignas(64) float rows[kRows * kCopied];
  GemmPanel g;
  g.ldb = width;
  g.ldc = ldc;
  for (int64_t i = 0; i < m; i += kRows) {
    g.m = std::min(kRows, m - i);
    if (k == 0 && !add) {
      for (int64_t r = 0; r < g.m; ++r) std::fill_n(c + (i + r) * ldc, columns.size(), 0.0f);
    }
    g.clip = {};
    for (int64_t p = 0; p < k; p += kDepth) {
      g.k = std::min(kDepth, k - p);
      g.a = a + i * lda + p;
      g.lda = lda;
      g.add = add || p > 0;
      if (copies) {
        const size_t bytes = static_cast<size_t>(g.k) * sizeof(float);
        for (int64_t r = 0; r < g.m; ++r) std::memcpy(rows + r * kCopied, g.a + r * lda, bytes);
        g.a = rows;
        g.lda = kCopied;
      }
      for (int64_t j = columns.begin; j < columns.end; j += width) {
        g.n = std::min(width, columns.end - j);
        g.b = packed + j * k + p * width;
        g.c = c + i * ldc + j - columns.begin;
        g.past_caches = streams && g.n % kLine == 0;
        if (clip.bias && p + g.k == k) {
          g.clip = {clip.bias + j, clip.low, clip.high, clip.residual ? clip.residual + (g.c - c) : nullptr};
        }
        if (m <= kRows)
          g.ahead = j + width < columns.end ? g.b + k * width : packed + columns.begin * k + (p + g.k) * width;
        loops().gemm_rows(g);
      }
    }
  }
}

}  // namespace convolt
