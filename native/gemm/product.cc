// How products are cut into tasks: by shape alone.
#include "gemm/product.h"

#include <algorithm>

#include "base/caches.h"
#include "gemm/block-product.h"
#include "gemm/packed-matrix.h"
#include "gemm/partials.h"
#include "gemm/vector-product.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kFlopsPerTask = int64_t{1} << 21;  // about 20 us: far above the price of a task
constexpr int64_t kMostTasks = 32;
constexpr int64_t kMostBlasTasks = 16;
constexpr int64_t kLeastSide = 64;                    // of a piece of C
constexpr int64_t kLeastDepth = 512;                  // of a piece of the sum over k
constexpr int64_t kRangeFloats = int64_t{32} << 10;   // of C in a range of rows: they stay in the second-level cache
constexpr int64_t kRangeRows = 84;                    // a multiple of the rows of every tile
constexpr int64_t kFewRows = 168;                     // few enough for each task to pack columns of its own
constexpr int64_t kSmallResult = int64_t{128} << 10;  // floats of C of which a copy per piece of the sum is affordable
constexpr int64_t kMostDepths = 8;

// The rule of `chooses_own`.
constexpr int64_t kLeastWork = int64_t{4} << 20;  // products; BLAS is quick at small ones
constexpr int64_t kManyRows = 128;
constexpr int64_t kSomeRows = 32;
constexpr int64_t kMostApart = 2048;  // floats between rows of B^T
constexpr int64_t kShortSum = 256;
constexpr int64_t kLongSum = 1024;
constexpr int64_t kWidePanel = 32;
constexpr int64_t kMostColumns = 256;                // of a block of B
constexpr int64_t kMostResult = int64_t{64} << 10;   // floats of C
constexpr int64_t kMostCached = int64_t{128} << 10;  // floats of B: half of a second-level cache

// The rule of `turns_a`.
constexpr int64_t kTurnedColumns = 512;
constexpr int64_t kTurnedStrip = 64;
constexpr int64_t kTurnedApart = 16;  // rows that lie a power of two apart fight for the same lines of the cache

// At most a ninth of the vectors' places are empty.
bool fills_panels(const Gemm& g) { return g.m > 1 && 8 * loops().gemm_width(g.n) <= 9 * g.n; }

// How a batch of products is cut into tasks.
struct Cuts {
  explicit Cuts(const Product& p);
  int64_t tasks() const { return batch * rows * columns * depth; }
  int64_t partials(const Product& p) const { return p.batch.count * (depth - 1) * p.gemm.m * p.gemm.n; }
  int64_t packed(const Product& p) const {
    return packs ? p.batch.count * PackedMatrix::floats(p.gemm.k, p.gemm.n) : 0;
  }

  int64_t batch = 1, rows = 1, columns = 1, depth = 1;  // pieces
  int64_t range;                                        // rows
  bool own, packs = false;                              // op(B) is packed whole, before the products

 private:
  void cut_rows(const Gemm& g, int64_t wanted);
  void cut_sides(const Gemm& g, int64_t wanted);
};

int64_t range_rows(const Gemm& g) {
  const int64_t cached = kRangeFloats / std::max<int64_t>(1, g.n) / kRangeRows * kRangeRows;
  const int64_t even = ceil_div(ceil_div(g.m, kMostTasks / 2), kRangeRows / 3) * (kRangeRows / 3);
  return std::max<int64_t>(std::min(even, std::max(cached, kRangeRows)), 1);
}

Cuts::Cuts(const Product& p) : range(range_rows(p.gemm)), own(p.prepared || chooses_own(p.gemm)) {
  const Gemm& g = p.gemm;
  const int64_t wanted = std::clamp<int64_t>(2 * g.m * g.n * g.k * p.batch.count / kFlopsPerTask, 1, kMostTasks);
  batch = std::clamp<int64_t>(p.batch.count, 1, wanted);
  if (own && !g.transpose_a) {
    cut_rows(g, wanted);
    packs = rows > 1 || p.prepared != nullptr;
  } else {
    cut_sides(g, wanted);
  }
}

// Ranges of rows first, since all of them can share one packed B; columns where the rows are too few.
void Cuts::cut_rows(const Gemm& g, int64_t wanted) {
  const int64_t most_columns = std::max<int64_t>(1, g.n / (2 * PackedMatrix::panel()));
  wanted = ceil_div(wanted, batch);
  if (g.m > kFewRows || most_columns < wanted / 2) rows = std::clamp<int64_t>(ceil_div(g.m, range), 1, wanted);
  columns = std::clamp<int64_t>(ceil_div(wanted, rows), 1, most_columns);
}

