// The matrices of the Winograd algorithms with six points (0, 1, -1, 2, -1/2, infinity), each as a function on a line
// of numbers or vectors. F(4, 3): y = A^T ((G w) * (B^T x)), four outputs from six inputs and three taps; F(3, 4):
// three outputs from the same inputs and four taps. The points are those of Barabasz et al. 2020 (Error Analysis and
// Improving the Accuracy of Winograd Convolution), whose error is about half of that of (0, 1, -1, 2, -2).
#pragma once

#include "loops/lanes.h"

namespace convolt::CONVOLT_ISA {

#define CONVOLT_INLINE inline __attribute__((always_inline))

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

// t = G w of F(4, 3), in float64: thirds and fifteenths are not exact, and a third of the error comes from here.
template <typename D>
CONVOLT_INLINE void filter_line(const D (&w)[3], D (&t)[6]) {
  const D even = (w[0] + w[2]) * (1.0 / 3), odd = w[1] * (1.0 / 3);
  t[0] = w[0];
  t[1] = -even - odd;
  t[2] = even - odd;
  t[3] = (w[0] + 2.0 * w[1] + 4.0 * w[2]) * (1.0 / 15);
  t[4] = (w[0] - 0.5 * w[1] + 0.25 * w[2]) * (-16.0 / 15);
  t[5] = w[2];
}

// y = A^T m of F(4, 3)
template <typename F>
CONVOLT_INLINE void output_line(const F (&m)[6], F (&y)[4]) {
  const F sum = m[1] + m[2], difference = m[1] - m[2];
  y[0] = m[0] + sum + (m[3] + m[4]);
  y[1] = difference + 2.0f * m[3] - 0.5f * m[4];
  y[2] = sum + 4.0f * m[3] + 0.25f * m[4];
  y[3] = difference + 8.0f * m[3] - 0.125f * m[4] + m[5];
}

// t = G g of F(3, 4)
template <typename F>
CONVOLT_INLINE void gradient_line(const F (&g)[4], F (&t)[6]) {
  const F even = (g[0] + g[2]) * (1.0f / 3), odd = (g[1] + g[3]) * (1.0f / 3);
  t[0] = g[0];
  t[1] = -even - odd;
  t[2] = even - odd;
  t[3] = (g[0] + 2.0f * g[1] + 4.0f * g[2] + 8.0f * g[3]) * (1.0f / 15);
  t[4] = (g[0] - 0.5f * g[1] + 0.25f * g[2] - 0.125f * g[3]) * (-16.0f / 15);
  t[5] = g[3];
}

// w = A^T m of F(3, 4)
template <typename F>
CONVOLT_INLINE void taps_line(const F (&m)[6], F (&w)[3]) {
  const F sum = m[1] + m[2], difference = m[1] - m[2];
  w[0] = m[0] + sum + (m[3] + m[4]);
  w[1] = difference + 2.0f * m[3] - 0.5f * m[4];
  w[2] = sum + 4.0f * m[3] + 0.25f * m[4] + m[5];
}

}  // namespace convolt::CONVOLT_ISA
