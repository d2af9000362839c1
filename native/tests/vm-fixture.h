// What tests of the block interpreter share: every instruction set, one and three threads, and the plain loop beside
// it.
#pragma once

#include <gtest/gtest.h>

#include "tests/reference-group.h"

namespace convolt {

using Sizes = std::vector<int64_t>;

class Vm : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!is_supported(GetParam())) GTEST_SKIP() << "not on this processor";
  }

  Tensor random(const Sizes& sizes, DType dtype = DType::kFloat32) {
    return random_tensor(memory, numbers, sizes, dtype);
  }

  // Runs with one and with three threads, compares with the reference and the two bit by bit.
  void expect_right(const GroupText& text, const std::vector<Tensor>& inputs, const std::vector<Sizes>& output_sizes,
                    std::vector<DType> dtypes = {}, double tolerance = 2e-6) {
    std::vector<Tensor> outputs;
    dtypes.resize(output_sizes.size(), DType::kFloat32);
    for (size_t i = 0; i < output_sizes.size(); ++i) outputs.push_back(memory.make(output_sizes[i], dtypes[i]));
    const auto expected = reference_run(text, inputs, outputs);
    std::vector<std::string> first;
    for (ThreadPool* pool : {&one, &three}) {
      BoundGroup group(text, inputs, outputs, GetParam(), *pool);
      ASSERT_TRUE(group.status().is_ok()) << group.status().message();
      group.run();
      group.run();
      for (size_t i = 0; i < outputs.size(); ++i) {
        const std::string bytes(static_cast<const char*>(outputs[i].data), outputs[i].bytes());
        if (pool == &one) {
          first.push_back(bytes);
        } else {
          EXPECT_EQ(bytes, first[i]) << "output " << i << " depends on the number of threads";
        }
        for (int64_t k = 0; k < outputs[i].elements(); ++k) {
          double wanted = expected[i][k];
          if (dtypes[i] != DType::kFloat32) wanted = std::trunc(wanted);
          ASSERT_NEAR(number_at(outputs[i], k), wanted, tolerance * std::max(1.0, std::fabs(wanted)))
              << "output " << i << " at " << k << " of " << outputs[i].shape.to_string();
        }
      }
    }
    EXPECT_TRUE(memory.is_intact()) << "something was written behind a tensor";
  }

  Memory memory;
  std::mt19937 numbers{1};
  ThreadPool one{1};
  ThreadPool three{3};
};

}  // namespace convolt
