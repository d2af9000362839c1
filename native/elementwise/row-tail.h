// A fused group that runs behind a kernel, over each range of rows that the kernel has finished.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "elementwise/clip-of.h"
#include "elementwise/frame.h"

namespace convolt {

class RowTail final : public Tail {
 public:
  // Binds a checked step `elementwise` to rows of `produced`, which it follows. The kernel has `ranges` of
  // them. Gives nullptr where the group cannot be cut into rows and must run as a step of its own. `operands` must
  // outlive the result.
  static std::unique_ptr<RowTail> bind(std::span<const double> attributes, const Operands& operands,
                                       const Tensor& produced, int64_t ranges);

  // Scratch bytes with `threads` threads, and where they are.
  int64_t workspace(int threads) const;
  void fit(std::byte* workspace, int threads);

  // Before the kernel runs.
  void begin();
  void run(int64_t range, int64_t begin, int64_t end, int thread) override;
  ColumnClip clip() const override;
  // After the kernel has run: folds the sums of all ranges in their order.
  void finish();

 private:
  RowTail(AttributeReader& read, const Operands& operands, int64_t ranges)
      : code_(read), operands_(operands), ranges_(ranges) {}
  // Numbers that a range keeps for each segment, 0 when reductions end within rows.
  int64_t sums_per_segment() const;
  int64_t partial_bytes() const;
  Frame& frame_of(int thread);

  Bytecode code_;
  const Operands& operands_;
  int64_t ranges_;
  Pass pass_;
  std::optional<ClipPattern> clip_;
  double* partials_ = nullptr;  // [segment, range, reduction, kept element]
  std::byte* scratch_ = nullptr;
  std::vector<std::optional<Frame>> frames_;  // of the threads, in the run at work
};

}  // namespace convolt
