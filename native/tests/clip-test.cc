// Tails that products do in registers: which groups they are, and that they give what the group gives.
#include <cstring>

#include "elementwise/row-tail.h"
#include "tests/fused-group.h"
#include "tests/numbers.h"

namespace convolt {
namespace {

class ClipTest : public testing::Test {
 protected:
  // The clip of a group over [rows, 5] whose first input is the matrix that it follows and writes.
  ColumnClip clip_of_group(const GroupText& text, const std::vector<std::vector<int64_t>>& others,
                           bool in_place = true) {
    std::vector<Tensor> inputs = {memory.make(text.shape)};
    for (const auto& sizes : others) inputs.push_back(memory.make(sizes));
    std::vector<Tensor> outputs = {in_place ? inputs[0] : memory.make(text.shape)};
    for (size_t i = 1; i < text.ends.size(); ++i) {  // sums of everything
      outputs.push_back(memory.make(std::vector<int64_t>(text.shape.size(), 1)));
    }
    const Operands operands{.inputs = inputs, .outputs = outputs, .pool = &pool};
    const auto tail = RowTail::bind(text.attributes(), operands, inputs[0], 2);
    if (tail == nullptr) return {};
    const ColumnClip clip = tail->clip();
    bias_is = -1;
    residual_is = -1;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (clip.bias == inputs[i].data) bias_is = static_cast<int>(i);
      if (clip.residual == inputs[i].data) residual_is = static_cast<int>(i);
    }
    return clip;
  }

  Memory memory;
  ThreadPool pool{1};
  int bias_is = -1, residual_is = -1;
};

using Sizes = std::vector<int64_t>;

TEST_F(ClipTest, BiasAndBounds) {
  const Sizes shape = {2, 3, 5};
  const ColumnClip both = clip_of_group(
      {shape, {0, 6}, {{Op::add, 4, 0, 1}, {Op::maximum, 5, 4, 2}, {Op::minimum, 6, 5, 3}}, {{6, 0}}}, {{5}});
  EXPECT_EQ(bias_is, 1);
  EXPECT_EQ(both.low, 0);
  EXPECT_EQ(both.high, 6);
  EXPECT_EQ(both.residual, nullptr);
  const ColumnClip turned =
      clip_of_group({shape, {-1}, {{Op::add, 3, 1, 0}, {Op::maximum, 4, 2, 3}}, {{4, 0}}}, {{1, 5}});
  EXPECT_EQ(bias_is, 1);
  EXPECT_EQ(turned.low, -1);
  EXPECT_EQ(turned.high, INFINITY);
  const ColumnClip alone = clip_of_group({shape, {}, {{Op::add, 2, 0, 1}}, {{2, 0}}}, {{5}});
  EXPECT_NE(alone.bias, nullptr);
  EXPECT_EQ(alone.low, -INFINITY);
}

TEST_F(ClipTest, Residual) {
  const Sizes shape = {2, 3, 5};
  const GroupText text{shape, {0}, {{Op::add, 4, 0, 1}, {Op::add, 5, 4, 2}, {Op::maximum, 6, 5, 3}}, {{6, 0}}};
  clip_of_group(text, {shape, {5}});
  EXPECT_EQ(residual_is, 1);
  EXPECT_EQ(bias_is, 2);
}

TEST_F(ClipTest, NothingElse) {
  const Sizes shape = {4, 5};
  const auto refuses = [&](const GroupText& text, const std::vector<Sizes>& others, bool in_place = true) {
    EXPECT_EQ(clip_of_group(text, others, in_place).bias, nullptr);
  };
  const GroupText sum{shape, {}, {{Op::add, 2, 0, 1}}, {{2, 0}}};
  EXPECT_NE(clip_of_group(sum, {{5}}).bias, nullptr);
  refuses(sum, {{5}}, false);                                                            // written elsewhere
  refuses(sum, {{4, 1}}),                                                                // a bias for each row
      refuses(sum, {shape}),                                                             // no bias
      refuses({shape, {}, {{Op::mul, 2, 0, 1}}, {{2, 0}}}, {{5}});                       // a product
  refuses({shape, {}, {{Op::sub, 2, 0, 1}}, {{2, 0}}}, {{5}});                           // a difference
  refuses({shape, {}, {{Op::add, 2, 0, 0}, {Op::add, 3, 2, 1}}, {{3, 0}}}, {{5}});       // twice itself
  refuses({shape, {}, {{Op::add, 2, 0, 1}, {Op::add, 3, 2, 0}}, {{3, 0}}}, {{5}});       // itself again
  refuses({shape, {0}, {{Op::maximum, 3, 0, 2}, {Op::add, 4, 3, 1}}, {{4, 0}}}, {{5}});  // bounded before
  refuses({shape, {}, {{Op::add, 2, 0, 1}}, {{2, 0}, {2, 1}}}, {{5}});                   // a sum besides
  const GroupText reversed{
      shape, {0, 6}, {{Op::add, 4, 0, 1}, {Op::minimum, 5, 4, 3}, {Op::maximum, 6, 5, 2}}, {{6, 0}}};
  refuses(reversed, {{5}});  // bounds the other way
  const GroupText twice{shape, {0, 1}, {{Op::add, 4, 0, 1}, {Op::maximum, 5, 4, 2}, {Op::maximum, 6, 5, 3}}, {{6, 0}}};
  refuses(twice, {{5}});
}

// A clip as a tail: what a kernel does not do itself is done here.
class Clipper final : public Tail {
 public:
  Clipper(const Array& y, const Array& bias, const Array* residual)
      : y_(y), clip_{bias.as<float>(), -0.25f, 0.75f, residual ? residual->as<float>() : nullptr} {}
  ColumnClip clip() const override { return clip_; }
  void run(int64_t, int64_t begin, int64_t end, int) override {
    const int64_t n = y_.tensor().shape.last();
    auto* y = static_cast<float*>(y_.tensor().data);
    for (int64_t i = begin * n; i < end * n; ++i) y[i] = clipped(y[i], i);
  }
  float clipped(float y, int64_t i) const {
    const float sum = (clip_.residual ? y + clip_.residual[i] : y) + clip_.bias[i % y_.tensor().shape.last()];
    return std::min(std::max(sum, clip_.low), clip_.high);
  }

