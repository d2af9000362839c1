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
    const int64_t plane = x[1] * x[2];
    std::atomic<bool> outside = false;
    const int64_t channels = x[3];
    const int64_t most = std::max<int64_t>(1, channels / kLeastChannels);
    const int64_t pieces = std::clamp<int64_t>(kTasks / std::max<int64_t>(1, x[0]), 1, most);
    operands.pool->parallel_for(x[0] * pieces, [&](int64_t task, int) {
      const Range part = cut(channels, pieces, task % pieces, kLeastChannels);
      const int64_t image = task / pieces;
      float* gx = operands.out<float>(0) + image * plane * channels + part.begin;
      int64_t cleared = 0;  // pixels; each row of outputs clears those that it is the first to reach
      const auto clear = [&](int64_t end) {
        const int64_t together = part.size() == channels ? end - cleared : 1;
        for (; cleared < end; cleared += together) {
          loops().fill(gx + cleared * channels, 0.0f, together * part.size());
        }
      };
      for (int64_t row = 0; row < y[1]; ++row) {
        const int64_t from = (image * y[1] + row) * y[2] * channels + part.begin;
        const int64_t largest = loops().largest_index(indices + from, channels, part.size(), y[2]);
        if (largest >= plane) {
          outside = true;
          return;
        }
        clear(largest + 1);
        loops().scatter_to_pixels(gx, operands.in<float>(0) + from, indices + from, channels, part.size(), y[2]);
      }
      clear(plane);
    });
    return outside ? expect_indices("maxPoolGrad", indices, y.elements(), x[1] * x[2]) : Status::ok();
  }
};

}  // namespace

CONVOLT_KERNEL(maxPoolGrad, MaxPoolGrad)

}  // namespace convolt
