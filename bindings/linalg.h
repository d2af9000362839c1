// Linear algebra for JavaScript: functions of sizes and views.
#pragma once

#include <napi.h>

namespace convolt {

// Adds `svd`, `symmetricEigen`, `cholesky`, `leastSquares`, `triangularSolve` and `fourier` to the exports.
void define_linalg(Napi::Env env, Napi::Object exports);

}  // namespace convolt
