// The matrices of the Winograd algorithms with six points (0, 1, -1, 2, -1/2, infinity), each as a function on a line
// of numbers or vectors. F(N, 7 - N): y = A^T ((G w) * (B^T x)), N outputs from six inputs and 7 - N taps. The points
// are those of Barabasz et al. 2020 (Error Analysis and Improving the Accuracy of Winograd Convolution), whose error is
// about half of that of (0, 1, -1, 2, -2).
#pragma once

#include "loops/lanes.h"

namespace convolt::CONVOLT_ISA {

#define CONVOLT_INLINE inline __attribute__((always_inline))

typedef double Doubles __attribute__((vector_size(kLanes * 8)));

// The type of one number of F.
float element_of(float);
float element_of(Floats);
double element_of(double);
double element_of(Doubles);
template <typename F>
using ElementOf = decltype(element_of(F{}));

// t = B^T x
template <typename F>
CONVOLT_INLINE void input_line(const F (&x)[6], F (&t)[6]) {
  const F a = x[4] - x[2], b = x[3] - x[1];
  const F even = a - 1.5f * x[3], odd = b - 1.5f * x[2];
  t[0] = (x[0] - x[2]) - 1.5f * b + a;
  t[1] = even + odd;
  t[2] = even - odd;
  t[3] = a + 0.5f * b;
  t[4] = a - 2.0f * b;
  t[5] = (x[5] - x[3]) - 1.5f * a - b;
}

// t = G w for N taps: the polynomial of coefficients w at the six points, each value over the product of the point's
// distances from the others.
template <int N, typename F>
CONVOLT_INLINE void filter_line(const F (&w)[N], F (&t)[6]) {
  using E = ElementOf<F>;
  F even = w[0], odd = w[1], at_two = w[N - 1], at_half = w[N - 1];
#pragma GCC unroll 6
  for (int i = 2; i < N; ++i) (i % 2 ? odd : even) += w[i];
#pragma GCC unroll 6
  for (int i = N - 2; i >= 0; --i) {
    at_two = w[i] + E(2) * at_two;
    at_half = w[i] - E(0.5) * at_half;
  }
  even *= E(1.0 / 3);
  odd *= E(1.0 / 3);
  t[0] = w[0];
  t[1] = -even - odd;
  t[2] = even - odd;
  t[3] = at_two * E(1.0 / 15);
  t[4] = at_half * E(-16.0 / 15);
  t[5] = w[N - 1];
}

// y = A^T m for N outputs: the sums of the products, each times its point to the power of 0 to N - 1.
template <int N, typename F>
CONVOLT_INLINE void output_line(const F (&m)[6], F (&y)[N]) {
  const F sum = m[1] + m[2], difference = m[1] - m[2];
  ElementOf<F> two = 1, half = 1;
#pragma GCC unroll 6
  for (int i = 0; i < N; ++i, two *= 2, half /= -2) y[i] = (i % 2 ? difference : sum) + (two * m[3] + half * m[4]);
  y[0] += m[0];
  y[N - 1] += m[5];
}

}  // namespace convolt::CONVOLT_ISA
