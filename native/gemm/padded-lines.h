// Lines of images with their padding. Neighbouring patches overlap in such a line as they do in the image, so that a
// product can read them where they are: for few channels that is quicker than im2row, which copies every pixel once
// for every tap in runs of a few floats.
#pragma once

#include "gemm/im2row.h"

namespace convolt {

struct PaddedLines {
  Images x;
  Window window;

  // True where patches can be read so and a row of taps is short.
  bool is_suited() const;

  int64_t piece() const { return window.columns.taps * x.channels; }  // floats of one row of taps
  int64_t step() const { return window.columns.step * x.channels; }   // floats from one patch to the next
  // Floats of one line.
  int64_t row() const {
    return ((window.columns.positions - 1) * window.columns.step + window.columns.taps) * x.channels;
  }
  // Floats of the lines that so many neighbouring positions read.
  int64_t floats(int64_t positions) const;

  // Lines for the lines of positions `lines` of an image.
  void copy(int64_t image, Range lines, float* to) const;

  // Calls body(positions, patches) for the parts of lines that a range of positions consists of; the patch of the first
  // one is at `patches`, its rows of taps row() apart. `scratch` has floats(positions.size()) floats.
  template <typename Body>
  void for_each(Range positions, float* scratch, const Body& body) const {
    const int64_t width = window.columns.positions, image_size = window.positions();
    for (int64_t p = positions.begin; p < positions.end;) {
      const int64_t image = p / image_size, before = image * image_size;
      const Range part = {p - before, std::min(image_size, positions.end - before)};
      const Range lines = {part.begin / width, ceil_div(part.end, width)};
      copy(image, lines, scratch);
      for (int64_t line = lines.begin; line < lines.end; ++line) {
        const Range here = {std::max(line * width, part.begin), std::min((line + 1) * width, part.end)};
        body(Range{before + here.begin, before + here.end},
             scratch + (line - lines.begin) * window.rows.step * row() + (here.begin - line * width) * step());
      }
      p = before + part.end;
    }
  }
};

}  // namespace convolt
