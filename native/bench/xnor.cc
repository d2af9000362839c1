// Products of bits: the multiplying loops alone on operands in the nearest cache, then whole layers from bits to bits.
#include <cstring>
#include <initializer_list>

#include "base/cpu.h"
#include "bench/measure.h"
#include "loops/loops.h"

namespace convolt {
namespace {

// Two operations for each pair of bits.
void loops_alone(const char* name, const BitLoops* way, int64_t words) {
  if (!way) return;
  const int64_t filters = 128, count = 32, groups = filters / way->group;
  AlignedBuffer x, packed, spread, differ;
  const auto bytes = [](int64_t count_of_words) { return count_of_words * 8; };
  if (!x.allocate(bytes((count + filters) * words)).is_ok() ||
      !packed.allocate(bytes(groups * way->packed_words(words))).is_ok() ||
      !spread.allocate(bytes(way->spread_words(count, words))).is_ok() || !differ.allocate(count * filters * 4).is_ok())
    return;
  auto* rows = reinterpret_cast<uint64_t*>(x.data());
  for (int64_t i = 0; i < (count + filters) * words; ++i) rows[i] = i * 0x9e3779b97f4a7c15;
  auto* to = reinterpret_cast<uint64_t*>(packed.data());
  for (int64_t g = 0; g < groups; ++g) {
    way->pack(to + g * way->packed_words(words), rows + (count + g * way->group) * words, words);
  }
  const bool spreads = way->spread_words(1, words) > 0;
  if (spreads) way->spread(reinterpret_cast<uint64_t*>(spread.data()), rows, count, words);
  const BitProduct product = {.differ = reinterpret_cast<int32_t*>(differ.data()),
                              .differ_row = filters,
                              .patches = spreads ? reinterpret_cast<uint64_t*>(spread.data()) : rows,
                              .count = count,
                              .filters = to,
                              .groups = groups,
                              .words = words};
  double best = 1e9;
  for (int i = 0; i < 30; ++i) {
    const auto start = std::chrono::steady_clock::now();
    for (int j = 0; j < 30; ++j) way->multiply(product);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 30);
  }
  std::printf("%-10s %3d words %6.3f T op/s\n", name, static_cast<int>(words),
              2e-12 * 64 * static_cast<double>(words * filters * count) / best);
}

struct Layer {
  int64_t images, side, channels, filters;
  double stride = 1;
};

void layer(const Layer& l) {
  const int64_t bytes = (l.channels + 7) / 8, out = (l.side - 1) / static_cast<int64_t>(l.stride) + 1;
  const Operand x({l.images, l.side, l.side, bytes}, DType::kUint8), w({l.filters, 3, 3, bytes}, DType::kUint8),
      threshold({l.filters}, DType::kInt32), flip({l.filters}, DType::kBool),
      y({l.images, out, out, (l.filters + 7) / 8}, DType::kUint8);
  const double work = 2.0 * 9 * static_cast<double>(l.images * out * out * l.channels * l.filters);
  report("binaryConv2d " + std::to_string(l.images) + "x" + std::to_string(l.side) + "x" + std::to_string(l.side) +
             "x" + std::to_string(l.channels) + " -> " + std::to_string(l.filters) + ", 3x3",
         work, "Gop/s", "binaryConv2d", {l.stride, l.stride, 1, 1, 1, 1, 1, 1, static_cast<double>(l.channels), 0, 2},
         {x.tensor(), w.tensor(), threshold.tensor(), flip.tensor()}, {y.tensor()}, 2);
}

}  // namespace
}  // namespace convolt

int main() {
  using namespace convolt;
  for (const int64_t words : {9, 18, 36}) {
    loops_alone("words", loops().bit_words(), words);
    loops_alone("lookup", loops().bit_lookup(), words);
    loops_alone("popcount", has_vector_popcount() ? loops().bit_popcount() : nullptr, words);
  }
  for (const Layer& l : {Layer{1, 56, 64, 64}, Layer{1, 28, 128, 128}, Layer{1, 14, 256, 256}, Layer{1, 7, 512, 512},
                         Layer{16, 28, 128, 128}, Layer{1, 56, 64, 128, 2}}) {
    layer(l);
  }
}
