// One step of one sequence for neighbouring units of a recurrent network. Plain data: sources of every ISA include it.
#pragma once

#include <cstdint>

namespace convolt {

// Gates of the same unit are `..._gate` floats apart. Pointers that may be null are not written or count as zeros.
struct LstmRow {
  int64_t n = 0;                   // units
  const float* gates = nullptr;    // what the input adds to the gates i, f, g, o
  const float* product = nullptr;  // what the hidden state adds to them
  int64_t gate = 0, product_gate = 0;
  float* cell = nullptr;  // c, replaced by c'
  float* hidden = nullptr;
  float* output = nullptr;
  float* activations = nullptr;  // the gates behind their functions, `gate` floats apart, or null
  float* cells = nullptr;        // a copy of c', or null
};

struct LstmGradRow {
  int64_t n = 0;
  const float* activations = nullptr;
  const float* previous = nullptr;  // c
  const float* cell = nullptr;      // c'
  const float* output = nullptr;    // the gradient of the output, or null
  float* dhidden = nullptr;         // of h', becomes what h has of it without the product
  float* dcell = nullptr;           // of c', becomes that of c
  float* dgates = nullptr;          // of the gates, `gate` floats apart
  int64_t gate = 0;
  float* factor = nullptr;  // the same once more, `factor_gate` floats apart
  int64_t factor_gate = 0;
};

struct GruRow {
  int64_t n = 0;
  const float* gates = nullptr;  // of r, z, n
  const float* product = nullptr;
  int64_t gate = 0, product_gate = 0;
  const float* bias = nullptr;
  const float* previous = nullptr;  // h
  float* hidden = nullptr;          // h'
  float* output = nullptr;
  float* activations = nullptr;  // r, z, n and h.W_n + bias, `gate` floats apart, or null
};

struct GruGradRow {
  int64_t n = 0;
  const float* activations = nullptr;
  const float* previous = nullptr;
  const float* output = nullptr;
  float* dhidden = nullptr;
  float* dgates = nullptr;    // of the gates' input part
  float* dproduct = nullptr;  // of the gates' hidden part
  int64_t gate = 0;
  float* factor = nullptr;  // dproduct once more
  int64_t factor_gate = 0;
};

}  // namespace convolt
