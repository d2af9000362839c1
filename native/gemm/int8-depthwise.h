// Convolution of bytes with a filter of int8 weights for each channel.
#pragma once

#include <cstddef>

#include "base/thread_pool.h"
#include "gemm/window.h"
#include "loops/int8-rows.h"

namespace convolt {

struct Int8Depthwise {
  Window window;
  int64_t images, channels;
  const uint8_t* x;
  const int8_t* w;      // [taps of rows, taps of columns, channels]
  const int32_t* bias;  // of channels
  const float* scale;
  int32_t input_zero;
  void* y;
  const uint8_t* addend;
  Int8Result result;
  const std::byte* packed;  // what `pack_int8_depthwise` made of the weights

  // Fours of rows of taps, the last one filled up with zeros.
  int64_t quads() const { return ceil_div(window.rows.taps, 4); }
};

int64_t packed_int8_depthwise_bytes(const Int8Depthwise& depthwise);
void pack_int8_depthwise(const Int8Depthwise& depthwise, std::byte* packed);

// Scratch bytes with `threads` threads.
int64_t int8_depthwise_workspace(const Int8Depthwise& depthwise, int threads);
void int8_depthwise(const Int8Depthwise& depthwise, ThreadPool& pool, std::byte* workspace);

}  // namespace convolt
