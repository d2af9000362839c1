// Products of bits: blocks of patches are gathered as rows, meet all filters, and become what the layer gives.
#include "gemm/binary-product.h"

#include <cstring>

#include "gemm/binary-border.h"
#include "gemm/bit-rows.h"
#include "gemm/bit-way.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kWordsPerTask = int64_t{1} << 17;      // pairs of words that a task compares
constexpr int64_t kLeastPatches = 8, kMostPatches = 64;  // of a block, whose filters are read once
constexpr int64_t kFewBlocks = 8;                        // from which on filters are not cut

int64_t to_line(int64_t bytes) { return ceil_div(bytes, 64) * 64; }

// Sizes of everything that a product needs, by shape alone.
class Work {
 public:
  explicit Work(const BinaryProduct& product)
      : product_(product), border_(product), words_(bit_row_words(product)), way_(bit_way(words_)) {
    groups_ = ceil_div(product.filters, way_.group);
    width_ = ceil_div(groups_ * way_.group, 16) * 16;
    const int64_t pairs = groups_ * way_.group * words_;
    const int64_t patches = std::clamp(kWordsPerTask / pairs / 8 * 8, kLeastPatches, kMostPatches);
    blocks_ = ceil_div(product.positions(), patches);
    block_ = std::min(product.positions(), patches);
    if (blocks_ < kFewBlocks) {
      const int64_t most =
          std::min(ceil_div(groups_ * way_.group, 64), ceil_div(kFewBlocks, std::max<int64_t>(1, blocks_)));
      cuts_ = std::clamp<int64_t>(product.positions() * pairs / kWordsPerTask, 1, most);
    }
  }

  int64_t blocks() const { return blocks_; }
  Range block(int64_t i) const { return cut(product_.positions(), blocks_, i, std::min<int64_t>(block_, 8)); }

  // Made of the filters once: groups packed, and border numbers [classes, width].
  int64_t packed_bytes() const { return to_line(groups_ * way_.packed_words(words_) * 8); }
  int64_t made_bytes() const { return packed_bytes() + to_line(border_.classes() * width_ * 4); }
  // And a group of rows on the way there.
  int64_t prepared_bytes() const { return made_bytes() + to_line(way_.group * words_ * 8); }
  void prepare(std::byte* made) const;

  // Where the result is bits: limits [classes, width] and flips. Then sums, if filters are cut, and the scratch of
  // every thread.
  int64_t limits_bytes() const {
    return product_.output.result == BinaryResult::kBits ? to_line(border_.classes() * width_ * 4) + to_line(width_)
                                                         : 0;
  }
  int64_t sums_bytes() const { return cuts_ > 1 ? to_line(product_.positions() * width_ * 4) : 0; }
  int64_t scratch_bytes() const {
    return to_line(block_ * words_ * 8) + to_line(way_.spread_words(block_, words_) * 8) +
           (cuts_ > 1 ? 0 : to_line(block_ * width_ * 4));
  }
  int64_t workspace(int threads) const {
    return limits_bytes() + sums_bytes() + threads * scratch_bytes() + (product_.prepared ? 0 : prepared_bytes());
  }

  void run(ThreadPool& pool, std::byte* workspace, const AfterRows& after) const;

 private:
  void find_limits(const int32_t* borders, std::byte* limits) const;
  void multiply_block(Range positions, Range groups, const std::byte* made, std::byte* scratch, int32_t* sums) const;
  void give(Range positions, const int32_t* sums, const int32_t* borders, const std::byte* limits) const;

  const BinaryProduct& product_;
  BinaryBorder border_;
  int64_t words_;
  const BitLoops& way_;
  int64_t groups_, width_, blocks_, block_, cuts_ = 1;  // width: of a row of sums, whole groups and bytes of bits
};

void Work::prepare(std::byte* made) const {
  auto* packed = reinterpret_cast<uint64_t*>(made);
  auto* borders = reinterpret_cast<int32_t*>(made + packed_bytes());
  auto* rows = reinterpret_cast<uint64_t*>(made + made_bytes());
  for (int64_t g = 0; g < groups_; ++g) {
    const int64_t first = g * way_.group;
    gather_filters(product_, {first, first + way_.group}, rows);
    way_.pack(packed + g * way_.packed_words(words_), rows, words_);
    for (int64_t k = 0; k < way_.group; ++k) border_.fill(rows + k * words_, borders + first + k, width_);
  }
}

void Work::find_limits(const int32_t* borders, std::byte* limits) const {
  auto* limit = reinterpret_cast<int32_t*>(limits);
  auto* flips = reinterpret_cast<uint8_t*>(limits + to_line(border_.classes() * width_ * 4));
  const int64_t filters = product_.filters;
  for (int64_t c = 0; c < border_.classes(); ++c) {
    loops().find_limits(limit + c * width_, borders + c * width_, product_.output.threshold, filters);
    for (int64_t k = filters; k < width_; ++k) limit[c * width_ + k] = -1;  // no bit is set there
  }
  std::memset(flips, 0, width_);
  for (int64_t k = 0; k < filters; ++k) flips[k / 8] |= (product_.output.flip[k] != 0) << (k % 8);
}

