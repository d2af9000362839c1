// Products of rows of bits, some positions at a time.
#include "gemm/binary-product.h"

#include "gemm/binary-border.h"
#include "gemm/bit-rows.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kWordsPerTask = int64_t{1} << 18;  // pairs of words that a task compares

int64_t to_line(int64_t bytes) { return ceil_div(bytes, 64) * 64; }

// What is made of the weights.
struct Filters {
  explicit Filters(const BinaryProduct& product)
      : ones_offset(to_line(product.filters * bit_row_words(product) * 8)),
        bytes(ones_offset + to_line(product.window.taps() * product.filters * 4)) {}
  int64_t ones_offset, bytes;
};

int64_t positions_per_task(const BinaryProduct& product) {
  return std::clamp<int64_t>(kWordsPerTask / (product.filters * bit_row_words(product)), 1, 64);
}

// Scratch of one thread: a patch, and what it differs in.
int64_t scratch_bytes(const BinaryProduct& product) {
  return to_line(bit_row_words(product) * 8) + to_line(product.filters * 4);
}

}  // namespace

int64_t prepared_binary_product_bytes(const BinaryProduct& product) { return Filters(product).bytes; }

void prepare_binary_product(const BinaryProduct& product, ThreadPool&, std::byte* prepared) {
  gather_filters(product, reinterpret_cast<uint64_t*>(prepared),
                 reinterpret_cast<int32_t*>(prepared + Filters(product).ones_offset));
}

int64_t binary_product_workspace(const BinaryProduct& product, int threads) {
  return to_line(BinaryBorder(product).numbers() * 4) + threads * scratch_bytes(product) +
         (product.prepared ? 0 : Filters(product).bytes);
}

int64_t binary_product_ranges(const BinaryProduct& product) {
  return ceil_div(product.positions(), positions_per_task(product));
}

void multiply(const BinaryProduct& product, ThreadPool& pool, std::byte* workspace, const AfterRows& after) {
  const BinaryBorder border(product);
  auto* borders = reinterpret_cast<int32_t*>(workspace);
  std::byte* scratch = workspace + to_line(border.numbers() * 4);
  const std::byte* prepared = product.prepared;
  if (!prepared) {
    std::byte* made = scratch + pool.threads() * scratch_bytes(product);
    prepare_binary_product(product, pool, made);
    prepared = made;
  }
  const int64_t words = bit_row_words(product), grain = positions_per_task(product);
  border.fill(reinterpret_cast<const int32_t*>(prepared + Filters(product).ones_offset), borders);
  const auto* w = reinterpret_cast<const uint64_t*>(prepared);
  pool.parallel_for(binary_product_ranges(product), [&](int64_t task, int thread) {
    auto* patch = reinterpret_cast<uint64_t*>(scratch + thread * scratch_bytes(product));
    auto* differ = reinterpret_cast<int32_t*>(reinterpret_cast<std::byte*>(patch) + to_line(words * 8));
    const Range part = {task * grain, std::min(product.positions(), (task + 1) * grain)};
    for (int64_t p = part.begin; p < part.end; ++p) {
      gather_patches(product, {p, p + 1}, patch);
      loops().count_differing_bits(differ, patch, w, product.filters, words);
      const int64_t place = p % product.window.positions(), width = product.window.columns.positions;
      loops().binary_output_row(product.output, p, differ,
                                borders + border.class_of(place / width, place % width) * product.filters,
                                product.filters);
    }
    after(task, part.begin, part.end, thread);
  });
}

}  // namespace convolt
