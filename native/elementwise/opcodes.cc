// The loops of every opcode and chain: ops.inc and chains.inc spelled out for vector and scalar operands.
#include "elementwise/opcodes.h"

#include "loops/loops.h"
#include "loops/math-double.h"
#include "loops/math.h"

namespace convolt::CONVOLT_ISA {
namespace {

namespace math = convolt::CONVOLT_ISA;

// Every operation as a function.
namespace ops {
#define UNARY(name, value) \
  CONVOLT_INLINE float name(float x) { return value; }
#define BINARY(name, value) \
  CONVOLT_INLINE float name(float x, float y) { return value; }
#define TERNARY(name, value) \
  CONVOLT_INLINE float name(float x, float y, float z) { return value; }
#include "elementwise/ops.inc"
#undef UNARY
#undef BINARY
#undef TERNARY
}  // namespace ops

#define VECTOR(x, position) [[maybe_unused]] const float* from_##x = at[where[position]];
#define SCALAR(x, position) [[maybe_unused]] const float x = *at[where[position]];
#define ELEMENT(x) [[maybe_unused]] const float x = from_##x[i];

// The result may be one of the operands, position by position, which is no dependence between positions.
#define OPCODE_LOOP(label, operands, elements, value)                                         \
  void label(float* const* at, const int* where, int64_t n) {                                 \
    float* to = at[where[0]];                                                                 \
    operands _Pragma("GCC ivdep") for (int64_t i = 0; i < n; ++i) { elements to[i] = value; } \
  }

#define UNARY(name, value) OPCODE_LOOP(name##_v, VECTOR(x, 1), ELEMENT(x), ops::name(x))

#define BINARY(name, value)                                                                 \
  OPCODE_LOOP(name##_vv, VECTOR(x, 1) VECTOR(y, 2), ELEMENT(x) ELEMENT(y), ops::name(x, y)) \
  OPCODE_LOOP(name##_vs, VECTOR(x, 1) SCALAR(y, 2), ELEMENT(x), ops::name(x, y))            \
  OPCODE_LOOP(name##_sv, SCALAR(x, 1) VECTOR(y, 2), ELEMENT(y), ops::name(x, y))

#define TERNARY(name, value)                                                                                 \
  OPCODE_LOOP(name##_vvv, VECTOR(x, 1) VECTOR(y, 2) VECTOR(z, 3), ELEMENT(x) ELEMENT(y) ELEMENT(z),          \
              ops::name(x, y, z))                                                                            \
  OPCODE_LOOP(name##_vsv, VECTOR(x, 1) SCALAR(y, 2) VECTOR(z, 3), ELEMENT(x) ELEMENT(z), ops::name(x, y, z)) \
  OPCODE_LOOP(name##_vvs, VECTOR(x, 1) VECTOR(y, 2) SCALAR(z, 3), ELEMENT(x) ELEMENT(y), ops::name(x, y, z)) \
  OPCODE_LOOP(name##_vss, VECTOR(x, 1) SCALAR(y, 2) SCALAR(z, 3), ELEMENT(x), ops::name(x, y, z))

#include "elementwise/ops.inc"
#undef UNARY
#undef BINARY
#undef TERNARY

#define RESULT(name, position) [[maybe_unused]] float* name = at[where[position]];
#define KEEP(keep, kept)                                \
  [[maybe_unused]] const auto keep = [&](float value) { \
    kept[i] = value;                                    \
    return value;                                       \
  };

namespace chains {
using namespace ops;

// In a chain, the quotient by a scalar is the product with its inverse: within 1.5 units in the last place, and several
// times as fast.
struct Scalar {
  __attribute__((always_inline)) explicit Scalar(float value) : value(value), inverse(1.0f / value) {}
  __attribute__((always_inline)) operator float() const { return value; }
  float value;
  float inverse;
};

CONVOLT_INLINE float div(float x, float y) { return x / y; }
CONVOLT_INLINE float div(float x, const Scalar& y) { return x * y.inverse; }

CONVOLT_INLINE float both(float, float y) { return y; }

#define DIVISOR(x, position) [[maybe_unused]] const Scalar x(*at[where[position]]);
#define CHAIN(name, ...)                                                                                    \
  OPCODE_LOOP(name,                                                                                         \
              VECTOR(x, 1) VECTOR(y, 2) VECTOR(z, 3) VECTOR(w, 4) DIVISOR(a, 5) DIVISOR(b, 6) DIVISOR(c, 7) \
                  DIVISOR(d, 8) DIVISOR(e, 9) DIVISOR(f, 10) DIVISOR(g, 11) DIVISOR(h, 12) DIVISOR(k, 13)   \
                      RESULT(kept1, 14) RESULT(kept2, 15),                                                  \
              ELEMENT(x) ELEMENT(y) ELEMENT(z) ELEMENT(w) KEEP(keep1, kept1) KEEP(keep2, kept2), (__VA_ARGS__))
#include "elementwise/chains.inc"
#undef CHAIN
}  // namespace chains

const Opcode kOpcodes[] = {
#define UNARY(name, value) {#name, 1, {name##_v, nullptr, nullptr, nullptr}},
#define BINARY(name, value) {#name, 2, {name##_vv, name##_vs, name##_sv, nullptr}},
#define TERNARY(name, value) {#name, 3, {name##_vvv, name##_vsv, name##_vvs, name##_vss}},
#include "elementwise/ops.inc"
#undef UNARY
#undef BINARY
#undef TERNARY
};

const OpcodeLoop kChains[] = {
#define CHAIN(name, ...) chains::name,
#include "elementwise/chains.inc"
#undef CHAIN
};

}  // namespace

const Opcode* opcode_table() { return kOpcodes; }

const OpcodeLoop* chain_table() { return kChains; }

}  // namespace convolt::CONVOLT_ISA
