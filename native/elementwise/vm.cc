// The block interpreter: cuts a pass into tasks.
#include "elementwise/vm.h"

#include <algorithm>

#include "base/aligned.h"
#include "elementwise/frame.h"

namespace convolt {
namespace {

int64_t partial_bytes(const Pass& pass) { return pass.parts > 1 ? aligned(pass.tasks * Scratch::sums_bytes(pass)) : 0; }

}  // namespace

int64_t pass_workspace(const Pass& pass, int threads) { return partial_bytes(pass) + threads * Scratch(pass).bytes; }

void run_pass(const Pass& pass, const Operands& operands) {
  auto* partials = reinterpret_cast<double*>(operands.workspace);
  std::byte* scratch = operands.workspace + partial_bytes(pass);
  const int64_t scratch_bytes = Scratch(pass).bytes;
  const auto run_task = [&](int64_t task, int thread) {
    Frame frame(pass, operands, scratch + thread * scratch_bytes, true);
    const int64_t blocks = pass.layout.blocks_per_segment;
    if (pass.parts > 1) {
      const int64_t part = task % pass.parts;
      const int64_t begin = part * blocks / pass.parts;
      const int64_t end = (part + 1) * blocks / pass.parts;
      Place place(pass.layout, task / pass.parts * blocks + begin);
      frame.sum_blocks(place, end - begin,
                       partials + task * Scratch::sums_bytes(pass) / static_cast<int64_t>(sizeof(double)));
    } else {
      const int64_t begin = task * pass.segments_per_task;
      const int64_t end = std::min(begin + pass.segments_per_task, pass.layout.segments);
      frame.run_segments(Place(pass.layout, begin * blocks), end - begin, blocks);
    }
  };
  if (pass.tasks == 1) {
    run_task(0, 0);
  } else {
    operands.pool->parallel_for(pass.tasks, run_task);
  }
  if (pass.parts == 1) return;
  Frame frame(pass, operands, scratch, false);
  join_parts(pass, frame, partials, pass.parts);
}

}  // namespace convolt
