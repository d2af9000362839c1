// Ranges of indices, and how a length is cut into pieces: by its value alone, so that results never depend on threads.
#pragma once

#include <cstdint>

namespace convolt {

// The indices begin, begin + 1, ... up to but not including end.
struct Range {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t size() const { return end - begin; }
};

// The quotient rounded down or up; the divisor is positive, the dividend may be negative.
inline int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }
inline int64_t ceil_div(int64_t a, int64_t b) { return a / b + (a % b > 0); }

// Piece `i` of `pieces` almost equal ones of [0, length), which begin at multiples of `align`.
inline Range cut(int64_t length, int64_t pieces, int64_t i, int64_t align = 1) {
  const int64_t blocks = ceil_div(length, align);
  const auto edge = [&](int64_t j) { return j == pieces ? length : blocks * j / pieces * align; };
  return {edge(i), edge(i + 1)};
}

}  // namespace convolt
