// One pass over memory: a fused group, or its part that folds one set of axes, with every decision made that depends
// on shapes only.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "elementwise/bytecode.h"
#include "elementwise/layout.h"
#include "loops/loops.h"

namespace convolt {

// Blocks of floats are found at numbered locations; number 0 stands for none. A slot is scratch memory for one block.
struct Pass {
  struct Constant {  // an immediate: as it is (slot -1), or spread over a slot
    int location;
    int slot;
    const float* value;
  };
  struct Temporary {
    int location;
    int slot;
  };
  struct Direct {  // an input as it lies in memory
    int location;
    int input;
    int operand;  // of the layout
  };
  struct Staged {  // an input that is brought into a slot
    int location;
    int slot;
    int input;
    int operand;
    std::vector<Run> runs;
  };
  struct Call {
    OpcodeLoop loop;
    std::array<int, kChainPlaces> where;  // locations of the result, the operands, the results kept besides
  };
  struct Store {  // an output: results go there directly, or by way of the slot
    int location;
    int slot;
    int output;
    int operand;
    std::vector<int> readers;  // inputs that are read after this output was written: it may not be one of them
  };
  struct Reduction {
    int location;
    int output;
    int operand;
    const Fold* fold;
  };

  const Loops* loops = nullptr;
  Layout layout;
  std::vector<Constant> constants;
  std::vector<Temporary> temporaries;
  std::vector<Direct> still;  // the same elements in every block
  std::vector<Direct> direct;
  std::vector<Staged> staged;
  std::vector<Call> calls;
  std::vector<Store> stores;
  std::vector<Reduction> reductions;
  int locations = 1;
  int slots = 0;
  bool is_single_loop = false;  // one loop over operands that all lie as the blocks do, one block behind the other

  // How the work is cut: by shape only, so that sums do not depend on the number of threads.
  int64_t tasks = 1;
  int64_t segments_per_task = 1;  // where a task has whole segments
  int64_t parts = 1;              // tasks for each segment otherwise
  int64_t kept_per_block = 0;     // elements that a block is folded to, at most
};

// The passes of a checked program, none when it has no elements. Those that only fold come first, since the one that
// stores may overwrite inputs.
std::vector<Pass> bind_passes(const Bytecode& code, const Operands& operands, const Loops& loops);

}  // namespace convolt
