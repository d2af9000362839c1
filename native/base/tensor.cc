// Element types, shapes and views of memory that somebody else owns.
#include "base/tensor.h"

namespace convolt {

std::string Shape::to_string() const {
  std::string text = "[";
  for (int i = 0; i < rank_; ++i) text += (i ? ", " : "") + std::to_string(sizes_[i]);
  return text + "]";
}

}  // namespace convolt
