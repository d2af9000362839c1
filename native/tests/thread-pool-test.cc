// Every task runs once, on a thread of its own number, whoever calls.
#include <gtest/gtest.h>
#if defined(__linux__)
#include <sched.h>
#endif

#include <atomic>
#include <thread>
#include <vector>

#include "base/thread_pool.h"

namespace convolt {
namespace {

TEST(ThreadPool, RunsEveryTaskOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (const int64_t tasks : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> runs(tasks);
      std::atomic<bool> thread_in_range{true};
      pool.parallel_for(tasks, [&](int64_t task, int thread) {
        ++runs[task];
        if (thread < 0 || thread >= threads) thread_in_range = false;
      });
      for (const auto& count : runs) EXPECT_EQ(count, 1);
      EXPECT_TRUE(thread_in_range);
    }
  }
}

TEST(ThreadPool, ManyRunsLoseNothing) {
  ThreadPool pool(4);
  std::vector<int64_t> sums(8);
  for (int64_t run = 0; run < 20000; ++run) {
    pool.parallel_for(8, [&](int64_t task, int) { sums[task] += run; });
  }
  for (const int64_t sum : sums) EXPECT_EQ(sum, 20000 * 19999 / 2);
}

TEST(ThreadPool, TwoTasksOfOneThreadNeverOverlap) {
  ThreadPool pool(4);
  std::vector<std::atomic<int>> inside(4);
  std::atomic<int> overlaps{0};
  for (int run = 0; run < 500; ++run) {
    pool.parallel_for(32, [&](int64_t, int thread) {
      if (inside[thread].fetch_add(1) != 0) ++overlaps;
      inside[thread].fetch_sub(1);
    });
  }
  EXPECT_EQ(overlaps, 0);
}

TEST(ThreadPool, NestedRunsStayOnTheirThread) {
  ThreadPool pool(3);
  std::atomic<int> count{0};
  pool.parallel_for(10, [&](int64_t, int) {
    const auto caller = std::this_thread::get_id();
    pool.parallel_for(10, [&](int64_t, int thread) {
      EXPECT_EQ(thread, 0);
      EXPECT_EQ(std::this_thread::get_id(), caller);
      ++count;
    });
  });
  EXPECT_EQ(count, 100);
}

TEST(ThreadPool, ConcurrentCallersAllFinish) {
  ThreadPool pool(3);
  std::atomic<int64_t> count{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int run = 0; run < 500; ++run) pool.parallel_for(5, [&](int64_t, int) { ++count; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(count, 4 * 500 * 5);
}

TEST(ThreadPool, ChangesItsSize) {
  ThreadPool pool(2);
  for (const int threads : {4, 1, 3, 0, 2}) {
    pool.set_threads(threads);
    EXPECT_EQ(pool.threads(), threads < 1 ? 1 : threads);
    std::atomic<int> count{0};
    pool.parallel_for(50, [&](int64_t, int) { ++count; });
    EXPECT_EQ(count, 50);
  }
}

#if defined(__linux__)
TEST(ThreadPool, WorkersKeepOffTheLeadersProcessor) {
  if (default_threads() < 2) GTEST_SKIP() << "one processor";
  ThreadPool pool(2);
  int seen = 0;
  for (int run = 0; run < 200; ++run) {
    const int leader = sched_getcpu();
    std::atomic<bool> allowed{false};
    pool.parallel_for(64, [&](int64_t, int thread) {
      cpu_set_t own;
      if (thread > 0 && sched_getaffinity(0, sizeof(own), &own) == 0) allowed = CPU_ISSET(leader, &own) != 0;
    });
    if (sched_getcpu() != leader) continue;  // it was moved meanwhile
    EXPECT_FALSE(allowed);
    ++seen;
  }
  EXPECT_GT(seen, 0);
}
#endif

TEST(ThreadPool, TeamsMeetAtBarriers) {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    for (const int most : {1, 2, 5}) {
      for (int run = 0; run < 20; ++run) {
        std::vector<std::atomic<int>> steps(8);
        std::atomic<int> members{0}, places{0}, sizes{0};
        std::atomic<bool> together{true};
        pool.run_team(most, [&](Team& team, int place) {
          sizes += team.size();
          places += place;
          ++members;
          for (int step = 1; step <= 50; ++step) {
            steps[place] = step;
            team.barrier();
            for (int other = 0; other < team.size(); ++other) {
              if (steps[other] != step) together = false;
            }
            team.barrier();
          }
        });
        EXPECT_TRUE(together);
        EXPECT_GE(members, 1);
        EXPECT_EQ(places, members * (members - 1) / 2);
        EXPECT_EQ(sizes, members * members);
        EXPECT_LE(members, std::min(most, threads));
      }
    }
  }
}

TEST(ThreadPool, TeamsInsideOfRunsAreAlone) {
  ThreadPool pool(3);
  std::atomic<int> count{0};
  pool.parallel_for(10, [&](int64_t, int) {
    pool.run_team(3, [&](Team& team, int place) {
      EXPECT_EQ(team.size(), 1);
      EXPECT_EQ(place, 0);
      team.barrier();
      ++count;
    });
  });
  EXPECT_EQ(count, 10);
}

TEST(ThreadPool, DiesAtAnyMoment) {
  for (int i = 0; i < 200; ++i) {
    ThreadPool pool(3);
    if (i % 2 == 0) pool.parallel_for(3, [](int64_t, int) {});
  }
}

TEST(ThreadPool, DefaultIsAtLeastOne) { EXPECT_GE(default_threads(), 1); }

}  // namespace
}  // namespace convolt
