// What is known of the processor's caches.
#pragma once

#include <cstdint>

namespace convolt {

// Results of more bytes than this are not found in the caches by who reads them next: they are stored past these.
inline constexpr int64_t kBeyondCaches = int64_t{16} << 20;

}  // namespace convolt
