// Outputs of elementwise passes that are too large for the caches, and copies past these.
#include "base/caches.h"
#include "loops/loops.h"
#include "tests/fused-group.h"
#include "tests/numbers.h"

namespace convolt {
namespace {

TEST(Stream, CopiesFromAnyToAnyPlace) {
  for (const int64_t n : {0, 1, 15, 16, 17, 1000}) {
    for (int64_t first = 0; first < 20; ++first) {
      std::vector<float> x(1050), y(1050, -1);
      for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
      loops().stream(y.data() + first, x.data() + 3, n);
      loops().end_stream();
      for (int64_t i = 0; i < 1050; ++i) {
        const bool copied = i >= first && i < first + n;
        ASSERT_EQ(y[i], copied ? x[i - first + 3] : -1.0f) << n << " floats to " << first << ", at " << i;
      }
    }
  }
}

TEST(Stream, LargeOutputsOfPasses) {
  const int64_t n = kBeyondCaches / 4 + 1237;
  const GroupText group = {.shape = {n}, .immediates = {}, .lines = {{Op::add, 1, 0, 0}}, .ends = {{1, 0}}};
  std::mt19937 random(2);
  const Array x = random_floats(random, {n});
  std::vector<double> doubled = x.numbers();
  for (double& number : doubled) number *= 2;
  EXPECT_EQ(run_at_any_threads("elementwise", group.attributes(), {&x}, {n}).numbers(), doubled);
}

}  // namespace
}  // namespace convolt
