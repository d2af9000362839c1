// quantizedLstm: c' = f c + i g, h' = o tanh(c'), step by step; i, f, o = sigmoid and g = tanh of gates + float(sum of
// (q - 128) * weight) * scale, where q = round(127 h) + 128 are the bytes of the hidden state.
#include "base/aligned.h"
#include "gemm/int8-weights.h"
#include "kernels/expect.h"
#include "kernels/recurrent.h"

namespace convolt {
namespace {

constexpr const char* kName = "quantizedLstm";
constexpr int64_t kGates = 4;
constexpr int32_t kZero = 128;
constexpr float kScale = 1.0f / 127.0f;
constexpr int64_t kProductsOfPart = int64_t{384} << 10;  // of one step: they take longer than two barriers
constexpr int64_t kUnits = 16;

// Inputs: gates [N, T, 4H], h0 and c0 [N, H], weight [H, 4H], scale [4H], lengths [N]. Outputs: output [N, T, H], hidden
// and cell [N, H].
class QuantizedLstm final : public Kernel {
 public:
  explicit QuantizedLstm(AttributeReader& read) : reverse_(read.flag()), has_lengths_(read.flag()) {}

  Status check(const Operands& operands) const override {
    CONVOLT_TRY(expect_counts(kName, operands, has_lengths_ ? 6 : 5, 3));
    CONVOLT_TRY(expect_rank(kName, "the output", operands.outputs[0], 3));
    const auto [n, steps, h, reverse, lengths] = sequences(operands);
    const Shape state = shape_of({n, h});
    CONVOLT_TRY(expect_floats(kName, "the gates", operands.inputs[0], shape_of({n, steps, kGates * h})));
    CONVOLT_TRY(expect_floats(kName, "the hidden state", operands.inputs[1], state));
    CONVOLT_TRY(expect_floats(kName, "the cell state", operands.inputs[2], state));
    CONVOLT_TRY(expect_dtype(kName, "the weight", operands.inputs[3], DType::kInt8));
    CONVOLT_TRY(expect_shape(kName, "the weight", operands.inputs[3], shape_of({h, kGates * h})));
    CONVOLT_TRY(expect_floats(kName, "the scale", operands.inputs[4], shape_of({kGates * h})));
    if (has_lengths_) CONVOLT_TRY(expect_length_of_each(kName, operands.inputs[5], n));
    CONVOLT_TRY(expect_floats(kName, "the output", operands.outputs[0], shape_of({n, steps, h})));
    CONVOLT_TRY(expect_floats(kName, "the last hidden state", operands.outputs[1], state));
    return expect_floats(kName, "the last cell state", operands.outputs[2], state);
  }

  int64_t workspace(const Operands& operands, int) const override {
    return Scratch(sequences(operands)).bytes() + (is_constant(operands) ? 0 : packed_bytes(operands));
  }

  int64_t prepared_bytes(const Operands& operands) const override {
    return is_constant(operands) ? packed_bytes(operands) : 0;
  }

  void prepare(const Operands& operands) const noexcept override {
    pack_int8(weights(operands), *operands.pool, operands.prepared);
  }

  Status run(const Operands& operands) const noexcept override {
    const Sequences s = sequences(operands);
    CONVOLT_TRY(expect_lengths(kName, s));
    std::byte *packed = operands.prepared, *scratch = operands.workspace;
    if (packed == nullptr) {
      packed = operands.workspace;
      scratch += packed_bytes(operands);
      pack_int8(weights(operands), *operands.pool, packed);
    }
    copy_floats(operands.out<float>(1), operands.in<float>(1), s.batch * s.hidden);
    copy_floats(operands.out<float>(2), operands.in<float>(2), s.batch * s.hidden);
    const Int8Weights w = weights(operands);
    const Run run(s, w, Int8Panels(w, packed), operands, scratch);
    for (int64_t n = 0; n < s.batch; ++n) run.begin(n);
    const int64_t parts = s.batch * s.hidden * s.hidden * kGates / kProductsOfPart;
    operands.pool->run_team(std::clamp<int64_t>(parts, 1, w.panels()), [&](Team& team, int place) {
      const Range panels = cut(w.panels(), team.size(), place), units = cut(s.hidden, team.size(), place, kUnits);
      for (int64_t step = 0; step < s.steps; ++step) {
        for (int64_t panel = panels.begin; panel < panels.end; ++panel) run.multiply(panel);
        team.barrier();
        for (int64_t n = 0; n < s.batch && units.size() > 0; ++n) run.advance(n, s.time(step), units);
        team.barrier();
      }
    });
    return Status::ok();
  }

