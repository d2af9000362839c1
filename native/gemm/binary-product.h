// Sums of products of +1 and -1 that stand as bits: dot[p, k] = sum over the taps of patch p and their channels of x w,
// where bit c % 8 of byte c / 8 of a pixel is 1 for +1. dot = (bits that meet) - 2 (bits that differ).
#pragma once

#include "base/thread_pool.h"
#include "gemm/after-rows.h"
#include "gemm/binary-output.h"
#include "gemm/window.h"

namespace convolt {

struct BinaryProduct {
  Window window;
  int64_t images, channels, filters;
  int padding;       // what taps outside of the image count as: 0 (nothing), 1 or -1
  const uint8_t* x;  // [images, H, W, bytes()]
  const uint8_t* w;  // [filters, taps, bytes()]
  BinaryOutput output;
  const std::byte* prepared = nullptr;  // what prepare_binary_product made of w, if that never changes

  int64_t bytes() const { return ceil_div(channels, 8); }
  int64_t positions() const { return images * window.positions(); }
};

int64_t prepared_binary_product_bytes(const BinaryProduct& product);
void prepare_binary_product(const BinaryProduct& product, std::byte* prepared);

// Scratch bytes, and the number of ranges of positions that `after` is called for: functions of shapes only.
int64_t binary_product_workspace(const BinaryProduct& product, int threads);
int64_t binary_product_ranges(const BinaryProduct& product);

void multiply(const BinaryProduct& product, ThreadPool& pool, std::byte* workspace, const AfterRows& after);

}  // namespace convolt
