// Packs int8 weights into panels; folds the zero of the input into the bias.
#include "gemm/int8-weights.h"

#include <algorithm>
#include <atomic>

#include "base/aligned.h"
#include "loops/loops.h"

namespace convolt {
namespace {

// Packed weights: a header, bias and scale of all vectors, panels.
struct Layout {
  int64_t lanes, vectors, vector_bytes;

  explicit Layout(const Int8Weights& w, bool halved)
      : lanes(loops().int8_lanes()),
        vectors(w.vectors()),
        vector_bytes(w.segments * (halved ? 2 : 1) * w.quads() * 4 * lanes) {}
  int64_t bias() const { return kAlignment; }
  int64_t scale(int64_t groups) const { return bias() + aligned(groups * vectors * lanes * 4); }
  int64_t panels(int64_t groups) const { return scale(groups) + aligned(groups * vectors * lanes * 4); }
};

// True if some weights that would stand side by side may not.
bool needs_halves(const Int8Weights& w, ThreadPool& pool) {
  if (!loops().int8_sums_pairs()) return false;
  const int64_t filters = w.groups * w.columns;
  std::atomic<bool> found = false;
  pool.parallel_for(w.segments, [&](int64_t segment, int) {
    const int8_t* from = w.w + segment * w.length * filters;
    bool wide = false;
    for (int64_t i = 0; i + 1 < w.length && !wide; i += 2) {
      for (int64_t j = 0; j < filters; ++j) {
        wide |= !may_be_paired(from[i * filters + j], from[(i + 1) * filters + j]);
      }
    }
    if (wide) found = true;
  });
  return found;
}

}  // namespace

bool are_small(const float* scales, int64_t count) {
  return std::all_of(scales, scales + count, [](float scale) { return scale <= 0.5f && scale >= -0.5f; });
}

int64_t Int8Weights::vectors() const { return ceil_div(columns, loops().int8_lanes()); }

int64_t Int8Weights::panels() const { return ceil_div(vectors(), loops().int8_panel() / loops().int8_lanes()); }

Range Int8Panels::columns(int64_t panel) const {
  const int64_t lanes = loops().int8_lanes();
  const Range vectors = cut(weights_.vectors(), weights_.panels(), panel);
  return {vectors.begin * lanes, std::min(vectors.end * lanes, weights_.columns)};
}

int64_t Int8Panels::first_column(int64_t group, int64_t panel) const {
  return group * weights_.vectors() * loops().int8_lanes() + columns(panel).begin;
}

const int32_t* Int8Panels::bias(int64_t group, int64_t panel) const {
  const Layout layout(weights_, are_halved());
  return reinterpret_cast<const int32_t*>(packed_ + layout.bias()) + first_column(group, panel);
}

const float* Int8Panels::scale(int64_t group, int64_t panel) const {
  const Layout layout(weights_, are_halved());
  return reinterpret_cast<const float*>(packed_ + layout.scale(weights_.groups)) + first_column(group, panel);
}

const int8_t* Int8Panels::weights(int64_t group, int64_t panel) const {
  const Layout layout(weights_, are_halved());
  return reinterpret_cast<const int8_t*>(packed_ + layout.panels(weights_.groups)) +
         first_column(group, panel) / layout.lanes * layout.vector_bytes;
}

int64_t packed_int8_bytes(const Int8Weights& weights) {
  const Layout layout(weights, loops().int8_sums_pairs());
  return layout.panels(weights.groups) + weights.groups * layout.vectors * layout.vector_bytes;
}

void pack_int8(const Int8Weights& w, ThreadPool& pool, std::byte* packed) {
  auto* header = reinterpret_cast<int64_t*>(packed);
  header[0] = needs_halves(w, pool) ? 1 : 0;
  header[1] = are_small(w.scale, w.groups * w.columns) ? 1 : 0;
  const Int8Panels panels(w, packed);
  const int64_t lanes = loops().int8_lanes(), filters = w.groups * w.columns;
  pool.parallel_for(w.groups * w.panels(), [&](int64_t task, int) {
    const int64_t group = task / w.panels(), panel = task % w.panels();
    const Range columns = panels.columns(panel);
    const int64_t width = ceil_div(columns.size(), lanes) * lanes;
    auto* bias = const_cast<int32_t*>(panels.bias(group, panel));
    auto* scale = const_cast<float*>(panels.scale(group, panel));
    auto* to = const_cast<int8_t*>(panels.weights(group, panel));
    std::fill_n(bias, width, 0);
    std::fill_n(scale, width, 0.0f);
    for (int64_t j = 0; j < columns.size(); ++j) {
      const int64_t k = group * w.columns + columns.begin + j;
      uint32_t sum = 0;  // wraps, as the sums do
      for (int64_t i = 0; i < w.segments * w.length; ++i) sum += static_cast<uint32_t>(w.w[i * filters + k]);
      bias[j] = static_cast<int32_t>((w.bias ? static_cast<uint32_t>(w.bias[k]) : 0) - sum * static_cast<uint32_t>(w.input_zero));
      scale[j] = w.scale[k];
    }
    for (int64_t s = 0; s < panels.segments(); ++s) {
      const int8_t* from = w.w + s % w.segments * w.length * filters + group * w.columns + columns.begin;
      for (int64_t quad = 0; quad < w.quads(); ++quad) {
        for (int64_t j = 0; j < width; ++j) {
          for (int64_t t = 0; t < 4; ++t) {
            const int64_t i = 4 * quad + t;
            const int8_t weight = i < w.length && j < columns.size() ? from[i * filters + j] : int8_t{0};
            *to++ = !panels.are_halved() ? weight : s < w.segments ? first_half(weight) : second_half(weight);
          }
        }
      }
    }
  });
}

}  // namespace convolt
