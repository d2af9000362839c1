// The sizes of an inverted bottleneck, checked, and the slabs in which its channels are taken.
#include "kernels/bottleneck-shape.h"

#include <algorithm>
#include <limits>

namespace convolt {
namespace {

constexpr int64_t kSlab = 64;
constexpr int64_t kRowFloats = int64_t{4} << 10;  // of a slab of one row of the image

}  // namespace

BottleneckShape::BottleneckShape(AttributeReader& reader) {
  read(reader, &SlidingAxis::stride);
  read_padding(reader);
  read(reader, &SlidingAxis::dilation);
  expands = reader.flag();
  for (Clip* clip : {&after_expansion, &after_filters}) {
    clip->low = static_cast<float>(reader.number());
    clip->high = static_cast<float>(reader.number());
  }
}

bool BottleneckShape::set(const Operands& operands) {
  const Shape &x = operands.inputs[0].shape, &y = operands.outputs[0].shape;
  const Shape &filter = operands.inputs[filter_at()].shape, &project = operands.inputs[project_at()].shape;
  images = x[0];
  channels = x[3];
  expanded = filter[3];
  filters = y[3];
  rows.taps = filter[0];
  columns.taps = filter[1];
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  const auto is_pointwise = [](const Shape& w, int64_t from, int64_t to) {
    return w[0] == 1 && w[1] == 1 && w[2] == from && w[3] == to;
  };
  const auto is_bias = [&](size_t i) {
    return operands.inputs[i].shape.rank() == 1 && operands.inputs[i].shape[0] == expanded;
  };
  return set_sizes(x, y) && y[0] == images && filter[2] == 1 && is_bias(filter_at() + 1) &&
         is_pointwise(project, expanded, filters) && rows.output == rows.whole_positions() &&
         columns.output == columns.whole_positions() && x.product(0, 4) <= kMost && y.product(0, 4) <= kMost &&
         expanded <= kMost / kSlab &&
         (expands ? is_pointwise(operands.inputs[expand_at()].shape, channels, expanded) && is_bias(expand_at() + 1)
                  : expanded == channels);
}

BottleneckShape BottleneckShape::with(const Operands& operands) const {
  BottleneckShape shape = *this;
  shape.set(operands);
  return shape;
}

Status BottleneckShape::check(const Operands& operands) const {
  constexpr const char* kName = "invertedBottleneck";
  CONVOLT_TRY(expect_counts(kName, operands, expands ? 6 : 4, 1));
  for (const Tensor& tensor : operands.inputs)
    CONVOLT_TRY(expect_dtype(kName, "every operand", tensor, DType::kFloat32));
  CONVOLT_TRY(expect_dtype(kName, "the output", operands.outputs[0], DType::kFloat32));
  CONVOLT_TRY(expect_rank(kName, "the images", operands.inputs[0], 4));
  CONVOLT_TRY(expect_rank(kName, "the output", operands.outputs[0], 4));
  CONVOLT_TRY(expect_rank(kName, "the filters", operands.inputs[filter_at()], 4));
  CONVOLT_TRY(expect_rank(kName, "the weights of the projection", operands.inputs[project_at()], 4));
  if (expands) CONVOLT_TRY(expect_rank(kName, "the weights of the expansion", operands.inputs[expand_at()], 4));
  BottleneckShape shape = *this;
  if (shape.set(operands)) return Status::ok();
  return {Code::kShape, std::string(kName) + ": expected images, weights and output to fit together but got " +
                            operands.inputs[0].shape.to_string() + " and " + operands.outputs[0].shape.to_string()};
}

int64_t BottleneckShape::multiplications() const {
  const int64_t input = rows.input * columns.input, output = rows.output * columns.output;
  return expanded * ((expands ? input * channels : 0) + output * (rows.taps * columns.taps + filters));
}

// Without expansion the filters read the channels of x where they lie, all of them.
int64_t BottleneckShape::slab() const {
  if (!expands) return std::max<int64_t>(1, expanded);
  const int64_t panel = PackedMatrix::panel();
  const int64_t fits = kRowFloats / std::max<int64_t>(1, columns.input) / panel * panel;
  return std::clamp(fits, panel, kSlab);
}

int64_t BottleneckShape::slab_floats() const {
  return (expands ? PackedMatrix::floats(channels, slab()) : 0) + PackedMatrix::floats(slab(), filters);
}

PackedMatrix BottleneckShape::expansion(int64_t i, float* data) const {
  return {channels, slab(i).size(), data + i * slab_floats() + PackedMatrix::floats(slab(), filters)};
}

PackedMatrix BottleneckShape::projection(int64_t i, float* data) const {
  return {slab(i).size(), filters, data + i * slab_floats()};
}

}  // namespace convolt
