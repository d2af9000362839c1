// The process's thread pool and its reader-writer rule.
#include "runtime/process.h"

#include <mutex>
#include <shared_mutex>
#include <string>

namespace convolt {
namespace {

constexpr int64_t kMaxThreads = 1024;

// Never destroyed: threads may still hold it while the process ends.
std::shared_mutex& runs() {
  static auto* const mutex = new std::shared_mutex;
  return *mutex;
}

}  // namespace

ThreadPool& process_pool() {
  static auto* const pool = new ThreadPool(default_threads());
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