// sums [positions.size(), width_], the columns of these groups
void Work::multiply_block(Range positions, Range groups, const std::byte* made, std::byte* scratch,
                          int32_t* sums) const {
  auto* rows = reinterpret_cast<uint64_t*>(scratch);
  auto* spread = reinterpret_cast<uint64_t*>(scratch + to_line(block_ * words_ * 8));
  gather_patches(product_, positions, rows);
  const bool spreads = way_.spread_words(1, words_) > 0;
  if (spreads) way_.spread(spread, rows, positions.size(), words_);
  way_.multiply({.differ = sums + groups.begin * way_.group,
                 .differ_row = width_,
                 .patches = spreads ? spread : rows,
                 .count = positions.size(),
                 .filters = reinterpret_cast<const uint64_t*>(made) + groups.begin * way_.packed_words(words_),
                 .groups = groups.size(),
                 .words = words_});
}

void Work::give(Range positions, const int32_t* sums, const int32_t* borders, const std::byte* limits) const {
  const BinaryOutput& output = product_.output;
  const int64_t filters = product_.filters, bytes = ceil_div(filters, 8);
  const auto* limit = reinterpret_cast<const int32_t*>(limits);
  const auto* flips = reinterpret_cast<const uint8_t*>(limits + to_line(border_.classes() * width_ * 4));
  border_.for_each_run(positions, [&](Range run, int64_t border_class) {
    const int32_t* border = borders + border_class * width_;
    const SumRows rows = {sums + (run.begin - positions.begin) * width_, width_, run.size(), filters};
    if (output.result == BinaryResult::kBits) {
      loops().give_bits(static_cast<uint8_t*>(output.y) + run.begin * bytes, rows, limit + border_class * width_,
                        flips);
    } else if (output.result == BinaryResult::kScaled) {
      loops().give_scaled(static_cast<float*>(output.y) + run.begin * filters, rows, border, output.scale,
                          output.offset);
    } else {
      loops().give_sums(static_cast<int32_t*>(output.y) + run.begin * filters, rows, border);
    }
  });
}

void Work::run(ThreadPool& pool, std::byte* workspace, const AfterRows& after) const {
  std::byte* limits = workspace;
  auto* sums = reinterpret_cast<int32_t*>(limits + limits_bytes());
  std::byte* scratch = reinterpret_cast<std::byte*>(sums) + sums_bytes();
  const std::byte* made = product_.prepared;
  if (!made) {
    std::byte* place = scratch + pool.threads() * scratch_bytes();
    prepare(place);
    made = place;
  }
  const auto* borders = reinterpret_cast<const int32_t*>(made + packed_bytes());
  if (product_.output.result == BinaryResult::kBits) find_limits(borders, limits);
  if (cuts_ == 1) {
    pool.parallel_for(blocks_, [&](int64_t task, int thread) {
      std::byte* own = scratch + thread * scratch_bytes();
      auto* own_sums = reinterpret_cast<int32_t*>(own + scratch_bytes() - to_line(block_ * width_ * 4));
      const Range positions = block(task);
      multiply_block(positions, {0, groups_}, made, own, own_sums);
      give(positions, own_sums, borders, limits);
      after(task, positions.begin, positions.end, thread);
    });
    return;
  }
  pool.parallel_for(blocks_ * cuts_, [&](int64_t task, int thread) {
    const Range positions = block(task / cuts_), groups = cut(groups_, cuts_, task % cuts_);
    multiply_block(positions, groups, made, scratch + thread * scratch_bytes(), sums + positions.begin * width_);
  });
  pool.parallel_for(blocks_, [&](int64_t task, int thread) {
    const Range positions = block(task);
    give(positions, sums + positions.begin * width_, borders, limits);
    after(task, positions.begin, positions.end, thread);
  });
}

}  // namespace

int64_t prepared_binary_product_bytes(const BinaryProduct& product) { return Work(product).prepared_bytes(); }

void prepare_binary_product(const BinaryProduct& product, std::byte* prepared) { Work(product).prepare(prepared); }

int64_t binary_product_workspace(const BinaryProduct& product, int threads) { return Work(product).workspace(threads); }

int64_t binary_product_ranges(const BinaryProduct& product) { return Work(product).blocks(); }

void multiply(const BinaryProduct& product, ThreadPool& pool, std::byte* workspace, const AfterRows& after) {
  if (product.positions() > 0) Work(product).run(pool, workspace, after);
}

}  // namespace convolt
