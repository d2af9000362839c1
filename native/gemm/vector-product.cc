// Tasks take neighbouring rows of the matrix and sum to vectors of their own, which are added in order.
#include "gemm/vector-product.h"

#include <algorithm>

#include "gemm/cut.h"
#include "gemm/partials.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kFloatsPerTask = int64_t{128} << 10;
constexpr int64_t kMostTasks = 16;
constexpr int64_t kLeastRows = 64;  // of a task
constexpr int64_t kColumns = 2048;  // of sums that stay in the first-level cache

// y [n] = x [k] * matrix [k, n]
struct Parts {
  explicit Parts(const Gemm& g) : k(g.k), y(g.c) {
    const bool row = g.m == 1 && !g.transpose_b;
    n = row ? g.n : g.m;
    x = row ? g.a : g.b;
    step = row ? (g.transpose_a ? g.lda : 1) : (g.transpose_b ? 1 : g.ldb);
    matrix = row ? g.b : g.a;
    ld = row ? g.ldb : g.lda;
    tasks = std::clamp<int64_t>(std::min(k * n / kFloatsPerTask, k / kLeastRows), 1, kMostTasks);
  }

  int64_t k, n, step, ld, tasks;
  const float* x;
  const float* matrix;
  float* y;
};

}  // namespace

bool is_vector_product(const Gemm& g) {
  return (g.m == 1 && !g.transpose_b) || (g.n == 1 && g.transpose_a && g.ldc == 1);
}

void vector_product(const Gemm& g, ThreadPool& pool, void* workspace) {
  const Parts p(g);
  auto* partials = static_cast<float*>(workspace);
  pool.parallel_for(p.tasks, [&](int64_t task, int) {
    const Range rows = cut(p.k, p.tasks, task);
    float* sums = task == 0 ? p.y : partials + (task - 1) * p.n;
    loops().fill(sums, 0.0f, p.n);
    for (int64_t j = 0; j < p.n; j += kColumns) {
      loops().add_rows(sums + j, p.x + rows.begin * p.step, p.step, p.matrix + rows.begin * p.ld + j, p.ld, rows.size(),
                       std::min(kColumns, p.n - j));
    }
  });
  add_partials(p.y, p.n, partials, p.tasks - 1, 1, p.n, pool);
}

int64_t vector_product_workspace(const Gemm& g) {
  const Parts p(g);
  return (p.tasks - 1) * p.n * static_cast<int64_t>(sizeof(float));
}

}  // namespace convolt
