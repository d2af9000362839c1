// What this processor can do.
#include "base/cpu.h"

#include <cstdlib>
#include <string_view>

namespace convolt {
namespace {

bool cpu_has(Isa isa) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (isa == Isa::kAvx2) return avx2;
  if (isa == Isa::kAvx512Vnni) return cpu_has(Isa::kAvx512) && __builtin_cpu_supports("avx512vnni");
  if (isa == Isa::kAvx512) {
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  }
#endif
  return isa == Isa::kGeneric;
}

bool is_built(Isa isa) {
#ifdef CONVOLT_HAS_AVX2
  if (isa == Isa::kAvx2) return true;
#endif
#ifdef CONVOLT_HAS_AVX512
  if (isa >= Isa::kAvx512) return true;
#endif
  return isa == Isa::kGeneric;
}

struct Choice {
  Isa isa = Isa::kGeneric;
  Status status;
};

Choice choose() {
  Choice choice;
  std::string names;
  for (const Isa isa : kIsas) {
    if (!is_supported(isa)) continue;
    choice.isa = isa;
    names += (names.empty() ? "" : ", ") + std::string(isa_name(isa));
  }
  const char* wanted = std::getenv("CONVOLT_ISA");
  if (!wanted || !*wanted) return choice;
  for (const Isa isa : kIsas) {
    if (is_supported(isa) && std::string_view(wanted) == isa_name(isa)) return {isa, Status::ok()};
  }
  choice.status = {Code::kValue, "CONVOLT_ISA: expected the variable to be one of " + names + " but got " + wanted};
  return choice;
}

const Choice& chosen() {
  static const Choice choice = choose();
  return choice;
}

}  // namespace

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx512Vnni:
      return "avx512vnni";
    default:
      return "generic";
  }
}

bool is_supported(Isa isa) { return is_built(isa) && cpu_has(isa); }

Isa active_isa() { return chosen().isa; }

Status isa_status() { return chosen().status; }

bool has_vector_popcount() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512vpopcntdq");
#else
  return false;
#endif
}

std::vector<std::string> cpu_features() {
  std::vector<std::string> features;
#if defined(__x86_64__)
  __builtin_cpu_init();
#define CONVOLT_FEATURE(name) \
  if (__builtin_cpu_supports(name)) features.emplace_back(name);
  CONVOLT_FEATURE("sse4.2")
  CONVOLT_FEATURE("avx")
  CONVOLT_FEATURE("avx2")
  CONVOLT_FEATURE("fma")
  CONVOLT_FEATURE("avx512f")
  CONVOLT_FEATURE("avx512dq")
  CONVOLT_FEATURE("avx512bw")
  CONVOLT_FEATURE("avx512vl")
  CONVOLT_FEATURE("avx512vnni")
  CONVOLT_FEATURE("avx512vpopcntdq")
#undef CONVOLT_FEATURE
#elif defined(__aarch64__)
  features.emplace_back("neon");
#endif
  return features;
}

}  // namespace convolt
