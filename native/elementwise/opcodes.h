// Tables of the block interpreter: what an opcode or a reduction is, as pointers to loops of one ISA.
// Included by sources of every ISA: declarations and plain data only, no inline functions.
#pragma once

#include <cstdint>

namespace convolt {

// The rows of ops.inc.
enum class Op {
#define UNARY(name, value) name,
#define BINARY(name, value) name,
#define TERNARY(name, value) name,
#include "elementwise/ops.inc"
#undef UNARY
#undef BINARY
#undef TERNARY
  kCount
};

// y[i] = op(operands at i) for i < n, where y = at[where[0]] and the operands are at[where[1]] and so on. A scalar
// operand is read at position 0. y may be one of the operands.
using OpcodeLoop = void (*)(float* const* at, const int* where, int64_t n);

// One row of ops.inc. `loops` by which operands are scalars:
//   arity 1: [0] a vector
//   arity 2: [0] both vectors, [1] the second a scalar, [2] the first a scalar
//   arity 3: the first is a vector; [0] all vectors, [1] the second a scalar, [2] the third a scalar, [3] both scalars
struct Opcode {
  const char* name;
  int arity;
  OpcodeLoop loops[4];
};

// Places in `where` of a row of chains.inc: the result, the vectors x, y, z, w, the scalars a to h and k, and the
// results that are kept besides.
inline constexpr int kChainVectors = 4;
inline constexpr int kChainOperands = 13;
inline constexpr int kChainKept = 2;
inline constexpr int kChainPlaces = 1 + kChainOperands + kChainKept;

// One row of folds.inc: a reduction.
struct Fold {
  const char* name;
  Op op;            // the operation that joins two numbers
  double identity;  // the result of folding nothing
  // y[r] = fold of x[r n + j] over j < n, for r < rows
  void (*rows)(float* y, const float* x, int64_t rows, int64_t n);
  // y[i] = y[i] op x[i] for i < n
  void (*join)(double* y, const float* x, int64_t n);
  void (*join_partial)(double* y, const double* x, int64_t n);
};

}  // namespace convolt
