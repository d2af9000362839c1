// The sizes of im2col and col2im: images [N, H, W, C] and columns [N, OH, OW, kh * kw * C].
#pragma once

#include "kernels/window-shape.h"

namespace convolt {

// Window, stride, padding (top, bottom, left, right), dilation.
inline WindowShape read_columns(AttributeReader& read) {
  WindowShape shape = read_window(read);
  shape.read(read, &SlidingAxis::dilation);
  return shape;
}

inline Status expect_columns(const char* op, WindowShape shape, const Tensor& images, const Tensor& columns) {
  CONVOLT_TRY(expect_dtype(op, "the images", images, DType::kFloat32));
  CONVOLT_TRY(expect_dtype(op, "the columns", columns, DType::kFloat32));
  CONVOLT_TRY(expect_rank(op, "the images", images, 4));
  CONVOLT_TRY(expect_rank(op, "the columns", columns, 4));
  if (shape.set_sizes(images.shape, columns.shape) && images.shape[0] == columns.shape[0] &&
      columns.shape[3] == shape.rows.taps * shape.columns.taps * images.shape[3] &&
      shape.rows.output == shape.rows.whole_positions() && shape.columns.output == shape.columns.whole_positions()) {
    return Status::ok();
  }
  return {Code::kShape, std::string(op) + ": expected images and columns to fit together but got " +
                            images.shape.to_string() + " and " + columns.shape.to_string()};
}

}  // namespace convolt
