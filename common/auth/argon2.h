// Argon2id (RFC 9106) through the reference library, in memory that is set aside beforehand.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/crypto/secret.h"

namespace clinicd::auth {

// Cost of a hash. The defaults are the server's.
struct Argon2Cost {
  std::uint32_t memory_kib = 19'456;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;

  friend bool operator==(const Argon2Cost&, const Argon2Cost&) = default;
};

struct Argon2Input {
  std::string_view password;
  // At least 8 bytes.
  std::string_view salt;
  // K and X of the RFC; empty for passwords, which are peppered otherwise.
  std::string_view secret = {};
  std::string_view associated_data = {};
};

// Working memory for one hash at a time. Takes address space when made and memory only when used.
// Kept out of core dumps. Not thread-safe.
class Argon2Arena final {
 public:
  // RESOURCE_EXHAUSTED if there is no such memory.
  static absl::StatusOr<Argon2Arena> Create(std::uint32_t memory_kib);

  ~Argon2Arena();
  Argon2Arena(Argon2Arena&& other) noexcept : memory_(std::exchange(other.memory_, {})) {}
  Argon2Arena& operator=(Argon2Arena&& other) noexcept {
    std::swap(memory_, other.memory_);
    return *this;
  }

  // A hash of 32 bytes, computed on the calling thread. RESOURCE_EXHAUSTED if the cost asks for
  // more memory than the arena has, INTERNAL if the library refuses. Leaves the memory wiped.
  absl::StatusOr<crypto::SecretBytes> Hash(const Argon2Cost& cost, const Argon2Input& input);

  // Gives the memory back to the system until the next hash.
  void Release();

  // Whether nothing of a hash is left in the memory.
  bool IsWiped() const;

 private:
  explicit Argon2Arena(std::span<std::uint8_t> memory) : memory_(memory) {}

  // Mapped; empty once moved from.
  std::span<std::uint8_t> memory_;
};

// A hash as it is stored: "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH", the PHC string format.
struct PhcHash {
  Argon2Cost cost;
  std::string salt;
  std::string hash;
};

std::string FormatPhc(const PhcHash& hash);

// Reads that form and nothing else; nullopt for other algorithms, versions, or spellings.
std::optional<PhcHash> ParsePhc(std::string_view text);

}  // namespace clinicd::auth
