// The table of this ISA's loops.
#include "loops/loops.h"

namespace convolt::CONVOLT_ISA {

extern const Loops kLoops;
const Loops kLoops = {
#define LOOP(result, name, arguments) name,
#include "loops/loops.inc"
#undef LOOP
};

}  // namespace convolt::CONVOLT_ISA
