// Kernels that move numbers (transpose, concat, slice, pad), against index arithmetic element by element.
#include <functional>
#include <numeric>

#include "tests/run-kernel.h"

namespace convolt {
namespace {

using Index = std::vector<int64_t>;

// Calls body(index) for every index of `shape`, row-major.
void for_indices(const Shape& shape, const std::function<void(const Index&)>& body) {
  Index index(shape.rank(), 0);
  for (int64_t i = 0; i < shape.elements(); ++i) {
    body(index);
    for (int a = shape.rank() - 1; a >= 0 && ++index[a] == shape[a]; --a) index[a] = 0;
  }
}

double at(const Array& array, const Index& index) {
  int64_t offset = 0;
  for (size_t a = 0; a < index.size(); ++a) offset = offset * array.tensor().shape[a] + index[a];
  return array[offset];
}

std::vector<double> values(const Index& shape, DType dtype) {
  const Shape sizes{std::span<const int64_t>(shape)};
  std::vector<double> numbers = counting(sizes.elements());
  if (dtype == DType::kUint8) {
    for (double& number : numbers) number = static_cast<int>(number) % 251;
  }
  return numbers;
}

std::vector<double> list(double first, const std::vector<Index>& rest) {
  std::vector<double> numbers = {first};
  for (const Index& part : rest) numbers.insert(numbers.end(), part.begin(), part.end());
  return numbers;
}

void check_transpose(const Index& shape, const Index& permutation, DType dtype) {
  const Array x(dtype, shape, values(shape, dtype));
  Index to;
  for (const int64_t axis : permutation) to.push_back(shape[axis]);
  const Array y(dtype, to);
  expect_ok(run_kernel("transpose", list(shape.size(), {permutation}), {&x}, {&y}, 2));
  for_indices(y.tensor().shape, [&](const Index& index) {
    Index from(shape.size());
    for (size_t a = 0; a < index.size(); ++a) from[permutation[a]] = index[a];
    ASSERT_EQ(at(y, index), at(x, from));
  });
}

TEST(Transpose, EveryPermutationOfOddSizes) {
  for (const DType dtype : {DType::kFloat32, DType::kUint8}) {
    for (const Index& shape :
         std::initializer_list<Index>{{}, {5}, {5, 7}, {3, 4, 5}, {2, 9, 6, 3}, {2, 1, 3, 4, 5}, {3, 0, 2}}) {
      Index permutation(shape.size());
      std::iota(permutation.begin(), permutation.end(), 0);
      do {
        check_transpose(shape, permutation, dtype);
      } while (std::next_permutation(permutation.begin(), permutation.end()));
    }
  }
}

TEST(Transpose, LargePlanesAndImages) {
  for (const Index& shape : {Index{1, 4097}, Index{67, 131}, Index{512, 256}, Index{1025, 3}, Index{3, 1025}}) {
    check_transpose(shape, {1, 0}, DType::kFloat32);
    check_transpose(shape, {1, 0}, DType::kUint8);
  }
  check_transpose({2, 3, 2, 1, 2, 3, 2, 2}, {7, 0, 5, 3, 1, 6, 2, 4}, DType::kFloat32);
  check_transpose({3, 32, 31, 16}, {0, 3, 1, 2}, DType::kFloat32);
  check_transpose({3, 16, 32, 31}, {0, 2, 3, 1}, DType::kFloat32);
  check_transpose({3, 28, 28, 3}, {0, 3, 1, 2}, DType::kUint8);
}

TEST(Transpose, RefusesWrongAttributesAndShapes) {
  const Array x = floats({2, 3});
  const Array y = floats({3, 2});
  const auto refuse = [&](std::vector<double> attributes) {
    expect_fails(run_kernel("transpose", attributes, {&x}, {&y}), Code::kShape, "transpose: expected");
  };
  refuse({2, 0, 1});
  refuse({2, 1, 1});
  refuse({2, 1, 7});
  refuse({3, 2, 1, 0});
}

TEST(Concat, EveryAxisAndEmptyParts) {
  for (int axis = 0; axis < 3; ++axis) {
    Index a = {3, 4, 5};
    Index b = a;
    Index empty = a;
    Index joined = a;
    b[axis] = 2;
    empty[axis] = 0;
    joined[axis] += 2;
    const Array x(DType::kInt32, a, counting(60));
    const Array y(DType::kInt32, b, counting(60 / a[axis] * 2));
    const Array nothing(DType::kInt32, empty);
    const Array z(DType::kInt32, joined);
    expect_ok(run_kernel("concat", {static_cast<double>(axis)}, {&x, &nothing, &y}, {&z}));
    for_indices(z.tensor().shape, [&](Index index) {
      const bool first = index[axis] < a[axis];
      const double actual = at(z, index);
      if (!first) index[axis] -= a[axis];
      ASSERT_EQ(actual, at(first ? x : y, index));
    });
  }
  const Array x = floats({2, 3});
  const Array y = floats({2, 5});
  expect_fails(run_kernel("concat", {1}, {&x, &x}, {&y}), Code::kShape, "concat: expected the output");
  expect_fails(run_kernel("concat", {0}, {&x, &y}, {&y}), Code::kShape, "concat: expected every input");
  expect_fails(run_kernel("concat", {2}, {&x}, {&x}), Code::kShape, "concat: expected the axis");
}

TEST(Slice, StepsForwardsAndBackwardsAndItsAdjoint) {
  const Index shape = {5, 6, 7};
  const Array x = floats(shape, counting(210));
  const Index sizes = {2, 3, 4};
  for (const Index& begin : {Index{0, 0, 0}, Index{2, 4, 6}, Index{3, 3, 0}}) {
    Index step;
    for (int a = 0; a < 3; ++a) step.push_back(begin[a] + (sizes[a] - 1) < shape[a] ? 1 : -1);
    if (begin[1] == 0) step = {2, 2, 2};
    const Array y = floats(sizes);
    expect_ok(run_kernel("slice", list(3, {begin, step}), {&x}, {&y}));
    const Array back = floats(shape);
    expect_ok(run_kernel("sliceGrad", list(3, {begin, step}), {&y}, {&back}));
    std::vector<double> expected(210, 0);
    for_indices(y.tensor().shape, [&](const Index& index) {
      Index from;
      for (int a = 0; a < 3; ++a) from.push_back(begin[a] + index[a] * step[a]);
      ASSERT_EQ(at(y, index), at(x, from));
      expected[static_cast<size_t>(at(x, from))] = at(x, from);
    });
    EXPECT_EQ(back.numbers(), expected);
  }
  const Array y = floats({2, 3, 4});
  expect_fails(run_kernel("slice", {3, 4, 0, 0, 1, 1, 1}, {&x}, {&y}), Code::kShape, "slice: expected the box");
  expect_fails(run_kernel("sliceGrad", {3, 0, 0, 0, 1, 1, -1}, {&y}, {&x}), Code::kShape,
               "sliceGrad: expected the box");
}

// The position of x that padded position i shows, or -1 in a constant border.
int64_t source(int mode, int64_t i, int64_t length) {
  if (i >= 0 && i < length) return i;
  if (mode == 0) return -1;
  if (mode == 2) return i < 0 ? 0 : length - 1;
  return i < 0 ? -i : 2 * (length - 1) - i;
}

TEST(Pad, EveryModeAndItsAdjoint) {
  const Index shape = {2, 4, 5, 3};
  const Index before = {0, 3, 1, 1};
  const Index after = {1, 0, 4, 2};
  Index padded;
  for (int a = 0; a < 4; ++a) padded.push_back(shape[a] + before[a] + after[a]);
  const Array x = floats(shape, counting(120));
  for (int mode = 0; mode < 3; ++mode) {
    const Array y = floats(padded);
    std::vector<double> attributes = list(4, {before, after, {mode}});
    const Array gradient = floats(shape);
    attributes.push_back(-7);
    expect_ok(run_kernel("pad", attributes, {&x}, {&y}));
    attributes.pop_back();
    expect_ok(run_kernel("padGrad", attributes, {&y}, {&gradient}, 2));
    std::vector<double> expected(120, 0);
    for_indices(y.tensor().shape, [&](const Index& index) {
      Index from;
      for (int a = 0; a < 4; ++a) from.push_back(source(mode, index[a] - before[a], shape[a]));
      const bool inside = std::find(from.begin(), from.end(), -1) == from.end();
      ASSERT_EQ(at(y, index), inside ? at(x, from) : -7) << mode;
      if (inside) expected[static_cast<size_t>(at(x, from))] += at(y, index);
    });
    EXPECT_EQ(gradient.numbers(), expected) << mode;
  }
  const Array y = floats({2, 4, 5, 9});
  expect_fails(run_kernel("pad", list(4, {{0, 0, 0, 3}, {0, 0, 0, 3}, {1}, {0}}), {&x}, {&y}), Code::kShape,
               "pad: expected the border of axis 3");
  expect_fails(run_kernel("pad", list(4, {{0, 0, 0, 1}, {0, 0, 0, 1}, {0}, {0}}), {&x}, {&y}), Code::kShape,
               "pad: expected the padded tensor");
}

}  // namespace
}  // namespace convolt