void Cuts::cut_sides(const Gemm& g, int64_t wanted) {
  if (!own) wanted = std::min(wanted, kMostBlasTasks);  // it packs anew for each
  if (own && g.m * g.n <= kSmallResult) {               // whole rows of A and B are read once
    wanted = std::min(wanted, batch * kMostDepths);
    depth = std::clamp<int64_t>(wanted / batch, 1, std::max<int64_t>(1, g.k / kLeastDepth));
  }
  while (tasks() < wanted) {
    const int64_t height = g.m / rows, width = g.n / columns;
    if (std::max(height, width) < 2 * kLeastSide) break;
    (height >= width ? rows : columns) *= 2;
  }
  while (tasks() < wanted && g.k / depth >= 2 * kLeastDepth) depth *= 2;
}

// The part of `g` that computes the given rows and columns of C from the given part of the sum.
Gemm part(const Gemm& g, Range rows, Range columns, Range depth) {
  Gemm result = g;
  result.m = rows.size();
  result.n = columns.size();
  result.k = depth.size();
  result.a += g.transpose_a ? depth.begin * g.lda + rows.begin : rows.begin * g.lda + depth.begin;
  result.b += g.transpose_b ? columns.begin * g.ldb + depth.begin : depth.begin * g.ldb + columns.begin;
  result.c += rows.begin * g.ldc + columns.begin;
  return result;
}

Gemm item(const Product& p, int64_t i) {
  Gemm g = p.gemm;
  g.a += i * p.batch.stride_a;
  g.b += i * p.batch.stride_b;
  g.c += i * p.batch.stride_c;
  return g;
}

PackedMatrix packed_of(const Product& p, int64_t i, float* packed) {
  return {p.gemm.k, p.gemm.n, packed + i * PackedMatrix::floats(p.gemm.k, p.gemm.n)};
}

void pack(const Product& p, float* packed, ThreadPool& pool) {
  for (int64_t i = 0; i < p.batch.count; ++i) {
    packed_of(p, i, packed).pack(item(p, i).b, p.gemm.ldb, p.gemm.transpose_b, pool);
  }
}

// Rows of C, range by range, each followed by its tail while it is in the cache.
void multiply_rows(const Gemm& g, const PackedMatrix& packed, Range rows, Range columns, int64_t range,
                   const AfterRows& after, int thread) {
  // In training, where no clip follows, the next step reads the result at once: there it is worth its room in the
  // cache.
  const bool is_large = g.m * g.n * static_cast<int64_t>(sizeof(float)) >= kBeyondCaches;
  const bool past_caches = is_large && after.clip().bias != nullptr;
  for (int64_t begin = rows.begin; begin < rows.end; begin += range) {
    const int64_t end = std::min(begin + range, rows.end);
    packed.multiply(columns, end - begin, g.a + begin * g.lda, g.lda, g.c + begin * g.ldc + columns.begin, g.ldc, false,
                    part_of(after.clip(), begin * g.ldc + columns.begin, 0), past_caches);
    if (!after.clip().bias) after(begin / range, begin, end, thread);
  }
  if (past_caches) loops().end_stream();
}

// A large product with A transposed for which BLAS would be asked: A is turned first, which costs little beside it, and
// then our own tiles are quicker.
bool turns_a(const Product& p) {
  const Gemm& g = p.gemm;
  return g.transpose_a && !g.transpose_b && p.batch.count == 1 && g.m >= kManyRows && g.n >= kTurnedColumns &&
         g.k >= kLeastDepth && fills_panels(g) && !chooses_own(g);
}

int64_t turned_row(const Gemm& g) { return g.k + kTurnedApart; }

// The product with A as its rows [m, k] lie in `rows`.
Product with_turned_a(const Product& p, const float* rows) {
  Product turned = p;
  turned.gemm.a = rows;
  turned.gemm.lda = turned_row(p.gemm);
  turned.gemm.transpose_a = false;
  return turned;
}

void turn_a(const Gemm& g, float* rows, ThreadPool& pool) {
  pool.parallel_for(ceil_div(g.k, kTurnedStrip), [&](int64_t i, int) {
    const int64_t p = i * kTurnedStrip;
    loops().pack_transposed(rows + p, turned_row(g), g.a + p * g.lda, g.lda, std::min(kTurnedStrip, g.k - p), g.m);
  });
}

bool is_vector(const Product& p) { return p.batch.count == 1 && !p.prepared && is_vector_product(p.gemm); }

// The ranges of rows of C, all of which are final.
void hand_on(const Product& p, ThreadPool& pool, const AfterRows& after) {
  if (!after) return;
  const int64_t range = range_rows(p.gemm);
  pool.parallel_for(ceil_div(p.gemm.m, range),
                    [&](int64_t i, int thread) { after(i, i * range, std::min((i + 1) * range, p.gemm.m), thread); });
}

}  // namespace

