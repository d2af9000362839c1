// Element types, shapes and views of memory that somebody else owns.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace convolt {

// The order equals `dtypes` in lib/graph/tensor.ts. kBool is one byte, 0 or 1.
enum class DType : uint8_t { kFloat32, kInt32, kUint8, kBool, kInt8 };

inline constexpr int64_t bytes_per_element(DType dtype) { return dtype <= DType::kInt32 ? 4 : 1; }

inline constexpr int kMaxRank = 8;

// Sizes of up to eight dimensions, row-major.
class Shape {
 public:
  Shape() = default;
  explicit Shape(std::span<const int64_t> sizes) : rank_(static_cast<int>(sizes.size())) {
    for (int i = 0; i < rank_; ++i) sizes_[i] = sizes[i];
  }

  int rank() const { return rank_; }
  int64_t operator[](int axis) const { return sizes_[axis]; }
  int64_t& operator[](int axis) { return sizes_[axis]; }
  // Counted from the back: 1 is the last axis.
  int64_t last(int i = 1) const { return sizes_[rank_ - i]; }
  int64_t elements() const { return product(0, rank_); }
  // Product of the sizes of axes [begin, end).
  int64_t product(int begin, int end) const {
    int64_t result = 1;
    for (int i = begin; i < end; ++i) result *= sizes_[i];
    return result;
  }
  bool operator==(const Shape& other) const {
    if (rank_ != other.rank_) return false;
    for (int i = 0; i < rank_; ++i) {
      if (sizes_[i] != other.sizes_[i]) return false;
    }
    return true;
  }
  std::string to_string() const;

 private:
  std::array<int64_t, kMaxRank> sizes_{};
  int rank_ = 0;
};

// A view of contiguous row-major memory.
struct Tensor {
  void* data = nullptr;
  DType dtype = DType::kFloat32;
  Shape shape;

  int64_t elements() const { return shape.elements(); }
  int64_t bytes() const { return elements() * bytes_per_element(dtype); }
};

}  // namespace convolt
