// Tables of the block interpreter: what an opcode or a reduction is, as pointers to loops of one ISA.
// Included by sources of every ISA: declarations and plain data only, no inline functions.
#pragma once

#include <cstdint>

namespace convolt {

// Numbers of the rows of ops.inc: kAdd is Op::add, and so on.
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

// y[i] = op(a[i], b[i], c[i]) for i < n. A scalar operand is read at position 0. y may be a, b or c.
using OpcodeLoop = void (*)(float* y, const float* a, const float* b, const float* c, int64_t n);

// One row of ops.inc. `loops` by which operands are scalars:
//   arity 1: [0] a is a vector
//   arity 2: [0] both vectors, [1] b scalar, [2] a scalar
//   arity 3: a is a vector; [0] all vectors, [1] b scalar, [2] c scalar, [3] both scalars
struct Opcode {
  const char* name;
  int arity;
  OpcodeLoop loops[4];
};

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
