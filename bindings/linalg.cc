// Every function takes (sizes, inputs, outputs): whole numbers and Float64Arrays that are as long as the sizes say.
#include "linalg.h"

#include <initializer_list>

#include "arguments.h"
#include "errors.h"
#include "linalg/decompositions.h"
#include "linalg/fourier.h"

namespace convolt {
namespace {

constexpr int64_t kMostElements = int64_t{1} << 28;

// The arguments of one call.
struct Call {
  std::vector<int64_t> sizes;
  std::vector<double*> in, out;
};

// Views of just so many doubles each.
Status doubles(const char* name, const std::vector<std::span<std::byte>>& views, std::initializer_list<int64_t> lengths,
               std::vector<double*>* out) {
  if (views.size() != lengths.size()) return {Code::kValue, std::string(name) + ": expected another number of arrays"};
  for (size_t i = 0; i < views.size(); ++i) {
    const int64_t length = lengths.begin()[i];
    if (length > kMostElements || views[i].size() != static_cast<size_t>(length) * sizeof(double)) {
      return {Code::kShape, std::string(name) + ": expected an array to have " + std::to_string(length) +
                                " numbers, at most 2^28, but got " + std::to_string(views[i].size() / sizeof(double))};
    }
    out->push_back(reinterpret_cast<double*>(views[i].data()));
  }
  return Status::ok();
}

using Lengths = std::initializer_list<int64_t>;

// Reads the arguments of `name`; `lengths(sizes, body)` tells body(inputs, outputs) how long the arrays shall be.
template <size_t kSizes, typename Check>
Status read_call(const Napi::CallbackInfo& info, const char* name, const Check& check, Call* call) {
  std::vector<double> sizes;
  CONVOLT_TRY(numbers_argument(info.Env(), info[0], name, "the sizes", &sizes));
  for (const double size : sizes) {
    if (!(size >= 0 && size <= static_cast<double>(kMostElements))) {
      return {Code::kValue, std::string(name) + ": expected every size to be between 0 and 2^28"};
    }
    call->sizes.push_back(static_cast<int64_t>(size));
  }
  if (call->sizes.size() != kSizes) return {Code::kValue, std::string(name) + ": expected another number of sizes"};
  std::vector<std::span<std::byte>> in, out;
  CONVOLT_TRY(views_argument(info.Env(), info[1], name, "the inputs", &in));
  CONVOLT_TRY(views_argument(info.Env(), info[2], name, "the outputs", &out));
  return check(call->sizes, [&](Lengths inputs, Lengths outputs) -> Status {
    CONVOLT_TRY(doubles(name, in, inputs, &call->in));
    return doubles(name, out, outputs, &call->out);
  });
}

Status svd(const Napi::CallbackInfo& info) {
  Call call;
  CONVOLT_TRY(read_call<2>(
      info, "svd",
      [](const auto& n, const auto& expect) {
        const int64_t rank = std::min(n[0], n[1]);
        return expect({n[0] * n[1]}, {n[0] * rank, rank, n[1] * rank});
      },
      &call));
  return singular_values(call.sizes[0], call.sizes[1], call.in[0], call.out[0], call.out[1], call.out[2]);
}

Status eigen(const Napi::CallbackInfo& info) {
  Call call;
  CONVOLT_TRY(read_call<1>(
      info, "symmetricEigen",
      [](const auto& n, const auto& expect) {
        return expect({n[0] * n[0]}, {n[0], n[0] * n[0]});
      },
      &call));
  return symmetric_eigen(call.sizes[0], call.in[0], call.out[0], call.out[1]);
}

Status factor(const Napi::CallbackInfo& info) {
  Call call;
  CONVOLT_TRY(read_call<1>(
      info, "cholesky", [](const auto& n, const auto& expect) { return expect({n[0] * n[0]}, {n[0] * n[0]}); }, &call));
  return cholesky(call.sizes[0], call.in[0], call.out[0]);
}

Status solve(const Napi::CallbackInfo& info) {
  Call call;
  CONVOLT_TRY(read_call<3>(
      info, "leastSquares",
      [](const auto& n, const auto& expect) {
        return expect({n[0] * n[1], n[0] * n[2]}, {n[1] * n[2]});
      },
      &call));
  return least_squares(call.sizes[0], call.sizes[1], call.sizes[2], call.in[0], call.in[1], call.out[0]);
}

Status solve_triangular(const Napi::CallbackInfo& info) {
  Call call;
  CONVOLT_TRY(read_call<3>(
      info, "triangularSolve",
      [](const auto& n, const auto& expect) {
        return expect({n[0] * n[0], n[0] * n[1]}, {n[0] * n[1]});
      },
      &call));
  return triangular_solve(call.sizes[0], call.sizes[1], call.sizes[2] != 0, call.in[0], call.in[1], call.out[0]);
}

Status fourier(const Napi::CallbackInfo& info) {
  Call call;
  CONVOLT_TRY(read_call<2>(
      info, "fft",
      [](const auto& n, const auto& expect) {
        return expect({n[0], n[0]}, {n[0], n[0]});
      },
      &call));
  if (call.sizes[0] == 0) return Status::ok();
  Fourier<double>(call.sizes[0]).transform(call.in[0], call.in[1], call.out[0], call.out[1], call.sizes[1] != 0);
  return Status::ok();
}

template <Status (*kFunction)(const Napi::CallbackInfo&)>
void thrown(const Napi::CallbackInfo& info) {
  CONVOLT_OR_THROW(info.Env(), kFunction(info), );
}

}  // namespace

void define_linalg(Napi::Env env, Napi::Object exports) {
  exports.Set("svd", Napi::Function::New<thrown<svd>>(env, "svd"));
  exports.Set("symmetricEigen", Napi::Function::New<thrown<eigen>>(env, "symmetricEigen"));
  exports.Set("cholesky", Napi::Function::New<thrown<factor>>(env, "cholesky"));
  exports.Set("leastSquares", Napi::Function::New<thrown<solve>>(env, "leastSquares"));
  exports.Set("triangularSolve", Napi::Function::New<thrown<solve_triangular>>(env, "triangularSolve"));
  exports.Set("fourier", Napi::Function::New<thrown<fourier>>(env, "fourier"));
}

}  // namespace convolt
