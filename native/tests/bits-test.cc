// K-12, Q-30: bits of signs, and products of bits, equal to the plain sums of products of +1 and -1 bit for bit.
#include <bit>
#include <limits>

#include "base/cpu.h"
#include "loops/loops.h"
#include "tests/bits-reference.h"

namespace convolt {
namespace {

// Runs a kernel with weights that are constant and with such that are not, at one, two and three threads.
void expect_bytes(const char* kernel_name, const std::vector<double>& attributes,
                  const std::vector<const Array*>& inputs, const Array& expected) {
  std::vector<Tensor> in;
  for (const Array* input : inputs) in.push_back(input->tensor());
  for (const int threads : {1, 2, 3}) {
    for (const bool constant : {false, true}) {
      std::vector<int64_t> shape;
      for (int axis = 0; axis < expected.tensor().shape.rank(); ++axis) shape.push_back(expected.tensor().shape[axis]);
      const Array y(expected.tensor().dtype, shape);
      const std::vector<Tensor> out = {y.tensor()};
      AttributeReader read(attributes);
      const std::unique_ptr<Kernel> kernel = find_kernel(kernel_name)(read);
      ASSERT_TRUE(read.exhausted());
      ThreadPool pool(threads);
      Operands operands{.inputs = in, .outputs = out, .constants = constant ? 2u : 0u, .pool = &pool};
      expect_ok(kernel->check(operands));
      AlignedBuffer workspace, prepared;
      expect_ok(prepared.allocate(kernel->prepared_bytes(operands)));
      EXPECT_EQ(kernel->prepared_bytes(operands) > 0, constant);
      if (constant) {
        operands.prepared = prepared.data();
        kernel->prepare(operands);
      }
      expect_ok(workspace.allocate(kernel->workspace(operands, threads)));
      operands.workspace = workspace.data();
      expect_ok(kernel->run(operands));
      EXPECT_TRUE(y.end_untouched());
      ASSERT_EQ(std::memcmp(y.tensor().data, expected.tensor().data, expected.tensor().bytes()), 0)
          << threads << " threads" << (constant ? ", constant weights" : "");
    }
  }
}

// Every result of one convolution, or of a product of matrices with the same sums.
void expect_right(const BinaryCase& c, const char* kernel = "binaryConv2d") {
  SCOPED_TRACE(c.name());
  std::mt19937 random(static_cast<unsigned>(c.channels * 31 + c.filters));
  const bool is_conv = std::string(kernel) == "binaryConv2d";
  const std::vector<int64_t> x_shape = {c.images, c.rows.input, c.columns.input, c.bytes()},
                             w_shape = {c.filters, c.rows.taps, c.columns.taps, c.bytes()};
  const Array x = random_bytes(random, is_conv ? x_shape : std::vector<int64_t>{c.columns.input, c.bytes()}),
              w = random_bytes(random, is_conv ? w_shape : std::vector<int64_t>{c.filters, c.bytes()});
  const std::vector<int32_t> sums = dots(c, x.as<uint8_t>(), w.as<uint8_t>());
  const auto attributes = [&](int result) {
    return is_conv ? c.attributes(result) : std::vector<double>{static_cast<double>(c.channels), double(result)};
  };
  const auto shape = [&](int64_t last) {
    return is_conv ? std::vector<int64_t>{c.images, c.rows.output(), c.columns.output(), last}
                   : std::vector<int64_t>{c.columns.input, last};
  };
  expect_bytes(kernel, attributes(0), {&x, &w}, ints(shape(c.filters), {sums.begin(), sums.end()}));

  // Powers of two, so that no product is rounded.
  std::vector<double> scale, offset, threshold, flip;
  for (int64_t k = 0; k < c.filters; ++k) {
    scale.push_back(std::ldexp(k % 2 ? -1 : 1, static_cast<int>(k % 5) - 2));
    offset.push_back(static_cast<double>(k % 7) - 3);
    const double thresholds[] = {0, double(random_integer(random, -9, 9)), 2147483647.0, -2147483648.0, 1, -1};
    threshold.push_back(k % 11 < 6 ? thresholds[k % 11] : sums.empty() ? 0 : sums[random() % sums.size()]);
    flip.push_back(random() % 3 == 0);
  }
  std::vector<double> scaled, bits(c.positions() * ((c.filters + 7) / 8));
  for (size_t at = 0; at < sums.size(); ++at) {
    const size_t k = at % c.filters, p = at / c.filters;
    scaled.push_back(sums[at] * scale[k] + offset[k]);
    if ((sums[at] >= threshold[k]) != (flip[k] != 0)) bits[p * ((c.filters + 7) / 8) + k / 8] += 1 << k % 8;
  }
  const Array scales = floats({c.filters}, scale), offsets = floats({c.filters}, offset),
              thresholds = ints({c.filters}, threshold), flips(DType::kBool, {c.filters}, flip);
  expect_bytes(kernel, attributes(1), {&x, &w, &scales, &offsets}, floats(shape(c.filters), scaled));
  expect_bytes(kernel, attributes(2), {&x, &w, &thresholds, &flips},
               Array(DType::kUint8, shape((c.filters + 7) / 8), bits));
}

BinaryCase square(int64_t images, int64_t side, int64_t channels, int64_t filters, int64_t taps, int64_t stride = 1) {
  return {images, channels, filters, same(side, taps, stride), same(side, taps, stride)};
}

TEST(Bits, ConvolutionsOfEveryDepth) {
  for (const int64_t channels : {1, 2, 7, 8, 9, 15, 16, 21, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 250, 556}) {
    expect_right(square(1, 4, channels, 5, 3));
    expect_right(square(1, 3, channels, 9, 1));
  }
}

TEST(Bits, ConvolutionsOfEveryWidth) {
  for (int64_t filters = 1; filters <= 140; filters += filters < 20 ? 1 : 7) {
    expect_right(square(1, 5, 40, filters, 3));
    expect_right(square(3, 2, 64, filters, 2));
  }
}

TEST(Bits, ConvolutionsOfEverySize) {
  for (int64_t side = 1; side <= 19; ++side) expect_right(square(2, side, 24, 11, 3));
  expect_right(square(1, 29, 64, 64, 3));
  expect_right(square(5, 7, 128, 32, 3, 2));
}

TEST(Bits, ConvolutionsOfEveryWindow) {
  for (const int padding : {0, 1, -1}) {
    for (int64_t taps = 1; taps <= 6; ++taps) {
      for (const int64_t stride : {1, 2, 3}) {
        expect_right({2, 20, 9, same(9, taps, stride), {8, taps, stride, 1, 1, 2}, padding});
      }
      expect_right({1, 33, 17, same(9, 2, 1, taps), same(11, 3, 2, taps), padding});
    }
    expect_right({1, 64, 8, {2, 5, 1, 1, 4, 4}, {3, 3, 1, 1, 6, 5}, padding});  // positions without a tap inside
    expect_right({1, 9, 8, {4, 1, 2, 1, 3, 3}, {4, 4, 3, 1, 0, 0}, padding});
  }
}

TEST(Bits, ProductsOfEveryDepth) {
  for (const int64_t channels : {1, 5, 63, 64, 65, 127, 1000, 3000, 4096, 5000}) {
    for (const int64_t rows : {1, 2, 7, 33}) {
      expect_right({1, channels, 37, {1, 1}, {rows, 1}, -1}, "binaryMatmul");
    }
  }
  expect_right({1, 4096, 300, {1, 1}, {1, 1}, -1}, "binaryMatmul");
  expect_right({1, 700, 512, {1, 1}, {9, 1}, -1}, "binaryMatmul");
}

// More bits than 16-bit sums hold.
TEST(Bits, ProductsOfManyBits) {
  for (const int64_t channels : {65472, 65535, 65600, 140000}) {
    expect_right({1, channels, 10, {1, 1}, {3, 1}, -1}, "binaryMatmul");
  }
}

TEST(Bits, NothingToDo) {
  expect_right({0, 8, 3, same(4, 3), same(4, 3)});
  expect_right({1, 8, 3, {1, 1}, {0, 1}, -1}, "binaryMatmul");
}

TEST(Bits, RefusesOperandsThatDoNotFit) {
  const Array x(DType::kUint8, {1, 4, 4, 2}), w(DType::kUint8, {3, 3, 3, 2});
  const Array y(DType::kInt32, {1, 2, 2, 3}), bits(DType::kUint8, {1, 2, 2, 1});
  const auto run = [&](std::vector<double> last, const std::vector<const Array*>& inputs, const Array& output) {
    std::vector<double> attributes = {1, 1, 0, 0, 0, 0, 1, 1};
    attributes.insert(attributes.end(), last.begin(), last.end());
    return run_kernel("binaryConv2d", attributes, inputs, {&output});
  };
  expect_ok(run({16, 0, 0}, {&x, &w}, y));
  expect_fails(run({17, 0, 0}, {&x, &w}, y), Code::kShape, "of 17 channels");
  expect_fails(run({16, 0, 0}, {&x, &w}, bits), Code::kDtype, "the output");
  expect_fails(run({16, 0, 0}, {&x, &y}, y), Code::kDtype, "the bits");
  expect_fails(run({16, 0, 1}, {&x, &w}, y), Code::kValue, "the number of inputs");
  expect_fails(run({16, 2, 0}, {&x, &w}, y), Code::kShape, "fit together");
  const Array threshold = ints({3}), flip(DType::kBool, {2});
  expect_fails(run({16, 0, 2}, {&x, &w, &threshold, &flip}, bits), Code::kShape, "the second vector");
  expect_fails(run({16, 0, 2}, {&x, &w, &flip, &flip}, bits), Code::kDtype, "the first vector");
  expect_fails(run_kernel("binaryMatmul", {16, 0}, {&x, &w}, {&y}), Code::kShape, "the weights");
}

class BitLoopsOf : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!is_supported(GetParam())) GTEST_SKIP() << "not on this processor";
  }
};

