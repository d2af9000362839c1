// The loops of every opcode: ops.inc spelled out for vector and scalar operands.
#include "elementwise/opcodes.h"

#include "loops/loops.h"
#include "loops/math-double.h"
#include "loops/math.h"

namespace convolt::CONVOLT_ISA {
namespace {

// y may be one of the operands, position by position, which is no dependence between positions.
#define OPCODE_LOOP(label, scalars, operands, value)                                     \
  void label([[maybe_unused]] float* out, [[maybe_unused]] const float* a,               \
             [[maybe_unused]] const float* b, [[maybe_unused]] const float* c, int64_t n) { \
    scalars                                                                              \
    _Pragma("GCC ivdep")                                                                 \
    for (int64_t i = 0; i < n; ++i) {                                                    \
      operands                                                                           \
      out[i] = value;                                                                    \
    }                                                                                    \
  }

#define UNARY(name, value) OPCODE_LOOP(name##_v, , const float x = a[i];, value)

#define BINARY(name, value)                                                               \
  OPCODE_LOOP(name##_vv, , const float x = a[i]; const float y = b[i];, value)            \
  OPCODE_LOOP(name##_vs, const float y = *b;, const float x = a[i];, value)               \
  OPCODE_LOOP(name##_sv, const float x = *a;, const float y = b[i];, value)

#define TERNARY(name, value)                                                                                    \
  OPCODE_LOOP(name##_vvv, , const float x = a[i]; const float y = b[i]; const float z = c[i];, value)           \
  OPCODE_LOOP(name##_vsv, const float y = *b;, const float x = a[i]; const float z = c[i];, value)              \
  OPCODE_LOOP(name##_vvs, const float z = *c;, const float x = a[i]; const float y = b[i];, value)              \
  OPCODE_LOOP(name##_vss, const float y = *b; const float z = *c;, const float x = a[i];, value)

#include "elementwise/ops.inc"
#undef UNARY
#undef BINARY
#undef TERNARY

const Opcode kOpcodes[] = {
#define UNARY(name, value) {#name, 1, {name##_v, nullptr, nullptr, nullptr}},
#define BINARY(name, value) {#name, 2, {name##_vv, name##_vs, name##_sv, nullptr}},
#define TERNARY(name, value) {#name, 3, {name##_vvv, name##_vsv, name##_vvs, name##_vss}},
#include "elementwise/ops.inc"
#undef UNARY
#undef BINARY
#undef TERNARY
};

}  // namespace

const Opcode* opcode_table() { return kOpcodes; }

}  // namespace convolt::CONVOLT_ISA
