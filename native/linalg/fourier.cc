// Eigen wants interleaved complex numbers; rows are copied there and back.
#include "linalg/fourier.h"

#include <Eigen/Core>
#include <algorithm>
#include <complex>
#include <unsupported/Eigen/FFT>
#include <vector>

namespace convolt {

template <typename T>
struct Fourier<T>::Plan {
  using Complex = std::complex<T>;

  explicit Plan(int64_t n) : length(n), a(n + 1), b(n + 1), row(n + 1) {}

  // Eigen's transforms, but for rows of one number, which it does not know and which stay as they are.
  void forward() { length == 1 ? void(b[0] = a[0]) : fft.fwd(b.data(), a.data(), length); }
  void inverse() { length == 1 ? void(b[0] = a[0]) : fft.inv(b.data(), a.data(), length); }
  void forward_row() { length == 1 ? void(b[0] = row[0]) : fft.fwd(b.data(), row.data(), length); }
  void inverse_row() { length == 1 ? void(row[0] = a[0].real()) : fft.inv(row.data(), a.data(), length); }

  int64_t length;
  Eigen::FFT<T> fft;
  std::vector<Complex> a, b;
  std::vector<T> row;
};

template <typename T>
Fourier<T>::Fourier(int64_t length) : plan_(std::make_unique<Plan>(length)) {
  plan_->fft.SetFlag(Eigen::FFT<T>::HalfSpectrum);
  if (length == 0) return;
  // The first use of each direction makes its tables.
  const std::vector<T> x(length);
  std::vector<T> re(length), im(length);
  transform(x.data(), x.data(), re.data(), im.data(), false);
  transform(x.data(), x.data(), re.data(), im.data(), true);
  forward_real(x.data(), re.data(), im.data());
  inverse_real(x.data(), x.data(), re.data());
}

template <typename T>
Fourier<T>::~Fourier() = default;

template <typename T>
void Fourier<T>::transform(const T* re, const T* im, T* out_re, T* out_im, bool inverse) {
  Plan& plan = *plan_;
  const int64_t n = plan.length;
  for (int64_t i = 0; i < n; ++i) plan.a[i] = {re[i], im[i]};
  inverse ? plan.inverse() : plan.forward();
  for (int64_t i = 0; i < n; ++i) {
    out_re[i] = plan.b[i].real();
    out_im[i] = plan.b[i].imag();
  }
}

template <typename T>
void Fourier<T>::forward_real(const T* x, T* re, T* im) {
  Plan& plan = *plan_;
  std::copy(x, x + plan.length, plan.row.begin());
  plan.forward_row();
  for (int64_t k = 0; k <= plan.length / 2; ++k) {
    re[k] = plan.b[k].real();
    im[k] = plan.b[k].imag();
  }
}

template <typename T>
void Fourier<T>::inverse_real(const T* re, const T* im, T* x) {
  Plan& plan = *plan_;
  for (int64_t k = 0; k <= plan.length / 2; ++k) plan.a[k] = {re[k], im[k]};
  plan.inverse_row();
  std::copy(plan.row.begin(), plan.row.begin() + plan.length, x);
}

template class Fourier<float>;
template class Fourier<double>;

}  // namespace convolt
