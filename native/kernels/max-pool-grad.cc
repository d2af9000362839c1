// gx = 0, then gx[n, indices[n, i, j, c], c] += gy[n, i, j, c], where indices are places h*W + w.
#include <algorithm>
#include <atomic>
#include <tuple>

#include "gemm/cut.h"
#include "kernels/expect.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kTasks = 8;  // wished for; few images are cut by channels
constexpr int64_t kLeastChannels = 16;

// Adds the channels `part` of one pixel to the pixels that their indices name; false when one lies outside.
bool scatter(float* gx, int64_t channels, const int32_t* indices, const float* gy, Range part, uint32_t plane) {
  uint32_t outside = 0;
  for (int64_t c = part.begin; c < part.end; ++c) outside |= static_cast<uint32_t>(indices[c]) >= plane ? 1u : 0u;
  if (outside != 0) return false;
  for (int64_t c = part.begin; c < part.end; ++c) gx[indices[c] * channels + c] += gy[c];
  return true;
}

class MaxPoolGrad final : public Kernel {
 public:
  explicit MaxPoolGrad(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts("maxPoolGrad", operands, 2, 1));
    const auto& [gy, indices] = std::tie(operands.inputs[0], operands.inputs[1]);
    const Tensor& gx = operands.outputs[0];
    CONVOLT_TRY(expect_dtype("maxPoolGrad", "the gradient", gy, DType::kFloat32));
    CONVOLT_TRY(expect_dtype("maxPoolGrad", "the indices", indices, DType::kInt32));
    CONVOLT_TRY(expect_dtype("maxPoolGrad", "the output", gx, DType::kFloat32));
    CONVOLT_TRY(expect_rank("maxPoolGrad", "the gradient", gy, 4));
    CONVOLT_TRY(expect_shape("maxPoolGrad", "the indices", indices, gy.shape));
    CONVOLT_TRY(expect_rank("maxPoolGrad", "the output", gx, 4));
    return expect_shape("maxPoolGrad", "the output", gx, {gy.shape[0], gx.shape[1], gx.shape[2], gy.shape[3]});
  }

  Status run(const Operands& operands) const noexcept override {
    const Shape& y = operands.inputs[0].shape;
    const Shape& x = operands.outputs[0].shape;
    const auto* indices = operands.in<int32_t>(1);
    const auto plane = static_cast<uint32_t>(x[1] * x[2]);
    std::atomic<bool> outside = false;
    const int64_t channels = x[3];
    const int64_t most = std::max<int64_t>(1, channels / kLeastChannels);
    const int64_t pieces = std::clamp<int64_t>(kTasks / std::max<int64_t>(1, x[0]), 1, most);
    operands.pool->parallel_for(x[0] * pieces, [&](int64_t task, int) {
      const Range part = cut(channels, pieces, task % pieces, kLeastChannels);
      const int64_t image = task / pieces;
      float* gx = operands.out<float>(0) + image * x.product(1, 4);
      for (int64_t pixel = 0; pixel < x[1] * x[2]; ++pixel) {
        std::fill(gx + pixel * channels + part.begin, gx + pixel * channels + part.end, 0.0f);
      }
      for (int64_t pixel = 0; pixel < y[1] * y[2]; ++pixel) {
        const int64_t from = (image * y[1] * y[2] + pixel) * channels;
        if (!scatter(gx, channels, indices + from, operands.in<float>(0) + from, part, plane)) outside = true;
      }
    });
    return outside ? expect_indices("maxPoolGrad", indices, y.elements(), x[1] * x[2]) : Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(maxPoolGrad, MaxPoolGrad)

}  // namespace convolt
