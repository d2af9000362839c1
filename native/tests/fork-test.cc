// The child of a fork has none of the threads that computed before it; it computes again, or ends, as it likes.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "gemm/sgemm.h"
#include "runtime/executor.h"
#include "runtime/process.h"

namespace convolt {
namespace {

constexpr unsigned kSeconds = 20;  // after which a child that hangs is killed

// The exit code of a child that does `work`, or minus the signal that ended it.
template <typename Work>
int code_of_child(const Work& work) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(kSeconds);
    work();
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// True when all threads of the pool, and BLAS on each of them, give the right sums.
bool computes() {
  constexpr int64_t kSize = 64, kTasks = 32;
  std::vector<float> a(kSize * kSize, 0.5F), results(kTasks * kSize * kSize);
  process_pool().parallel_for(kTasks, [&](int64_t task, int) {
    Gemm gemm{};
    gemm.m = gemm.n = gemm.k = kSize;
    gemm.a = gemm.b = a.data();
    gemm.c = results.data() + task * kSize * kSize;
    gemm.lda = gemm.ldb = gemm.ldc = kSize;
    sgemm(gemm);
  });
  for (const float result : results) {
    if (result != kSize / 4.0F) return false;
  }
  return true;
}

// True when two threads are at work at the same time.
bool works_together() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(kSeconds / 2);
  std::atomic<int> began{0}, met{0};
  process_pool().parallel_for(2, [&](int64_t, int) {
    ++began;
    while (began < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    if (began == 2) ++met;
  });
  return met == 2;
}

struct Flag : Job {
  void run(const std::atomic<bool>& stop) noexcept override {
    began = true;
    while (waiting && !stop) std::this_thread::yield();
    computed = computes();
  }
  void done() noexcept override {
    ended = true;
    ended.notify_all();
  }
  std::atomic<bool> waiting{false}, began{false}, ended{false};
  bool computed = false;
};

// True when a job runs on `executor` and computes.
bool runs_on(Executor& executor) {
  Flag job;
  if (!executor.submit(&job).is_ok()) return false;
  job.ended.wait(false);
  return job.computed;
}

TEST(Fork, TheChildComputesOnThreadsOfItsOwn) {
  const int before = process_pool().threads();
  ASSERT_TRUE(set_process_threads(3).is_ok());
  ASSERT_TRUE(computes());
  EXPECT_EQ(code_of_child([] { _exit(works_together() && computes() && process_pool().threads() == 3 ? 7 : 1); }), 7);
  EXPECT_TRUE(computes());
  EXPECT_TRUE(set_process_threads(before).is_ok());
}

TEST(Fork, ExecutorsBeginAnew) {
  Executor executor;
  ASSERT_TRUE(runs_on(executor));
  EXPECT_EQ(code_of_child([&] { _exit(runs_on(executor) && runs_on(executor) ? 7 : 1); }), 7);
  EXPECT_TRUE(runs_on(executor));
}

TEST(Fork, RunsInFlightAreTheParentsAlone) {
  Executor executor;
  Flag job;
  job.waiting = true;
  ASSERT_TRUE(executor.submit(&job).is_ok());
  while (!job.began) std::this_thread::yield();
  // The number of threads may be set, since no run is in flight there; the job at work does not end, others run.
  const auto child = [&] { _exit(set_process_threads(2).is_ok() && runs_on(executor) && !job.ended ? 7 : 1); };
  EXPECT_EQ(code_of_child(child), 7);
  EXPECT_EQ(set_process_threads(2).code(), Code::kBusy);
  job.waiting = false;
  job.ended.wait(false);
  EXPECT_TRUE(job.computed);
}

TEST(Fork, TheChildExitsWithARunInFlight) {
  [[maybe_unused]] static const int registered = std::atexit(&Executor::stop_all);
  Executor executor;
  Flag job;
  job.waiting = true;
  ASSERT_TRUE(executor.submit(&job).is_ok());
  while (!job.began) std::this_thread::yield();
  EXPECT_EQ(code_of_child([] { std::exit(7); }), 7);
  job.waiting = false;
  job.ended.wait(false);
}

// At any moment: while others lead runs, start executors and stop them.
TEST(Fork, AnyMomentWillDo) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> others;
  for (int i = 0; i < 2; ++i) {
    others.emplace_back([&] {
      while (!stop) {
        Executor executor;
        EXPECT_TRUE(runs_on(executor));
      }
    });
  }
  const auto child = [] {
    Executor executor;
    _exit(computes() && runs_on(executor) ? 7 : 1);
  };
  for (int i = 0; i < 100; ++i) ASSERT_EQ(code_of_child(child), 7) << i;
  stop = true;
  for (std::thread& other : others) other.join();
}

struct NoWork : Job {
  void run(const std::atomic<bool>&) noexcept override {}
  void done() noexcept override {}
};

// The child may map nothing any more: as soon as the stacks of earlier threads are used up, a thread is refused.
TEST(Executor, SaysWhenTheSystemRefusesItsThread) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need memory of their own";
#endif
  const auto child = [] {
    std::array<Executor, 64> executors;
    NoWork job;
    const rlimit nothing{0, 0};
    setrlimit(RLIMIT_AS, &nothing);
    Status status;
    for (size_t i = 0; i < executors.size() && status.is_ok(); ++i) status = executors[i].submit(&job);
    _exit(status.code() == Code::kNative && status.message().find("a thread") != std::string::npos ? 7 : 1);
  };
  EXPECT_EQ(code_of_child(child), 7);
}

}  // namespace
}  // namespace convolt
