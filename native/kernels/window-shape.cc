// The sizes of a window that slides over images, read and checked.
#include "kernels/window-shape.h"

namespace convolt {

void WindowShape::read(AttributeReader& read, int64_t SlidingAxis::*member) {
  rows.*member = read.integer();
  columns.*member = read.integer();
}

void WindowShape::read_padding(AttributeReader& read) {
  for (SlidingAxis* axis : {&rows, &columns}) {
    axis->before = read.integer();
    axis->after = read.integer();
  }
}

bool WindowShape::set_sizes(const Shape& input, const Shape& output) {
  bool sensible = true;
  int i = 1;
  for (SlidingAxis* axis : {&rows, &columns}) {
    axis->input = input[i];
    axis->output = output[i++];
    sensible =
        sensible && axis->taps > 0 && axis->stride > 0 && axis->dilation > 0 && axis->before >= 0 && axis->after >= 0;
  }
  return sensible;
}

WindowShape read_window(AttributeReader& read) {
  WindowShape shape;
  shape.read(read, &SlidingAxis::taps);
  shape.read(read, &SlidingAxis::stride);
  shape.read_padding(read);
  return shape;
}

Status expect_pool(const char* op, WindowShape shape, const Tensor& images, const Tensor& pooled) {
  CONVOLT_TRY(expect_rank(op, "the images", images, 4));
  CONVOLT_TRY(expect_rank(op, "the pooled images", pooled, 4));
  const auto meets_input = [](const SlidingAxis& a) {
    return a.before < a.taps && (a.output - 1) * a.stride - a.before < a.input;
  };
  if (shape.set_sizes(images.shape, pooled.shape) && meets_input(shape.rows) && meets_input(shape.columns) &&
      images.shape[0] == pooled.shape[0] && images.shape[3] == pooled.shape[3]) {
    return Status::ok();
  }
  return {Code::kShape, std::string(op) + ": expected windows to cover their images but got " +
                            images.shape.to_string() + " and " + pooled.shape.to_string()};
}

}  // namespace convolt
