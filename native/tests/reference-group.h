// What a fused group should compute: one position after the other, in double.
#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/fused-group.h"

namespace convolt {

// Numbers around 1; whole ones around 0 for int32, any for bytes.
inline Tensor random_tensor(Memory& memory, std::mt19937& numbers, const std::vector<int64_t>& sizes, DType dtype) {
  Tensor tensor = memory.make(sizes, dtype);
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    const double value = std::uniform_real_distribution<double>(0.5, 1.5)(numbers);
    if (dtype == DType::kFloat32) static_cast<float*>(tensor.data)[i] = static_cast<float>(value);
    if (dtype == DType::kInt32) static_cast<int32_t*>(tensor.data)[i] = static_cast<int32_t>(value * 10) - 10;
    if (dtype == DType::kUint8) static_cast<uint8_t*>(tensor.data)[i] = static_cast<uint8_t>(value * 60);
    if (dtype == DType::kBool) static_cast<uint8_t*>(tensor.data)[i] = value > 1;
  }
  return tensor;
}

inline double reference_of(Op op, double x, double y, double z) {
  const auto nan_or = [&](double value) { return std::isnan(x) ? x : std::isnan(y) ? y : value; };
  switch (op) {
    case Op::add:
      return x + y;
    case Op::sub:
      return x - y;
    case Op::mul:
      return x * y;
    case Op::div:
      return x / y;
    case Op::pow:
      return std::pow(x, y);
    case Op::maximum:
      return nan_or(std::max(x, y));
    case Op::minimum:
      return nan_or(std::min(x, y));
    case Op::mod:
      return x - y * std::floor(x / y);
    case Op::equal:
      return x == y;
    case Op::less:
      return x < y;
    case Op::lessEqual:
      return x <= y;
    case Op::logicalAnd:
      return x != 0 && y != 0;
    case Op::logicalOr:
      return x != 0 || y != 0;
    case Op::logicalNot:
      return x == 0;
    case Op::isFinite:
      return std::isfinite(x);
    case Op::neg:
      return -x;
    case Op::abs:
      return std::fabs(x);
    case Op::sign:
      return std::isnan(x) ? x : (x > 0) - (x < 0);
    case Op::floor:
      return std::floor(x);
    case Op::round:
      return std::nearbyint(x);
    case Op::sqrt:
      return std::sqrt(x);
    case Op::reciprocal:
      return 1 / x;
    case Op::exp:
      return std::exp(x);
    case Op::expm1:
      return std::expm1(x);
    case Op::log:
      return std::log(x);
    case Op::log1p:
      return std::log1p(x);
    case Op::tanh:
      return std::tanh(x);
    case Op::sigmoid:
      return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
    case Op::erf:
      return std::erf(x);
    case Op::sin:
      return std::sin(x);
    case Op::cos:
      return std::cos(x);
    case Op::where:
      return x != 0 ? y : z;
    case Op::copy:
      return x;
    case Op::mulAdd:
      return x * y + z;
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
}

inline double reference_fold(int tail, double a, double x) {
  if (tail == 1) return a + x;
  if (tail == 4) return a * x;
  return reference_of(tail == 2 ? Op::maximum : Op::minimum, a, x, 0);
}

inline double reference_identity(int tail) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return tail == 1 ? 0 : tail == 2 ? -infinity : tail == 3 ? infinity : 1;
}

// Index in an operand of the position `at` of `shape`.
inline int64_t index_of(const Shape& operand, const Shape& shape, const std::vector<int64_t>& at) {
  int64_t index = 0;
  for (int i = 0; i < operand.rank(); ++i) {
    const int axis = i + shape.rank() - operand.rank();
    index = index * operand[i] + (operand[i] == 1 ? 0 : at[axis]);
  }
  return index;
}

// The numbers of every output of `text`, before they are converted to the output's element type.
inline std::vector<std::vector<double>> reference_run(const GroupText& text, const std::vector<Tensor>& inputs,
                                                      const std::vector<Tensor>& outputs) {
  const Shape shape = shape_of(text.shape);
  std::vector<std::vector<double>> results;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const int tail = text.ends[i].second;
    results.emplace_back(outputs[i].elements(), tail == 0 ? 0 : reference_identity(tail));
  }
  std::vector<int64_t> at(text.shape.size());
  for (int64_t position = 0; position < shape.elements(); ++position) {
    int64_t rest = position;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      at[axis] = rest % shape[axis];
      rest /= shape[axis];
    }
    std::vector<double> registers;
    for (const Tensor& input : inputs) registers.push_back(number_at(input, index_of(input.shape, shape, at)));
    for (const double value : text.immediates) registers.push_back(static_cast<float>(value));
    registers.resize(registers.size() + 64);
    const auto read = [&](int number) { return number < 0 ? 0 : registers[number]; };
    for (const auto& [op, y, a, b, c] : text.lines) registers[y] = reference_of(op, read(a), read(b), read(c));
    for (size_t i = 0; i < outputs.size(); ++i) {
      const auto [value, tail] = text.ends[i];
      double& result = results[i][index_of(outputs[i].shape, shape, at)];
      result = tail == 0 ? registers[value] : reference_fold(tail, result, registers[value]);
    }
  }
  return results;
}

}  // namespace convolt