void multiply(const Product& p, ThreadPool& pool, void* workspace, const AfterRows& after) {
  if (is_vector(p)) {
    vector_product(p.gemm, pool, workspace);
    return hand_on(p, pool, after);
  }
  if (turns_a(p)) {
    auto* rows = static_cast<float*>(workspace);
    turn_a(p.gemm, rows, pool);
    return multiply(with_turned_a(p, rows), pool, rows + p.gemm.m * turned_row(p.gemm), after);
  }
  const Cuts cuts(p);
  const Gemm& g = p.gemm;
  auto* partials = static_cast<float*>(workspace);  // of all pieces of the sum but the first
  float* packed = p.prepared ? const_cast<float*>(p.prepared) : partials + cuts.partials(p);
  float* scratch = partials + cuts.partials(p) + cuts.packed(p);
  if (cuts.packs && !p.prepared) pack(p, packed, pool);
  // The tail follows whole rows; a clip follows any part of them.
  const bool follows = cuts.packs && p.batch.count == 1 && (cuts.columns == 1 || after.clip().bias);

  pool.parallel_for(cuts.tasks(), [&](int64_t task, int thread) {
    const int64_t depth = task % cuts.depth;
    const int64_t column = task / cuts.depth % cuts.columns;
    const int64_t row = task / (cuts.depth * cuts.columns) % cuts.rows;
    const Range items = cut(p.batch.count, cuts.batch, task / (cuts.depth * cuts.columns * cuts.rows));
    const Range rows = cut(g.m, cuts.rows, row, cuts.packs ? cuts.range : 16);
    const Range columns = cut(g.n, cuts.columns, column, cuts.own ? PackedMatrix::panel() : 16);
    for (int64_t i = items.begin; i < items.end; ++i) {
      Gemm whole = item(p, i);
      if (cuts.packs) {
        multiply_rows(whole, packed_of(p, i, packed), rows, columns, cuts.range, follows ? after : AfterRows(), thread);
        continue;
      }
      if (depth > 0) {
        whole.c = partials + (i * (cuts.depth - 1) + depth - 1) * g.m * g.n;
        whole.ldc = g.n;
      }
      const Gemm piece = part(whole, rows, columns, cut(g.k, cuts.depth, depth, 16));
      cuts.own ? block_product(piece, scratch + thread * kBlockScratch) : sgemm(piece);
    }
  });
  for (int64_t i = 0; cuts.depth > 1 && i < p.batch.count; ++i) {
    const float* of_product = partials + i * (cuts.depth - 1) * g.m * g.n;
    add_partials(item(p, i).c, g.ldc, of_product, cuts.depth - 1, g.m, g.n, pool);
  }
  if (!follows) hand_on(p, pool, after);
}

int64_t product_workspace(const Product& p, int threads) {
  if (is_vector(p)) return vector_product_workspace(p.gemm);
  if (turns_a(p)) {
    const int64_t rows = p.gemm.m * turned_row(p.gemm) * static_cast<int64_t>(sizeof(float));
    return rows + product_workspace(with_turned_a(p, nullptr), threads);
  }
  const Cuts cuts(p);
  const int64_t scratch = cuts.own && !cuts.packs ? threads * kBlockScratch : 0;
  return (cuts.partials(p) + (p.prepared ? 0 : cuts.packed(p)) + scratch) * static_cast<int64_t>(sizeof(float));
}

int64_t prepared_product_bytes(const Product& p) {
  if (p.gemm.transpose_a || !fills_panels(p.gemm)) return 0;
  return p.batch.count * PackedMatrix::floats(p.gemm.k, p.gemm.n) * static_cast<int64_t>(sizeof(float));
}

void prepare_product(const Product& p, ThreadPool& pool, void* prepared) {
  pack(p, static_cast<float*>(prepared), pool);
}

bool chooses_own(const Gemm& g) {
  if ((g.transpose_a && g.transpose_b) || !fills_panels(g) || g.m * g.n * g.k < kLeastWork) return false;
  if (g.transpose_a && g.k <= kShortSum) return loops().gemm_panel() >= kWidePanel;
  if (g.transpose_a) return g.k >= kLongSum && g.n <= kMostColumns && g.m * g.n <= kMostResult;
  if (g.transpose_b && g.m >= kSomeRows && g.ldb <= kMostApart) return true;
  return g.k * g.n <= kMostCached || g.m >= kManyRows;
}

int64_t product_ranges(const Product& p) { return ceil_div(p.gemm.m, range_rows(p.gemm)); }

}  // namespace convolt
