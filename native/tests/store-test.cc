// The store: slots, bounds, one run at a time, dispose.
#include "runtime/store.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace convolt {
namespace {

TensorType type_of(std::initializer_list<double> sizes, double dtype = 0) {
  TensorType type;
  EXPECT_TRUE(make_tensor_type("test", dtype, std::vector<double>(sizes), &type).is_ok());
  return type;
}

std::span<std::byte> bytes_of(std::span<float> values) { return std::as_writable_bytes(values); }

TEST(Store, SlotsAreZeroedAndKeepWhatIsWritten) {
  Store store;
  int64_t slot = -1;
  ASSERT_TRUE(store.declare(type_of({2, 3}), &slot).is_ok());
  EXPECT_EQ(store.bytes(), 24);
  std::array<float, 6> values{9, 9, 9, 9, 9, 9};
  ASSERT_TRUE(store.read(slot, bytes_of(values), 0).is_ok());
  for (const float value : values) EXPECT_EQ(value, 0);
  std::array<float, 2> part{4, 5};
  ASSERT_TRUE(store.write(slot, bytes_of(part), 8).is_ok());
  ASSERT_TRUE(store.read(slot, bytes_of(values), 0).is_ok());
  EXPECT_EQ(values, (std::array<float, 6>{0, 0, 4, 5, 0, 0}));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(store.find(slot)->memory.data()) % 64, 0u);
}

TEST(Store, EmptyTensorsAndScalarsHaveSlots) {
  Store store;
  int64_t empty = -1, scalar = -1;
  ASSERT_TRUE(store.declare(type_of({3, 0}), &empty).is_ok());
  ASSERT_TRUE(store.declare(type_of({}, 1), &scalar).is_ok());
  EXPECT_EQ(store.bytes(), 4);
  EXPECT_TRUE(store.read(empty, {}, 0).is_ok());
}

TEST(Store, RefusesAccessOutsideOfASlot) {
  Store store;
  int64_t slot = -1;
  ASSERT_TRUE(store.declare(type_of({4}), &slot).is_ok());
  std::array<float, 5> values{};
  EXPECT_EQ(store.write(slot, bytes_of(values), 0).code(), Code::kShape);
  EXPECT_EQ(store.read(slot, std::span(bytes_of(values)).first(4), 13).code(), Code::kShape);
  EXPECT_EQ(store.read(slot, {}, 17).code(), Code::kShape);
  EXPECT_EQ(store.read(slot, {}, -1).code(), Code::kShape);
  EXPECT_EQ(store.read(slot + 1, {}, 0).code(), Code::kState);
  EXPECT_EQ(store.read(-1, {}, 0).code(), Code::kState);
}

TEST(Store, ASealedSlotIsReadAndReleasedButNotWritten) {
  Store store;
  int64_t slot = -1;
  ASSERT_TRUE(store.declare(type_of({1}), &slot).is_ok());
  std::array<float, 1> value{3};
  ASSERT_TRUE(store.write(slot, bytes_of(value), 0).is_ok());
  EXPECT_EQ(store.seal(slot + 1).code(), Code::kState);
  ASSERT_TRUE(store.seal(slot).is_ok());
  EXPECT_EQ(store.write(slot, bytes_of(value), 0).code(), Code::kState);
  EXPECT_TRUE(store.read(slot, bytes_of(value), 0).is_ok());
  EXPECT_TRUE(store.release(slot).is_ok());
}

TEST(Store, NeverUsesASlotNumberTwice) {
  Store store;
  int64_t first = -1, second = -1;
  ASSERT_TRUE(store.declare(type_of({4}), &first).is_ok());
  const uint64_t generation = store.generation();
  ASSERT_TRUE(store.release(first).is_ok());
  EXPECT_NE(store.generation(), generation);
  EXPECT_EQ(store.bytes(), 0);
  EXPECT_EQ(store.release(first).code(), Code::kState);
  ASSERT_TRUE(store.declare(type_of({4}), &second).is_ok());
  EXPECT_NE(first, second);
  EXPECT_EQ(store.find(first), nullptr);
}

TEST(Store, IsBusyDuringARun) {
  Store store;
  int64_t slot = -1;
  ASSERT_TRUE(store.declare(type_of({4}), &slot).is_ok());
  ASSERT_TRUE(store.begin_run().is_ok());
  EXPECT_TRUE(store.busy());
  EXPECT_EQ(store.begin_run().code(), Code::kBusy);
  EXPECT_EQ(store.write(slot, {}, 0).code(), Code::kBusy);
  EXPECT_EQ(store.read(slot, {}, 0).code(), Code::kBusy);
  EXPECT_EQ(store.release(slot).code(), Code::kBusy);
  EXPECT_TRUE(store.declare(type_of({4}), &slot).is_ok());
  store.end_run();
  EXPECT_TRUE(store.begin_run().is_ok());
}

TEST(Store, DisposeWaitsForTheEndOfARun) {
  Store store;
  int64_t slot = -1;
  ASSERT_TRUE(store.declare(type_of({4}), &slot).is_ok());
  ASSERT_TRUE(store.begin_run().is_ok());
  store.dispose();
  EXPECT_NE(store.find(slot), nullptr);
  store.end_run();
  EXPECT_EQ(store.find(slot), nullptr);
  EXPECT_EQ(store.bytes(), 0);
  EXPECT_EQ(store.begin_run().code(), Code::kDisposed);
  EXPECT_EQ(store.declare(type_of({4}), &slot).code(), Code::kDisposed);
  store.dispose();
}

TEST(Store, RefusesMoreMemoryThanThereIs) {
  Store store;
  int64_t slot = -1;
  EXPECT_EQ(store.declare(type_of({1 << 20, 1 << 20, 1 << 10}), &slot).code(), Code::kNative);
  EXPECT_EQ(store.bytes(), 0);
}

TEST(TensorType, RefusesWhatIsNoType) {
  TensorType type;
  const auto code = [&](double dtype, std::vector<double> sizes) {
    return make_tensor_type("test", dtype, sizes, &type).code();
  };
  EXPECT_EQ(code(5, {1}), Code::kDtype);
  EXPECT_EQ(code(-1, {1}), Code::kDtype);
  EXPECT_EQ(code(0.5, {1}), Code::kDtype);
  EXPECT_EQ(code(0, {-1}), Code::kShape);
  EXPECT_EQ(code(0, {1.5}), Code::kShape);
  EXPECT_EQ(code(0, {__builtin_nan("")}), Code::kShape);
  EXPECT_EQ(code(0, {1e300}), Code::kShape);
  EXPECT_EQ(code(0, {1e9, 1e9, 1e9}), Code::kShape);
  EXPECT_EQ(code(0, {0, 1e9, 1e9, 1e9}), Code::kShape);
  EXPECT_EQ(code(0, std::vector<double>(9, 1)), Code::kShape);
  EXPECT_EQ(code(0, std::vector<double>(8, 1)), Code::kOk);
}

}  // namespace
}  // namespace convolt
