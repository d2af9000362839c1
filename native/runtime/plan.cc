// Decodes plan words; any number sequence gives a plan or a Status, and never takes more memory than the words do.
#include "runtime/plan.h"

#include <string>

namespace convolt {
namespace {

constexpr double kVersion = 3;
constexpr int64_t kMaxWhole = (int64_t{1} << 53) - 1;

// Hands out words in order; after the first bad one it hands out zeros and keeps the complaint.
class WordReader {
 public:
  explicit WordReader(std::span<const double> words) : words_(words) {}

  double number() {
    if (next_ < words_.size()) return words_[next_++];
    fail("every word to be there", "only " + std::to_string(words_.size()));
    return 0;
  }
  int64_t whole() { return signed_whole(false); }
  int64_t signed_whole(bool may_be_negative = true) {
    const double value = number();
    const double size = may_be_negative && value < 0 ? -value : value;
    if (is_index(size, kMaxWhole)) return static_cast<int64_t>(value);
    fail("word " + std::to_string(next_ - 1) + " to be a whole number", std::to_string(value));
    return 0;
  }
  // A number of things of at least `words` words each, so never more than are left.
  int64_t count(size_t words = 1) {
    const int64_t value = whole();
    if (static_cast<size_t>(value) <= (words_.size() - next_) / words) return value;
    fail("every word to be there", "a count of " + std::to_string(value));
    return 0;
  }
  std::span<const double> list() {
    const auto size = static_cast<size_t>(count());
    next_ += size;
    return words_.subspan(next_ - size, size);
  }
  std::vector<int64_t> whole_list() {
    std::vector<int64_t> result(static_cast<size_t>(count()));
    for (int64_t& value : result) value = whole();
    return result;
  }
  void fail(const std::string& what, const std::string& actual) {
    if (status_.is_ok()) status_ = {Code::kNative, "plan: expected " + what + " but got " + actual};
  }
  void keep(Status status) {
    if (status_.is_ok()) status_ = std::move(status);
  }
  bool is_ok() const { return status_.is_ok(); }
  bool at_end() const { return next_ == words_.size(); }
  Status take_status() { return std::move(status_); }

 private:
  std::span<const double> words_;
  size_t next_ = 0;
  Status status_;
};

PlanBuffer read_buffer(WordReader& read) {
  PlanBuffer buffer;
  const int64_t region = read.whole();
  if (region > static_cast<int64_t>(Region::kConstant)) {
    read.fail("every region to be between 0 and 4", std::to_string(region));
    return buffer;
  }
  buffer.region = static_cast<Region>(region);
  buffer.location = read.whole();
  buffer.offset = read.whole();
  const double dtype = read.number();
  read.keep(make_tensor_type("plan", dtype, read.list(), &buffer.type));
  buffer.moves.resize(static_cast<size_t>(read.count(2)));
  for (PlanMove& move : buffer.moves) {
    move.loop = read.whole();
    move.stride = read.signed_whole();
  }
  return buffer;
}

PlanLoop read_loop(WordReader& read) {
  PlanLoop loop;
  loop.begin = read.whole();
  loop.end = read.whole();
  loop.count = read.whole();
  return loop;
}

PlanStep read_step(WordReader& read) {
  PlanStep step;
  step.kernel = read.whole();
  step.inputs = read.whole_list();
  step.outputs = read.whole_list();
  const std::span<const double> attributes = read.list();
  step.attributes.assign(attributes.begin(), attributes.end());
  const int64_t is_tail = read.whole();
  if (is_tail > 1) read.fail("whether a step is a tail to be 0 or 1", std::to_string(is_tail));
  step.is_tail = is_tail == 1;
  return step;
}

}  // namespace

Status decode_plan(std::span<const double> words, Plan* out) {
  WordReader read(words);
  if (const double version = read.number(); version != kVersion) {
    read.fail("the version to be 3", std::to_string(version));
  }
  out->arena_bytes = read.whole();
  out->constant_bytes = read.whole();
  const int64_t states = read.count();
  out->feeds = read.count();
  out->fetches = read.count();
  const int64_t buffers = read.count(6);
  const int64_t steps = read.count(5);
  const int64_t loops = read.count(3);
  out->first_write = read.whole();
  for (int64_t i = 0; i < states && read.is_ok(); ++i) out->slots.push_back(read.whole());
  for (int64_t i = 0; i < buffers && read.is_ok(); ++i) out->buffers.push_back(read_buffer(read));
  for (int64_t i = 0; i < steps && read.is_ok(); ++i) out->steps.push_back(read_step(read));
  for (int64_t i = 0; i < loops && read.is_ok(); ++i) out->loops.push_back(read_loop(read));
  if (read.is_ok() && !read.at_end()) read.fail("the words to end after the last loop", "more words");
  return read.take_status();
}

}  // namespace convolt
