// Writes deterministic CBOR (RFC 8949 section 4.2.1), of which it knows whole numbers, byte
// strings, texts, arrays and null: definite lengths, shortest heads, one form for each value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace clinicd::cbor {

// Appends items to a string. Each array is followed by as many items as it has.
class Writer final {
 public:
  void Array(std::uint64_t count);
  void Uint(std::uint64_t value);
  void Int(std::int64_t value);
  void Bytes(std::string_view bytes);
  // `text` must be UTF-8; Reader refuses anything else.
  void Text(std::string_view text);
  void Null();

  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::move(bytes_); }

 private:
  void Head(std::uint8_t major, std::uint64_t argument);

  std::string bytes_;
};

}  // namespace clinicd::cbor
