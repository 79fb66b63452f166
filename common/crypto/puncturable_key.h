// A key from which the key of a single point can be removed for ever.
//
// The tree of Goldreich, Goldwasser and Micali ("How to construct random functions", Journal of the
// ACM 33(4), 1986) over points of 128 bits, with HMAC-SHA256 for each step. What is kept instead of
// a removed point are the siblings of its path, from which everything else still follows: Boneh and
// Waters ("Constrained pseudorandom functions and their applications", 2013), Kiayias et al.
// ("Delegatable pseudorandom functions and applications", 2013), Boyle, Goldwasser and Ivan
// ("Functional signatures and pseudorandom functions", 2014).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/secret.h"

namespace clinicd::crypto {

// Gives each point a key of 32 bytes that nobody can tell from random without this object. Its size
// does not depend on how many points are in use; each punctured one adds at most 128 * 49 bytes.
// Not thread-safe for writing.
class PuncturableKey final {
 public:
  using Point = std::array<std::uint8_t, 16>;
  static constexpr std::size_t kSeedSize = 32;

  // INVALID_ARGUMENT unless `seed` is 32 bytes, which must be random.
  static absl::StatusOr<PuncturableKey> FromSeed(SecretBytes seed);
  // Undoes Serialize(). DATA_LOSS for anything that Serialize() cannot have made.
  static absl::StatusOr<PuncturableKey> Parse(std::string_view bytes);
  SecretBytes Serialize() const;

  // nullopt for a punctured point. At most 128 steps, tens of microseconds.
  std::optional<SecretBytes> Derive(const Point& point) const;
  bool IsPunctured(const Point& point) const;

  // Removes a point: neither this object nor anything it serializes to gives that key again. False
  // if it was removed before.
  bool Puncture(const Point& point);
  // In ascending order.
  std::vector<Point> PuncturedPoints() const;

 private:
  // The secret from which all points follow whose first `depth` bits are those of `start`; the
  // other bits of `start` are zero.
  struct Node {
    Point start;
    int depth;
    SecretBytes seed;
  };
  using Nodes = std::vector<Node>;

  explicit PuncturableKey(Nodes nodes) : nodes_(std::move(nodes)) {}
  // nodes_.end() for a punctured point.
  Nodes::const_iterator Find(const Point& point) const;

  // By `start`; they never overlap. Points of none are punctured.
  Nodes nodes_;
};

}  // namespace clinicd::crypto
