// Products of rows of bytes with panels of int8 weights. Plain data: sources of every ISA include it.
#pragma once

#include <cstdint>

namespace convolt {

// What becomes of a sum: t = float(sum) * scale [+ float(addend - add_zero) * add_scale], kept between low and high;
// then round(t) + zero where the result is bytes (low and high are then bytes less zero), else t.
struct Int8Result {
  bool is_bytes;
  int32_t zero;
  float low, high;
  int32_t add_zero;
  float add_scale;
  bool fits_int32;  // t, whatever the sum
};

// y[p, j] = result(bias[j] + sum over s < segments and i < 4 quads of x[pixel[p] + segment[s] + i] * w[s, i, j]).
struct Int8Rows {
  const uint8_t* x;
  const int64_t* pixel;
  int64_t rows;
  const int64_t* segment;
  int64_t segments, quads;
  const int8_t* w;      // [segments, quads, whole vectors of columns, 4]
  const int32_t* bias;  // of whole vectors, as is scale
  const float* scale;
  int64_t columns;
  void* y;                // uint8 or float32
  const uint8_t* addend;  // or nullptr
  int64_t ldy;            // elements from one row of y, and of addend, to the next
  Int8Result result;
};

// A line of positions of one filter for each channel: y[j, c] = result(bias[c] + sum over u, v of
// x(u)[first + j * step + v * tap_step, c] * w[u, v, c]), where x(u) are rows of an image.
struct Int8DepthwiseLine {
  const uint8_t* const* rows;  // x(u), four for each four taps that were begun
  int64_t quads;               // of rows
  int64_t first, length;       // the pixel that is read first; those outside of [0, length) are padding
  int64_t pixels;              // that are read
  int32_t padding;             // the byte
  int64_t positions, step, taps, tap_step;
  int64_t channels;
  const int8_t* w;  // [quads, taps, channels, 4]
  const int32_t* bias;
  const float* scale;
  void* y;
  const uint8_t* addend;
  Int8Result result;
  uint8_t* scratch;  // quads * pixels * 4 * int8_lanes() bytes
};

}  // namespace convolt
