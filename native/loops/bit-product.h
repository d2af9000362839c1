// Products of rows of bits as the loops take them. Included by sources of every ISA: plain data only.
#pragma once

#include <cstdint>

namespace convolt {

// differ[p, k] = bits that are set in patch[p] xor filter[k], rows of `words` words of 64 bits.
struct BitProduct {
  int32_t* differ;
  int64_t differ_row;       // numbers from one patch to the next
  const uint64_t* patches;  // rows, or what `spread` made of them
  int64_t count;            // of patches
  const uint64_t* filters;  // groups, packed one behind the other
  int64_t groups;
  int64_t words;
};

// Rows of such numbers, as what follows takes them; they are there for whole bytes of filters.
struct SumRows {
  const int32_t* differ;
  int64_t row;  // numbers from one patch to the next
  int64_t count;
  int64_t filters;
};

// One way to multiply. Filters are packed in groups; patches are spread first if `spread_words` is not 0.
struct BitLoops {
  int64_t group;                                                           // filters of a group
  int64_t (*packed_words)(int64_t words);                                  // of a group
  void (*pack)(uint64_t* packed, const uint64_t* filters, int64_t words);  // the rows of a group
  int64_t (*spread_words)(int64_t count, int64_t words);
  void (*spread)(uint64_t* spread, const uint64_t* patches, int64_t count, int64_t words);
  void (*multiply)(const BitProduct& product);
};

}  // namespace convolt