 private:
  // Bytes of the hidden state, rows of them a multiple of four long; where they begin; products.
  struct Scratch {
    int64_t row, states, pixels, products;
    explicit Scratch(const Sequences& s)
        : row(ceil_div(s.hidden, 4) * 4),
          states(aligned(s.batch * row)),
          pixels(aligned(s.batch * 8)),
          products(s.batch * kGates * s.hidden * 4) {}
    int64_t bytes() const { return states + pixels + products; }
  };

  class Run {
   public:
    Run(const Sequences& s, const Int8Weights& weights, const Int8Panels& panels, const Operands& operands,
        std::byte* scratch)
        : s_(s), weights_(weights), panels_(panels), operands_(operands), layout_(s) {
      states_ = reinterpret_cast<uint8_t*>(scratch);
      pixels_ = reinterpret_cast<int64_t*>(scratch + layout_.states);
      products_ = reinterpret_cast<float*>(scratch + layout_.states + layout_.pixels);
    }

    void begin(int64_t n) const {
      pixels_[n] = n * layout_.row;
      std::fill_n(states_ + n * layout_.row, layout_.row, uint8_t{kZero});
      quantize(n, {0, s_.hidden});
    }

    // The columns of a panel of all products.
    void multiply(int64_t panel) const {
      constexpr int64_t kSegments[] = {0, 0};
      const Range columns = panels_.columns(panel);
      loops().int8_rows({.x = states_,
                         .pixel = pixels_,
                         .rows = s_.batch,
                         .segment = kSegments,
                         .segments = panels_.segments(),
                         .quads = weights_.quads(),
                         .w = panels_.weights(0, panel),
                         .bias = panels_.bias(0, panel),
                         .scale = panels_.scale(0, panel),
                         .columns = columns.size(),
                         .y = products_ + columns.begin,
                         .addend = nullptr,
                         .ldy = weights_.columns,
                         .result = {.is_bytes = false,
                                    .zero = 0,
                                    .low = -__builtin_inff(),
                                    .high = __builtin_inff(),
                                    .add_zero = 0,
                                    .add_scale = 0,
                                    .fits_int32 = false}});
    }

    void advance(int64_t n, int64_t t, Range units) const {
      if (s_.is_padded(n, t)) return clear(s_, n, t, units, 1, operands_.out<float>(0));
      LstmRow row;
      row.n = units.size();
      row.gates = operands_.in<float>(0) + s_.row(n, t) * kGates * s_.hidden + units.begin;
      row.gate = s_.hidden;
      row.product = products_ + n * kGates * s_.hidden + units.begin;
      row.product_gate = s_.hidden;
      row.cell = operands_.out<float>(2) + n * s_.hidden + units.begin;
      row.hidden = operands_.out<float>(1) + n * s_.hidden + units.begin;
      row.output = operands_.out<float>(0) + s_.row(n, t) * s_.hidden + units.begin;
      loops().lstm_row(row);
      quantize(n, units);
    }

   private:
    void quantize(int64_t n, Range units) const {
      loops().quantize_linear(states_ + n * layout_.row + units.begin,
                              operands_.out<float>(1) + n * s_.hidden + units.begin, kScale, kZero, units.size());
    }

    const Sequences& s_;
    const Int8Weights& weights_;
    Int8Panels panels_;
    const Operands& operands_;
    Scratch layout_;
    uint8_t* states_;
    int64_t* pixels_;
    float* products_;
  };

  static bool is_constant(const Operands& operands) { return (operands.constants & 0b11000) == 0b11000; }

  Sequences sequences(const Operands& operands) const {
    const Shape& output = operands.outputs[0].shape;
    return {output[0], output[1], output[2], reverse_, has_lengths_ ? operands.in<int32_t>(5) : nullptr};
  }

  static Int8Weights weights(const Operands& operands) {
    const int64_t hidden = operands.outputs[0].shape[2];
    return {.w = operands.in<int8_t>(3),
            .bias = nullptr,
            .scale = operands.in<float>(4),
            .input_zero = kZero,
            .groups = 1,
            .segments = 1,
            .length = hidden,
            .columns = kGates * hidden};
  }

  static int64_t packed_bytes(const Operands& operands) { return aligned(packed_int8_bytes(weights(operands))); }

  bool reverse_, has_lengths_;
};

}  // namespace

CONVOLT_KERNEL(quantizedLstm, QuantizedLstm)

}  // namespace convolt
