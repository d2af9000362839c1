// Work that follows rows of a result while they are in the cache.
#pragma once

#include <cstdint>

#include "loops/column-clip.h"

namespace convolt {

// A borrowed callable `void(int64_t range, int64_t begin, int64_t end, int thread)`, or none: called once for each
// range of rows as soon as they are final.
class AfterRows {
 public:
  AfterRows() = default;
  template <typename F>
  AfterRows(const F& body)  // NOLINT: implicit on purpose
      : object_(&body), call_([](const void* object, int64_t range, int64_t begin, int64_t end, int thread) {
          (*static_cast<const F*>(object))(range, begin, end, thread);
        }) {}
  // The same work as a clip of the result's columns, where it is no more than that.
  AfterRows with(const ColumnClip& clip) const {
    AfterRows result = *this;
    result.clip_ = clip;
    return result;
  }
  const ColumnClip& clip() const { return clip_; }
  explicit operator bool() const { return call_ != nullptr; }
  void operator()(int64_t range, int64_t begin, int64_t end, int thread) const {
    if (call_) call_(object_, range, begin, end, thread);
  }

 private:
  ColumnClip clip_;
  const void* object_ = nullptr;
  void (*call_)(const void*, int64_t, int64_t, int64_t, int) = nullptr;
};

}  // namespace convolt
