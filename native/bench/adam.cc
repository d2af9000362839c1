// The fused Adam update by the block interpreter against a loop written by hand, over sizes and threads.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "tests/fused-group.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

using namespace convolt;

constexpr float kBeta1 = 0.9f, kBeta2 = 0.999f, kEpsilon = 1e-8f;

// m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w = w - rate (m / c1) / (sqrt(v / c2) + eps)
GroupText adam(int64_t n) {
  const int g = 0, m = 1, v = 2, w = 3, rate = 4, c1 = 5, c2 = 6, b1 = 7, a1 = 8, b2 = 9, a2 = 10, eps = 11, t = 12;
  GroupText text{{n}, {kBeta1, 1 - kBeta1, kBeta2, 1 - kBeta2, kEpsilon}, {}, {}};
  text.lines = {
      {Op::mul, t, a1, g},           {Op::mulAdd, t + 1, b1, m, t}, {Op::mul, t, a2, g},    {Op::mul, t, t, g},
      {Op::mulAdd, t + 2, b2, v, t}, {Op::div, t, t + 1, c1},       {Op::mul, t, rate, t},  {Op::div, t + 3, t + 2, c2},
      {Op::sqrt, t + 3, t + 3},      {Op::add, t + 3, t + 3, eps},  {Op::div, t, t, t + 3}, {Op::sub, t, w, t},
  };
  text.ends = {{t + 1, 0}, {t + 2, 0}, {t, 0}};
  return text;
}

using Update = void (*)(const float* g, float* m, float* v, float* w, float rate, float c1, float c2, int64_t n);

// The update in the intrinsics of one instruction set; n is a multiple of `lanes`.
#define UPDATE(label, target_name, lanes, vector, mm)                                                                 \
  __attribute__((target(target_name))) void label(const float* g, float* m, float* v, float* w, float rate, float c1, \
                                                  float c2, int64_t n) {                                              \
    const vector b1 = mm##_set1_ps(kBeta1), a1 = mm##_set1_ps(1 - kBeta1), b2 = mm##_set1_ps(kBeta2);                 \
    const vector a2 = mm##_set1_ps(1 - kBeta2), epsilon = mm##_set1_ps(kEpsilon);                                     \
    const vector r = mm##_set1_ps(rate / c1), s = mm##_set1_ps(1 / c2);                                               \
    for (int64_t i = 0; i < n; i += lanes) {                                                                          \
      const vector gi = mm##_loadu_ps(g + i);                                                                         \
      const vector mi = mm##_fmadd_ps(b1, mm##_loadu_ps(m + i), mm##_mul_ps(a1, gi));                                 \
      const vector vi = mm##_fmadd_ps(b2, mm##_loadu_ps(v + i), mm##_mul_ps(a2, mm##_mul_ps(gi, gi)));                \
      const vector root = mm##_add_ps(mm##_sqrt_ps(mm##_mul_ps(vi, s)), epsilon);                                     \
      mm##_storeu_ps(m + i, mi);                                                                                      \
      mm##_storeu_ps(v + i, vi);                                                                                      \
      mm##_storeu_ps(w + i, mm##_sub_ps(mm##_loadu_ps(w + i), mm##_div_ps(mm##_mul_ps(r, mi), root)));                \
    }                                                                                                                 \
  }

#if defined(__x86_64__)
UPDATE(update_avx2, "avx2,fma", 8, __m256, _mm256)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // inside of gcc's own header
UPDATE(update_avx512, "avx512f", 16, __m512, _mm512)
#pragma GCC diagnostic pop
#endif

Update update_by_hand() {
#if defined(__x86_64__)
  if (active_isa() >= Isa::kAvx512) return update_avx512;
  if (active_isa() == Isa::kAvx2) return update_avx2;
#endif
  return nullptr;
}

template <typename F>
double microseconds(const F& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

void compare(Update update, int64_t n, int threads) {
  ThreadPool pool(threads);
  Memory memory;
  const std::vector<int64_t> sizes{n};
  Tensor g = memory.make(sizes), m = memory.make(sizes), v = memory.make(sizes), w = memory.make(sizes);
  Tensor rate = memory.make({}), c1 = memory.make({}), c2 = memory.make({});
  *static_cast<float*>(rate.data) = 1e-3f;
  *static_cast<float*>(c1.data) = 0.1f;
  *static_cast<float*>(c2.data) = 0.001f;
  for (int64_t i = 0; i < n; ++i) static_cast<float*>(g.data)[i] = static_cast<float>(i % 97) / 97 - 0.5f;
  BoundGroup group(adam(n), {g, m, v, w, rate, c1, c2}, {m, v, w}, active_isa(), pool);
  if (!group.status().is_ok()) {
    std::fprintf(stderr, "%s\n", group.status().message().c_str());
    std::exit(1);
  }
  const int64_t tasks = std::clamp<int64_t>(n / 4096, 1, 128);
  const auto hand = [&] {
    const auto part = [&](int64_t task, int) {
      const int64_t begin = n / 16 * task / tasks * 16, end = n / 16 * (task + 1) / tasks * 16;
      update(static_cast<float*>(g.data) + begin, static_cast<float*>(m.data) + begin,
             static_cast<float*>(v.data) + begin, static_cast<float*>(w.data) + begin, 1e-3f, 0.1f, 0.001f,
             end - begin);
    };
    pool.parallel_for(tasks, part);
  };
  const int inner = static_cast<int>(std::max<int64_t>(1, 200000 / n));
  std::vector<double> ours, theirs;
  for (int i = 0; i < 31; ++i) {
    ours.push_back(microseconds([&] {
                     for (int k = 0; k < inner; ++k) group.run();
                   }) /
                   inner);
    theirs.push_back(microseconds([&] {
                       for (int k = 0; k < inner; ++k) hand();
                     }) /
                     inner);
  }
  std::printf("%9ld elements, %d threads: interpreter %9.1f us, by hand %9.1f us, ratio %.2f (best %.2f)\n", n, threads,
              median(ours), median(theirs), median(ours) / median(theirs),
              *std::min_element(ours.begin(), ours.end()) / *std::min_element(theirs.begin(), theirs.end()));
}

}  // namespace

int main() {
  const Update update = update_by_hand();
  if (!update) {
    std::printf("no update written by hand for %s\n", isa_name(active_isa()));
    return 0;
  }
  std::printf("%s, blocks of %ld\n", isa_name(active_isa()), kBlock);
  for (const int threads : {1, 2}) {
    for (const int64_t n : {1000, 10000, 400000, 4000000}) compare(update, n, threads);
  }
}