// Every way to multiply that the ISA has, not only the one that products choose here.
TEST_P(BitLoopsOf, MultiplyRowsOfEverySize) {
  const Loops& loops = loops_of(GetParam());
  std::mt19937_64 random(5);
  for (const BitLoops* way : {loops.bit_words(), loops.bit_lookup(), loops.bit_popcount()}) {
    if (!way || (way == loops.bit_popcount() && !has_vector_popcount())) continue;
    for (const int64_t words : {1, 2, 3, 4, 5, 9, 18, 63, 64, 65, 130}) {
      for (const int64_t groups : {1, 2, 3, 4, 7}) {
        for (const int64_t count : {1, 2, 3, 4, 7, 66}) {
          const int64_t filters = groups * way->group, row = filters + 3;
          std::vector<uint64_t> x(count * words), w(filters * words), packed(groups * way->packed_words(words));
          for (uint64_t& word : x) word = random() | random();
          for (uint64_t& word : w) word = random() & random() & random();
          for (int64_t g = 0; g < groups; ++g) {
            way->pack(packed.data() + g * way->packed_words(words), w.data() + g * way->group * words, words);
          }
          AlignedBuffer filters_at;  // vectors of filters begin at lines of the cache
          expect_ok(filters_at.allocate(static_cast<int64_t>(packed.size()) * 8));
          std::memcpy(filters_at.data(), packed.data(), packed.size() * 8);
          std::vector<uint64_t> spread(way->spread_words(count, words));
          if (!spread.empty()) way->spread(spread.data(), x.data(), count, words);
          std::vector<int32_t> differ(count * row, -7);
          way->multiply({.differ = differ.data(),
                         .differ_row = row,
                         .patches = spread.empty() ? x.data() : spread.data(),
                         .count = count,
                         .filters = reinterpret_cast<const uint64_t*>(filters_at.data()),
                         .groups = groups,
                         .words = words});
          for (int64_t p = 0; p < count; ++p) {
            for (int64_t k = 0; k < row; ++k) {
              int32_t expected = k < filters ? 0 : -7;
              for (int64_t i = 0; i < words && k < filters; ++i) {
                expected += std::popcount(x[p * words + i] ^ w[k * words + i]);
              }
              ASSERT_EQ(differ[p * row + k], expected)
                  << words << " words, " << groups << " groups, patch " << p << " of " << count << ", filter " << k;
            }
          }
        }
      }
    }
  }
}

