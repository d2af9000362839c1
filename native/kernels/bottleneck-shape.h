// The sizes of an inverted bottleneck: 1x1 weights to many channels, a filter for each of these, 1x1 weights to few.
#pragma once

#include "gemm/packed-matrix.h"
#include "kernels/kernel.h"
#include "kernels/window-shape.h"

namespace convolt {

// Results are kept between these.
struct Clip {
  float low, high;
};

// Of x [N, H, W, C] (H and W are those of the window) and y [N, OH, OW, K], with E channels between: C without
// expansion.
struct BottleneckShape : WindowShape {
  int64_t images = 0, channels = 0, expanded = 0, filters = 0;
  bool expands = true;
  Clip after_expansion{}, after_filters{};

  // Stride, padding, dilation, whether the channels are expanded, least and largest number behind either stage.
  explicit BottleneckShape(AttributeReader& reader);
  // The same attributes with the sizes of these operands, which fit.
  BottleneckShape with(const Operands& operands) const;
  Status check(const Operands& operands) const;

  int64_t multiplications() const;  // of an image
  // Positions of the operands x, [w1, b1], w2, b2, w3.
  size_t expand_at() const { return 1; }
  size_t filter_at() const { return expands ? 3 : 1; }
  size_t project_at() const { return expands ? 5 : 3; }

  // The expanded channels in slabs: those of one slab are expanded, filtered and projected while they are in the cache.
  int64_t slab() const;
  int64_t slabs() const { return ceil_div(expanded, slab()); }
  Range slab(int64_t i) const { return {i * slab(), std::min(expanded, (i + 1) * slab())}; }
  // The packed weights of a slab of channels [C, slab] and [slab, K]; `data` are those of all slabs.
  PackedMatrix expansion(int64_t i, float* data) const;
  PackedMatrix projection(int64_t i, float* data) const;
  int64_t packed_floats() const { return slabs() * slab_floats(); }

 private:
  int64_t slab_floats() const;
  bool set(const Operands& operands);
};

}  // namespace convolt
