// Speed of matrix products: our choice of algorithm and OpenBLAS in turns, on one thread; then layers of networks on
// the pool.
#include <ctime>

#include "bench/measure.h"
#include "gemm/product.h"

namespace {

using namespace convolt;

// Processor time of this thread in microseconds: other processes disturb it less than they do the clock.
double processor_time() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e6 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_nsec);
}

// The least times of two bodies, run in turns, in microseconds.
template <typename A, typename B>
std::pair<double, double> least_in_turns(const A& a, const B& b) {
  const auto time = [](const auto& body, int64_t runs) {
    const double start = processor_time();
    for (int64_t i = 0; i < runs; ++i) body();
    return (processor_time() - start) / static_cast<double>(runs);
  };
  const auto runs = static_cast<int64_t>(std::max(1.0, 500 / std::max(time(b, 1), time(b, 1))));
  std::pair<double, double> least = {1e30, 1e30};
  for (int i = 0; i < 9; ++i) {
    least.first = std::min(least.first, time(a, runs));
    least.second = std::min(least.second, time(b, runs));
  }
  return least;
}

void compare(int64_t m, int64_t k, int64_t n, bool transpose_a, bool transpose_b) {
  const Operand a({m, k}), b({k, n}), c({m, n});
  const Product product = {.gemm = {.m = m,
                                    .n = n,
                                    .k = k,
                                    .a = static_cast<const float*>(a.tensor().data),
                                    .lda = transpose_a ? m : k,
                                    .b = static_cast<const float*>(b.tensor().data),
                                    .ldb = transpose_b ? k : n,
                                    .c = static_cast<float*>(c.tensor().data),
                                    .ldc = n,
                                    .transpose_a = transpose_a,
                                    .transpose_b = transpose_b}};
  ThreadPool pool(1);
  AlignedBuffer workspace;
  if (!workspace.allocate(product_workspace(product, 1)).is_ok()) std::exit(1);
  const auto [ours, blas] =
      least_in_turns([&] { multiply(product, pool, workspace.data()); }, [&] { sgemm(product.gemm); });
  const double gflops = 2e-3 * static_cast<double>(m * n * k);
  std::printf("[%5lld, %5lld] x [%5lld, %5lld] %s %s  %-4s %7.1f GFLOP/s, OpenBLAS %7.1f: %5.2f\n",
              static_cast<long long>(m), static_cast<long long>(k), static_cast<long long>(k),
              static_cast<long long>(n), transpose_a ? "A^T" : "   ", transpose_b ? "B^T" : "   ",
              chooses_own(product.gemm) ? "own" : "BLAS", gflops / ours, gflops / blas, blas / ours);
}

void layer(int64_t m, int64_t k, int64_t n, bool transpose_a = false, bool transpose_b = false) {
  const std::vector<int64_t> shape_a = transpose_a ? std::vector{k, m} : std::vector{m, k};
  const std::vector<int64_t> shape_b = transpose_b ? std::vector{n, k} : std::vector{k, n};
  const Operand a(shape_a), b(shape_b), y({m, n});
  const std::string what = "[" + std::to_string(m) + ", " + std::to_string(k) + "] x [" + std::to_string(k) + ", " +
                           std::to_string(n) + "]" + (transpose_a ? " A^T" : "") + (transpose_b ? " B^T" : "");
  report(what, 2.0 * m * n * k, "GFLOP/s", "matmul", {transpose_a ? 1.0 : 0.0, transpose_b ? 1.0 : 0.0},
         {a.tensor(), b.tensor()}, {y.tensor()});
}

}  // namespace

int main() {
  std::printf("%s\n", blas_name());
  constexpr int64_t kShapes[][3] = {
      {8, 16, 32},     {16, 8, 32},      {32, 32, 32},     {64, 64, 64},       {96, 96, 96},
      {128, 128, 128}, {256, 256, 256},  {512, 512, 512},  {1024, 1024, 1024},                    // square
      {1, 784, 512},   {1, 4096, 1000},  {4, 512, 512},    {16, 4096, 1024},   {49, 2048, 512},   // few rows
      {64, 3136, 512}, {128, 784, 512},  {128, 512, 10},   {128, 10, 512},     {2000, 64, 10},    // layers of an MLP
      {32, 50000, 10}, {64, 20000, 64},  {256, 12544, 64}, {512, 3136, 512},   {147, 12544, 64},  // long sums
      {3136, 16, 96},  {3136, 24, 144},  {3136, 96, 24},   {3136, 96, 16},     {3136, 96, 8},
      {3136, 64, 256}, {12544, 256, 64},                                                        // pointwise
      {3136, 27, 32},  {12544, 147, 64}, {784, 1152, 256}, {196, 2304, 256},   {100, 1000, 1},  // patches
      {255, 257, 253}, {33, 1000, 17},   {1000, 5, 7},     {7, 300, 1000},                      // odd
  };
  for (const auto& [m, k, n] : kShapes) {
    for (const bool transpose_a : {false, true}) {
      for (const bool transpose_b : {false, true}) compare(m, k, n, transpose_a, transpose_b);
    }
  }
  layer(1, 784, 512);
  layer(1, 25088, 4096);
  layer(128, 784, 512);
  layer(128, 512, 784, false, true);
  layer(784, 128, 512, true);
  layer(64, 3136, 512);
  layer(64, 512, 3136, false, true);
  layer(3136, 64, 512, true);
  layer(32, 50000, 10, true);
  layer(1024, 1024, 1024);
}
