// Fourier transforms of rows of any length, through Eigen.
#pragma once

#include <cstdint>
#include <memory>

namespace convolt {

// Transforms rows of one length: X_k = sum of x_j e^(-2 pi i j k / n), and back, x_j = sum of X_k e^(2 pi i j k / n) /
// n. Everything is allocated by the constructor. One thread at a time.
template <typename T>
class Fourier {
 public:
  explicit Fourier(int64_t length);
  ~Fourier();
  Fourier(const Fourier&) = delete;
  Fourier& operator=(const Fourier&) = delete;

  // Complex to complex; outputs may be the inputs.
  void transform(const T* re, const T* im, T* out_re, T* out_im, bool inverse);
  // Real to the first length / 2 + 1 of the complex numbers; the others are their conjugates.
  void forward_real(const T* x, T* re, T* im);
  // The way back; imaginary parts that no real row has are not read.
  void inverse_real(const T* re, const T* im, T* x);

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

extern template class Fourier<float>;
extern template class Fourier<double>;

}  // namespace convolt
