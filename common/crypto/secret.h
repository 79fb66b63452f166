// Bytes that are wiped when they are no longer needed.
#pragma once

#include <openssl/crypto.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace clinicd::crypto {

// Holds key material or a password. Moves but does not copy, so that there is one place to wipe;
// Clone() makes a second one where that is meant. Not thread-safe for writing.
class SecretBytes final {
 public:
  SecretBytes() = default;
  // `size` zero bytes.
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  explicit SecretBytes(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
  ~SecretBytes() { Wipe(); }

  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      Wipe();
      bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  SecretBytes Clone() const { return SecretBytes(view()); }

  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  std::span<std::uint8_t> mutable_span() { return bytes_; }
  const std::uint8_t* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

 private:
  void Wipe() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  // Never grows after construction: growing would leave an unwiped copy behind.
  std::vector<std::uint8_t> bytes_;
};

// Wipes the characters of `text` and empties it.
template <typename Text>
void WipeText(Text& text) {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace clinicd::crypto
