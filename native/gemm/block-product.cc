// Blocks of op(B) are packed, unless they can be read where they lie, and multiplied while they are in the cache.
#include "gemm/block-product.h"

#include <algorithm>

#include "gemm/packed-matrix.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kDepth = 256;
constexpr int64_t kColumns = kBlockScratch / kDepth;
constexpr int64_t kLeastDepth = 64;
// Packing does not pay for so few rows of A, unless rows of B lie far apart.
constexpr int64_t kFewRows = 100;
constexpr int64_t kShortRow = 512;
// Of a block whose rows lie apart: the first-level cache would hold so many floats if they were neighbours.
constexpr int64_t kSpread = int64_t{32} << 10;

// Rows of a panel of op(B), and the way to the next panel, in floats.
struct Panels {
  const float* data;
  int64_t row, next;
};

// C = op(A) B for one block of B, `k` rows from `p` on, where A stays where it is; added to C if `add`.
void multiply_block(const Gemm& g, Range columns, int64_t p, int64_t k, Panels b, bool add) {
  const int64_t width = PackedMatrix::panel();
  GemmPanel panel;
  panel.m = g.m;
  panel.k = k;
  panel.a = g.a + (g.transpose_a ? p * g.lda : p);
  panel.lda = g.lda;
  panel.ldb = b.row;
  panel.ldc = g.ldc;
  panel.transpose_a = g.transpose_a;
  panel.add = add;
  const int64_t next = p + 2 * k <= g.k ? k : 0;  // rows to the next block, which is fetched meanwhile
  if (g.transpose_a) panel.ahead = panel.a + (g.lda == g.m ? next * g.lda : 0);
  for (int64_t j = columns.begin; j < columns.end; j += width) {
    if (g.transpose_a && j == width) panel.ahead = g.b + (g.ldb == g.n ? (p + next) * g.ldb : 0);
    panel.n = std::min(width, columns.end - j);
    panel.b = b.data;
    panel.c = g.c + j;
    loops().gemm_rows(panel);
    b.data += b.next;
  }
}

int64_t depth_of(const Gemm& g, bool in_place) {
  if (!g.transpose_a) return kDepth;
  return std::clamp(kSpread / std::max<int64_t>(1, in_place ? std::max(g.lda, g.ldb) : g.lda), kLeastDepth, kDepth);
}

}  // namespace

void block_product(const Gemm& g, float* scratch) {
  const int64_t panel = PackedMatrix::panel(), rest = g.n % panel;
  const bool in_place =
      !g.transpose_b && loops().gemm_width(rest) == rest && (g.transpose_a || (g.m <= kFewRows && g.ldb <= kShortRow));
  const int64_t depth = depth_of(g, in_place);
  for (int64_t j = 0; j < g.n; j += kColumns) {
    const Range columns = {j, std::min(j + kColumns, g.n)};
    for (int64_t p = 0; p < g.k || p == 0; p += depth) {
      const PackedMatrix block = {std::min(depth, g.k - p), columns.size(), scratch};
      const float* b = g.b + (g.transpose_b ? j * g.ldb + p : p * g.ldb + j);
      const bool add = g.accumulate || p > 0;
      if (!in_place) block.pack(b, g.ldb, g.transpose_b);
      if (g.transpose_a || in_place) {
        const Panels panels = in_place ? Panels{b, g.ldb, panel} : Panels{scratch, panel, block.k * panel};
        multiply_block(g, columns, p, block.k, panels, add);
      } else {
        block.multiply({0, columns.size()}, g.m, g.a + p, g.lda, g.c + j, g.ldc, add);
      }
    }
  }
}

}  // namespace convolt
