// Speed of matrix products: tiny ones, the layers of an MLP and their gradients, one row, and a long sum.
#include "bench/measure.h"
#include "gemm/sgemm.h"

namespace {

using namespace convolt;

void product(int64_t m, int64_t k, int64_t n, bool transpose_a = false, bool transpose_b = false) {
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
  product(8, 16, 32);
  product(8, 32, 16, false, true);
  product(16, 8, 32, true);
  product(64, 64, 64);
  product(1, 784, 512);
  for (const int64_t in : {784, 512}) {
    product(128, in, 512);
    product(128, 512, in, false, true);
    product(in, 128, 512, true);
  }
  product(128, 512, 10);
  product(512, 128, 10, true);
  product(64, 3136, 512);
  product(64, 512, 3136, false, true);
  product(3136, 64, 512, true);
  product(32, 50000, 10, true);
  product(1024, 1024, 1024);
}
