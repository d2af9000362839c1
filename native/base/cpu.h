// What this processor can do, and which compiled variant of the hot loops is used.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace convolt {

// In rising order of preference. kGeneric is x86-64-v2, or plain code on other processors. kAvx512Vnni is kAvx512 with
// other loops for products of bytes.
enum class Isa { kGeneric, kAvx2, kAvx512, kAvx512Vnni };

inline constexpr Isa kIsas[] = {Isa::kGeneric, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni};

// `generic`, `avx2`, `avx512` or `avx512vnni`, as CONVOLT_ISA spells it.
const char* isa_name(Isa isa);
// True when this processor has it and the library was built with it.
bool is_supported(Isa isa);
// The best supported variant, or the one that the environment variable CONVOLT_ISA names; read once.
Isa active_isa();
// Not ok when CONVOLT_ISA names something unknown or unsupported; active_isa() is then the best one.
Status isa_status();
// AVX-512 VPOPCNTDQ, which the variant avx512 uses where it is there.
bool has_vector_popcount();
// The features that matter for speed, for people to read.
std::vector<std::string> cpu_features();

// How many processors the cgroup of a process leaves it, or 0 for no limit. `root` is where cgroups are mounted and
// `membership` the text of /proc/self/cgroup; both versions of cgroups are understood.
int cgroup_processors(const std::string& root, const std::string& membership);

}  // namespace convolt
