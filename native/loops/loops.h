// The hot loops, compiled once per instruction set (ISA); one table of pointers is chosen when the process starts.
// Included by sources of every ISA: declarations and plain data only, no inline functions.
#pragma once

#include <cstdint>

#include "elementwise/opcodes.h"
#include "loops/bit-product.h"
#include "loops/gemm-panel.h"
#include "loops/int8-rows.h"
#include "loops/recurrent-row.h"
#include "loops/window-row.h"

namespace convolt {

struct Loops {
#define LOOP(result, name, arguments) result(*name) arguments;
#include "loops/loops.inc"
#undef LOOP
};

enum class Isa;

// The loops of active_isa() (base/cpu.h).
const Loops& loops();
// The loops of one ISA, for tests; it must be supported.
const Loops& loops_of(Isa isa);

#ifdef CONVOLT_ISA
namespace CONVOLT_ISA {
#define LOOP(result, name, arguments) result name arguments;
#include "loops/loops.inc"
#undef LOOP
}  // namespace CONVOLT_ISA
#endif

}  // namespace convolt