 private:
  const Array& y_;
  ColumnClip clip_;
};

struct Case {
  const char* kernel;
  std::vector<double> attributes;
  Sizes a, b, y;
};

void expect_clipped(const Case& c) {
  SCOPED_TRACE(std::string(c.kernel) + " " + Shape(c.a).to_string() + ", " + Shape(c.b).to_string());
  std::mt19937 random(3);
  const Array a = random_floats(random, c.a), b = random_floats(random, c.b), residual = random_floats(random, c.y);
  const Array bias = random_floats(random, {c.y.back()});
  const Tensor inputs[] = {a.tensor(), b.tensor()};
  for (const bool constant : {false, true}) {
    for (const Array* extra : {static_cast<const Array*>(nullptr), &residual}) {
      for (const int threads : {0, 1, 2, 3}) {  // 0: without the tail
        static std::vector<double> expected;
        const Array y = floats(c.y);
        const Tensor outputs[] = {y.tensor()};
        AttributeReader read(c.attributes);
        const std::unique_ptr<Kernel> kernel = find_kernel(c.kernel)(read);
        ThreadPool pool(std::max(1, threads));
        Operands operands{.inputs = inputs, .outputs = outputs, .constants = constant ? 2u : 0u, .pool = &pool};
        expect_ok(kernel->check(operands));
        AlignedBuffer workspace, prepared;
        expect_ok(prepared.allocate(kernel->prepared_bytes(operands)));
        if (prepared.bytes() > 0) {
          operands.prepared = prepared.data();
          kernel->prepare(operands);
        }
        expect_ok(workspace.allocate(kernel->workspace(operands, pool.threads())));
        operands.workspace = workspace.data();
        Clipper clipper(y, bias, extra);
        if (threads > 0) operands.tail = &clipper;
        expect_ok(kernel->run(operands));
        if (threads == 0) {
          expected = y.numbers();
          for (size_t i = 0; i < expected.size(); ++i) {
            expected[i] = clipper.clipped(static_cast<float>(expected[i]), static_cast<int64_t>(i));
          }
        } else {
          EXPECT_LE(distance(y, expected), 1e-6);  // a single row is summed in another order without a clip
        }
      }
    }
  }
}

std::vector<double> conv(double stride, double padding, double groups) {
  return {stride, stride, padding, padding, padding, padding, 1, 1, groups, 1};
}

TEST(Clip, PointwiseConvolutions) {
  for (const int64_t filters : {1, 8, 24, 33, 72, 200}) {
    for (const int64_t side : {1, 7, 28}) {
      expect_clipped({"conv2d", conv(1, 0, 1), {2, side, side, 40}, {1, 1, 40, filters}, {2, side, side, filters}});
    }
  }
  expect_clipped({"conv2d", conv(1, 0, 1), {1, 14, 14, 600}, {1, 1, 600, 256}, {1, 14, 14, 256}});  // a long sum
}

// Results of more than kBeyondCaches, which go past the caches where they are whole lines.
TEST(Clip, PastTheCaches) {
  for (const int64_t filters : {256, 264}) {
    expect_clipped({"conv2d", conv(1, 0, 1), {1, 131, 131, 16}, {1, 1, 16, filters}, {1, 131, 131, filters}});
  }
}

TEST(Clip, Patches) {
  for (const int64_t side : {7, 28, 41}) {
    const int64_t half = (side + 1) / 2;
    expect_clipped({"conv2d", conv(2, 1, 1), {2, side, side, 6}, {3, 3, 6, 48}, {2, half, half, 48}});
    expect_clipped({"conv2d", conv(1, 1, 3), {1, side, side, 6}, {3, 3, 2, 48}, {1, side, side, 48}});
    expect_clipped({"conv2dGradInput", conv(1, 1, 1), {1, side, side, 33}, {3, 3, 20, 33}, {1, side, side, 20}});
  }
}

TEST(Clip, Matrices) {
  for (const int64_t m : {1, 2, 50, 700}) expect_clipped({"matmul", {0, 0}, {m, 300}, {300, 136}, {m, 136}});
  expect_clipped({"matmul", {1, 0}, {2000, 40}, {2000, 64}, {40, 64}});
}

}  // namespace
}  // namespace convolt
