// Draws of Philox4x32-10 from a key of two words. The counter is (block, 0, domain) with 64 bits of block; element i is
// lane i mod 4 of block floor(i / 4), so any part can be drawn by itself.
#include <cstring>
#include <numeric>

#include "kernels/expect.h"
#include "kernels/ranges.h"
#include "loops/loops.h"

namespace convolt {
namespace {

// The order equals `domains` in lib/graph/philox.ts.
enum Domain : uint32_t { kDraws, kSplit, kPermutation };

constexpr int64_t kWords = 1024;  // drawn at a time; they stay in the first-level cache

void draw_words(const Operands& operands, Domain domain, uint64_t first_block, uint32_t* words, int64_t blocks) {
  const uint32_t counter[4] = {static_cast<uint32_t>(first_block), static_cast<uint32_t>(first_block >> 32), 0, domain};
  uint32_t key[2];
  std::memcpy(key, operands.inputs[0].data, sizeof key);
  loops().philox(words, blocks, counter, key);
}

Status check_draw(const char* kernel, const Operands& operands, DType dtype) {
  CONVOLT_TRY(expect_counts(kernel, operands, 1, 1));
  CONVOLT_TRY(expect_dtype(kernel, "the key", operands.inputs[0], DType::kInt32));
  CONVOLT_TRY(expect_shape(kernel, "the key", operands.inputs[0], {2}));
  return expect_dtype(kernel, "the output", operands.outputs[0], dtype);
}

// Each of these turns the words of n elements into the elements.
struct Uniform {
  static constexpr const char* kName = "randomUniform";
  static constexpr DType kType = DType::kFloat32;
  static void convert(void* y, const uint32_t* words, int64_t n) {
    loops().uniform_of_words(static_cast<float*>(y), words, n);
  }
};

struct Normal {
  static constexpr const char* kName = "randomNormal";
  static constexpr DType kType = DType::kFloat32;
  static void convert(void* y, const uint32_t* words, int64_t n) {
    float numbers[kWords];
    loops().normal_of_words(numbers, words, (n + 1) / 2);
    std::memcpy(y, numbers, n * sizeof(float));
  }
};

struct Bits {
  static constexpr const char* kName = "randomBits";
  static constexpr DType kType = DType::kInt32;
  static void convert(void* y, const uint32_t* words, int64_t n) { std::memcpy(y, words, n * sizeof(uint32_t)); }
};

template <typename Kind>
class Draw final : public Kernel {
 public:
  explicit Draw(AttributeReader&) {}

  Status check(const Operands& operands) const override { return check_draw(Kind::kName, operands, Kind::kType); }

  Status run(const Operands& operands) const noexcept override {
    for_ranges(operands.pool, operands.outputs[0].elements(), kElementsPerTask, [&](int64_t begin, int64_t end, int) {
      uint32_t words[kWords];
      for (int64_t i = begin; i < end; i += kWords) {
        const int64_t n = std::min(kWords, end - i);
        draw_words(operands, kDraws, i / 4, words, (n + 3) / 4);
        Kind::convert(operands.out<float>(0) + i, words, n);
      }
    });
    return Status::ok();
  }
};

// key' = the first two words of block `stream`.
class SplitKey final : public Kernel {
 public:
  explicit SplitKey(AttributeReader& read) : stream_(read.integer()) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(check_draw("splitKey", operands, DType::kInt32));
    return expect_shape("splitKey", "the output", operands.outputs[0], {2});
  }

  Status run(const Operands& operands) const noexcept override {
    uint32_t words[4];
    draw_words(operands, kSplit, static_cast<uint64_t>(stream_), words, 1);
    std::memcpy(operands.outputs[0].data, words, 2 * sizeof(uint32_t));
    return Status::ok();
  }

 private:
  int64_t stream_;
};

// Fisher and Yates: for i = n - 1 ... 1 swap y_i with y_j, j = floor(word_i (i + 1) / 2^32).
class Permutation final : public Kernel {
 public:
  explicit Permutation(AttributeReader&) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(check_draw("permutation", operands, DType::kInt32));
    return expect_rank("permutation", "the output", operands.outputs[0], 1);
  }

  int64_t workspace(const Operands& operands, int) const override {
    return blocks(operands) * 4 * static_cast<int64_t>(sizeof(uint32_t));
  }

  Status run(const Operands& operands) const noexcept override {
    const int64_t n = operands.outputs[0].elements();
    auto* words = reinterpret_cast<uint32_t*>(operands.workspace);
    draw_words(operands, kPermutation, 0, words, blocks(operands));
    auto* y = operands.out<int32_t>(0);
    std::iota(y, y + n, 0);
    for (int64_t i = n - 1; i > 0; --i) std::swap(y[i], y[static_cast<uint64_t>(words[i]) * (i + 1) >> 32]);
    return Status::ok();
  }

 private:
  static int64_t blocks(const Operands& operands) { return (operands.outputs[0].elements() + 3) / 4; }
};

}  // namespace

CONVOLT_KERNEL(randomUniform, Draw<Uniform>)
CONVOLT_KERNEL(randomNormal, Draw<Normal>)
CONVOLT_KERNEL(randomBits, Draw<Bits>)
CONVOLT_KERNEL(splitKey, SplitKey)
CONVOLT_KERNEL(permutation, Permutation)

}  // namespace convolt
