// The process's thread pool and its reader-writer rule; both begin anew in the child of a fork.
#include "runtime/process.h"

#include <mutex>
#include <new>
#include <shared_mutex>
#include <string>

#include "base/start_thread.h"

namespace convolt {
namespace {

constexpr int64_t kMaxThreads = 1024;

// Never destroyed: threads may still hold it while the process ends.
std::shared_mutex& runs() {
  static auto* const mutex = new std::shared_mutex;
  return *mutex;
}

ThreadPool* make_process_pool() {
  around_fork(nullptr, nullptr, [] {
    process_pool().begin_anew();
    new (&runs()) std::shared_mutex;  // those who held it do not exist in the child
  });
  return new ThreadPool(default_threads());
}

}  // namespace

ThreadPool& process_pool() {
  static auto* const pool = make_process_pool();
  return *pool;
}

Status set_process_threads(int64_t threads) {
  if (threads < 1 || threads > kMaxThreads) {
    return {Code::kValue, "setThreads: expected the number of threads to be between 1 and " +
                              std::to_string(kMaxThreads) + " but got " + std::to_string(threads)};
  }
  const std::unique_lock lock(runs(), std::try_to_lock);
  if (!lock.owns_lock()) return {Code::kBusy, "setThreads: expected no run to be in flight but got one"};
  process_pool().set_threads(static_cast<int>(threads));
  return Status::ok();
}

RunGuard::RunGuard() { runs().lock_shared(); }
RunGuard::~RunGuard() { runs().unlock_shared(); }

}  // namespace convolt
