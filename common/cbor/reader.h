// Reads deterministic CBOR, the part that Writer writes, and refuses everything else.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace clinicd::cbor {

// Deeper arrays are refused.
inline constexpr int kDepthMax = 8;

// Walks over items in memory. Every function takes the next item if it is what the function's name
// says, or else says why not: fault() is then set, and nothing can be read any more. Views are into
// the bytes that were given. Not thread-safe.
class Reader final {
 public:
  enum class Fault {
    kNone,
    // The bytes end in the middle of an item.
    kTruncated,
    // Not deterministic CBOR, or of a kind that is not known here: floats, tags, maps, indefinite
    // lengths, heads that could be shorter, text that is not UTF-8, integers beyond 64 bits signed.
    kMalformed,
    // Another kind of item than was asked for.
    kUnexpected,
  };

  explicit Reader(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}

  // How many items follow that belong to the array.
  std::optional<std::uint64_t> Array();
  std::optional<std::uint64_t> Uint();
  std::optional<std::int64_t> Int();
  std::optional<std::string_view> Bytes();
  std::optional<std::string_view> Text();
  // Whether the next item is null; takes it only if so.
  bool TakeNull();
  // Takes a whole item of any kind, with what is in it, and gives its bytes.
  std::optional<std::string_view> Any();

  Fault fault() const { return fault_; }
  bool at_end() const { return fault_ == Fault::kNone && rest_.empty(); }
  // How many bytes were taken.
  std::size_t offset() const { return size_ - rest_.size(); }

 private:
  struct Head {
    std::uint8_t major = 0;
    std::uint64_t argument = 0;
  };

  std::optional<Head> TakeHead();
  std::optional<std::uint64_t> TakeHead(std::uint8_t major);
  std::optional<std::string_view> TakeString(std::uint64_t size);
  bool SkipItem(int depth);
  std::nullopt_t Fail(Fault fault);

  std::string_view rest_;
  std::size_t size_;
  Fault fault_ = Fault::kNone;
};

}  // namespace clinicd::cbor
