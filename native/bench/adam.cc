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
      {Op::mul, t, a1, g},           {Op::mulAdd, t + 1, b1, m, t}, {Op::mul, t, a2, g},
      {Op::mul, t, t, g},            {Op::mulAdd, t + 2, b2, v, t}, {Op::div, t, t + 1, c1},
      {Op::mul, t, rate, t},         {Op::div, t + 3, t + 2, c2},   {Op::sqrt, t + 3, t + 3},
      {Op::add, t + 3, t + 3, eps},  {Op::div, t, t, t + 3},        {Op::sub, t, w, t},
  };
  text.ends = {{t + 1, 0}, {t + 2, 0}, {t, 0}};
  return text;
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) void by_hand(const float* g, float* m, float* v, float* w, float rate, float c1, float c2, int64_t n) {
  const __m512 b1 = _mm512_set1_ps(kBeta1), a1 = _mm512_set1_ps(1 - kBeta1), b2 = _mm512_set1_ps(kBeta2),
               a2 = _mm512_set1_ps(1 - kBeta2), eps = _mm512_set1_ps(kEpsilon), r = _mm512_set1_ps(rate / c1),
               s = _mm512_set1_ps(1 / c2);
  for (int64_t i = 0; i + 16 <= n; i += 16) {
    const __m512 gi = _mm512_loadu_ps(g + i);
    const __m512 mi = _mm512_fmadd_ps(b1, _mm512_loadu_ps(m + i), _mm512_mul_ps(a1, gi));
    const __m512 vi = _mm512_fmadd_ps(b2, _mm512_loadu_ps(v + i), _mm512_mul_ps(a2, _mm512_mul_ps(gi, gi)));
    const __m512 root = _mm512_add_ps(_mm512_sqrt_ps(_mm512_mul_ps(vi, s)), eps);
    _mm512_storeu_ps(m + i, mi);
    _mm512_storeu_ps(v + i, vi);
    _mm512_storeu_ps(w + i, _mm512_sub_ps(_mm512_loadu_ps(w + i), _mm512_div_ps(_mm512_mul_ps(r, mi), root)));
  }
}
#endif

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

void compare(int64_t n, int threads) {
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
      by_hand(static_cast<float*>(g.data) + begin, static_cast<float*>(m.data) + begin, static_cast<float*>(v.data) + begin,
              static_cast<float*>(w.data) + begin, 1e-3f, 0.1f, 0.001f, end - begin);
    };
    pool.parallel_for(tasks, part);
  };
  const int inner = static_cast<int>(std::max<int64_t>(1, 200000 / n));
  std::vector<double> ours, theirs;
  for (int i = 0; i < 31; ++i) {
    ours.push_back(microseconds([&] { for (int k = 0; k < inner; ++k) group.run(); }) / inner);
    theirs.push_back(microseconds([&] { for (int k = 0; k < inner; ++k) hand(); }) / inner);
  }
  std::printf("%9ld elements, %d threads: interpreter %9.1f us, by hand %9.1f us, ratio %.2f (best %.2f)\n", n, threads, median(ours),
              median(theirs), median(ours) / median(theirs),
              *std::min_element(ours.begin(), ours.end()) / *std::min_element(theirs.begin(), theirs.end()));
}

}  // namespace

int main() {
  std::printf("%s, blocks of %ld\n", isa_name(active_isa()), kBlock);
  for (const int threads : {1, 2}) {
    for (const int64_t n : {1000, 10000, 400000, 4000000}) compare(n, threads);
  }
}