TEST_P(BitLoopsOf, PackAndUnpackEveryLength) {
  const Loops& loops = loops_of(GetParam());
  std::mt19937 random(9);
  constexpr float kNumbers[] = {0.0f,
                                -0.0f,
                                1e-40f,
                                -1e-40f,
                                std::numeric_limits<float>::quiet_NaN(),
                                std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::infinity()};
  for (int64_t channels = 1; channels <= 150; ++channels) {
    const int64_t rows = 3, bytes = (channels + 7) / 8;
    std::vector<float> x(rows * channels), signs(rows * channels + 1, 5);
    for (float& number : x) number = random() % 3 ? static_cast<float>(random() % 9) - 4 : kNumbers[random() % 7];
    std::vector<uint8_t> bits(rows * bytes + 1, 0xa5);
    loops.pack_bits(bits.data(), x.data(), rows, channels);
    loops.unpack_bits(signs.data(), bits.data(), rows, channels);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t c = 0; c < 8 * bytes; ++c) {
        const bool positive = c < channels && x[row * channels + c] >= 0;
        ASSERT_EQ(bits[row * bytes + c / 8] >> c % 8 & 1, positive) << channels << " channels, " << c;
        if (c >= channels) continue;
        ASSERT_EQ(signs[row * channels + c], positive ? 1 : -1);
      }
    }
    EXPECT_EQ(bits.back(), 0xa5);
    EXPECT_EQ(signs.back(), 5);
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, BitLoopsOf, testing::ValuesIn(kIsas),
                         [](const auto& info) { return isa_name(info.param); });

}  // namespace
}  // namespace convolt
