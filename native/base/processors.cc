// How many processors this process may use: the affinity mask, and the quota of its cgroup and of every one above it.
// Streams of the C++ library would double what of it is linked into the addon; C's files do.
#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <thread>

#include "base/cpu.h"
#include "base/thread_pool.h"

namespace convolt {
namespace {

std::string text_of(const std::string& path) {
  std::string text;
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (!file) return text;
  char block[512];
  while (const size_t read = std::fread(block, 1, sizeof(block), file)) text.append(block, read);
  std::fclose(file);
  return text;
}

// quota / period as whole processors, rounded up; 0 when the words are no limit ("max", -1 or nothing).
int processors_of(const std::string& words) {
  double quota = 0;
  double period = 0;
  if (std::sscanf(words.c_str(), "%lf %lf", &quota, &period) != 2 || quota <= 0 || period <= 0) return 0;
  return static_cast<int>(std::clamp(std::ceil(quota / period), 1.0, 1e6));
}

int tighter(int a, int b) { return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b); }

// The tightest limit of `group` and the groups above it.
template <typename Quota>
int tightest(std::string group, Quota quota) {
  int limit = 0;
  while (true) {
    limit = tighter(limit, processors_of(quota(group)));
    const size_t slash = group.rfind('/');
    if (slash == std::string::npos || group.empty()) return limit;
    group.resize(slash);
  }
}

bool lists(const std::string& controllers, const std::string& wanted) {
  return ("," + controllers + ",").find("," + wanted + ",") != std::string::npos;
}

int affinity_processors() {
#if defined(__linux__)
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

int cgroup_processors(const std::string& root, const std::string& membership) {
  int limit = 0;
  for (size_t start = 0, end = 0; start < membership.size(); start = end + 1) {
    end = std::min(membership.find('\n', start), membership.size());
    const std::string line = membership.substr(start, end - start);  // hierarchy:controllers:path
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) {  // version 2: "quota period" in one file
      limit =
          tighter(limit, tightest(group, [&](const std::string& path) { return text_of(root + path + "/cpu.max"); }));
    } else if (lists(controllers, "cpu")) {  // version 1: one file each
      limit = tighter(limit, tightest(group, [&](const std::string& path) {
                        const std::string folder = root + "/cpu" + path;
                        return text_of(folder + "/cpu.cfs_quota_us") + " " + text_of(folder + "/cpu.cfs_period_us");
                      }));
    }
  }
  return limit;
}

int default_threads() {
  const int limit = cgroup_processors("/sys/fs/cgroup", text_of("/proc/self/cgroup"));
  return std::max(1, tighter(affinity_processors(), limit));
}

}  // namespace convolt
