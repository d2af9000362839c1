// Image by image: the product of a band of positions, added to the image while the band is in the cache.
#include "gemm/patch-scatter.h"

#include <algorithm>

#include "gemm/packed-matrix.h"
#include "gemm/row2im.h"
#include "loops/loops.h"

namespace convolt {
namespace {

constexpr int64_t kBandFloats = int64_t{128} << 10;  // 512 KiB
constexpr int64_t kLeastBand = 32;
constexpr int64_t kLeastImages = 2;
constexpr int64_t kMostChannels = 48;

int64_t depth_of(const PatchScatter& s) { return s.window.taps() * s.channels; }

int64_t band_of(const PatchScatter& s) {
  return std::min(s.window.positions(), std::max(kLeastBand, kBandFloats / std::max<int64_t>(1, depth_of(s))));
}

// One band of one group of image n.
void add_band(const PatchScatter& s, const PackedMatrix& packed, int64_t n, int64_t group, Range positions,
              float* rows) {
  const int64_t depth = depth_of(s), filters = s.groups * s.filters, channels = s.groups * s.channels;
  const float* gy = s.gy + (n * s.window.positions() + positions.begin) * filters + group * s.filters;
  packed.multiply({0, depth}, positions.size(), gy, filters, rows, depth);
  const int64_t pixels = s.window.rows.length * s.window.columns.length;
  row2im({s.gx + n * pixels * channels + group * s.channels, s.channels, channels}, s.window, positions, rows);
}

PackedMatrix packed_of(const PatchScatter& s, int64_t group, float* packed) {
  return {s.filters, depth_of(s), packed + group * PackedMatrix::floats(s.filters, depth_of(s))};
}

}  // namespace

bool suits_patch_scatter(int64_t images, int64_t channels) {
  return images >= kLeastImages && channels <= kMostChannels;
}

int64_t patch_scatter_workspace(const PatchScatter& s, int threads) {
  const int64_t packed = s.groups * PackedMatrix::floats(s.filters, depth_of(s));
  return (packed + threads * band_of(s) * depth_of(s)) * static_cast<int64_t>(sizeof(float));
}

void patch_scatter(const PatchScatter& s, ThreadPool& pool, void* workspace) {
  const int64_t image = s.window.rows.length * s.window.columns.length * s.groups * s.channels;
  const int64_t band = band_of(s), depth = depth_of(s);
  auto* packed = static_cast<float*>(workspace);
  for (int64_t group = 0; group < s.groups; ++group) {
    packed_of(s, group, packed).pack(s.w + group * s.filters, s.groups * s.filters, true, pool);
  }
  float* free = packed + s.groups * PackedMatrix::floats(s.filters, depth);
  pool.parallel_for(s.images, [&](int64_t n, int thread) {
    float* rows = free + thread * band * depth;
    loops().fill(s.gx + n * image, 0.0f, image);
    for (int64_t group = 0; group < s.groups; ++group) {
      for (int64_t begin = 0; begin < s.window.positions(); begin += band) {
        add_band(s, packed_of(s, group, packed), n, group, {begin, std::min(begin + band, s.window.positions())}, rows);
      }
    }
  });
}

}  // namespace convolt
