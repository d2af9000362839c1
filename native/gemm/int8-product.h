// Convolution of bytes with int8 weights as a product of rows that are read where the image stands, or from lines of it
// with their padding.
#pragma once

#include "gemm/int8-weights.h"
#include "gemm/window.h"
#include "loops/int8-rows.h"

namespace convolt {

struct Int8Product {
  Window window;
  int64_t images, channels;
  const uint8_t* x;
  Int8Weights weights;
  void* y;                // uint8 or float32 [images, positions, filters]
  const uint8_t* addend;  // or nullptr
  Int8Result result;
  const std::byte* packed;  // what `pack_int8` made of the weights

  // The taps of a row, if they read neighbouring bytes, or one tap: how `weights` are cut into segments.
  static int64_t taps_of_segment(const Window& window, int64_t groups) {
    return groups == 1 && window.columns.tap_step == 1 ? window.columns.taps : 1;
  }
};

// Scratch bytes with `threads` threads.
int64_t int8_product_workspace(const Int8Product& product, int threads);
void int8_product(const Int8Product& product, ThreadPool& pool, std::byte* workspace);

}  // namespace convolt
