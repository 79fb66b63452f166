#include "common/crypto/puncturable_key.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/crypto/digest.h"

namespace clinicd::crypto {
namespace {

using Point = PuncturableKey::Point;

PuncturableKey Key(char seed = 's') {
  return *PuncturableKey::FromSeed(SecretBytes(std::string(PuncturableKey::kSeedSize, seed)));
}

Point PointOf(std::uint8_t first, std::uint8_t last) {
  Point point{};
  point.front() = first;
  point.back() = last;
  return point;
}

const Point kLowest = PointOf(0, 0);
const Point kHighest = [] {
  Point point;
  point.fill(0xff);
  return point;
}();

std::string Derived(const PuncturableKey& key, const Point& point) {
  const auto bytes = key.Derive(point);
  return bytes ? std::string(bytes->view()) : std::string();
}

TEST_CASE("The key of a point is 128 steps of HMAC-SHA256 below the seed", "[crypto][unit]") {
  const Point point = PointOf(0x80, 0x03);
  std::string expected(PuncturableKey::kSeedSize, 's');
  for (int bit = 0; bit < 128; ++bit) {
    const bool right = bit == 0 || bit >= 126;
    expected = AsView(HmacSha256(expected, std::string_view(right ? "\1" : "\0", 1)));
  }

  CHECK(Derived(Key(), point) == expected);
}

TEST_CASE("Points and seeds have keys of their own", "[crypto][unit]") {
  CHECK(Derived(Key(), kLowest).size() == 32);
  CHECK(Derived(Key(), kLowest) != Derived(Key(), kHighest));
  CHECK(Derived(Key(), kLowest) != Derived(Key(), PointOf(0, 1)));
  CHECK(Derived(Key('a'), kLowest) != Derived(Key('b'), kLowest));
}

TEST_CASE("A punctured point has no key, its neighbours keep theirs", "[crypto][unit]") {
  PuncturableKey key = Key();
  const Point gone = GENERATE(kLowest, PointOf(0x7f, 0xff), PointOf(0x80, 0), kHighest);
  const Point kept =
      GENERATE(PointOf(0, 2), PointOf(0x7f, 0xfe), PointOf(0x80, 1), PointOf(0xff, 0));

  CHECK(key.Puncture(gone));

  CHECK(key.IsPunctured(gone));
  CHECK_FALSE(key.Derive(gone));
  CHECK_FALSE(key.IsPunctured(kept));
  CHECK(Derived(key, kept) == Derived(Key(), kept));
}

TEST_CASE("Puncturing a point again changes nothing", "[crypto][unit]") {
  PuncturableKey key = Key();
  key.Puncture(kHighest);
  const SecretBytes once = key.Serialize();

  CHECK_FALSE(key.Puncture(kHighest));

  CHECK(key.Serialize().view() == once.view());
}

TEST_CASE("The size grows with what is punctured, and by no more than was said", "[crypto][unit]") {
  PuncturableKey key = Key();
  CHECK(key.Serialize().size() == 4 + 49);

  key.Puncture(kLowest);
  CHECK(key.Serialize().size() == 4 + 128 * 49);
  key.Puncture(kHighest);
  CHECK(key.Serialize().size() <= 4 + 2 * 128 * 49);
}

TEST_CASE("The secret of a punctured point is in nothing that is kept", "[crypto][unit]") {
  PuncturableKey key = Key();
  const std::string leaf = Derived(key, kLowest);
  const std::string root(PuncturableKey::kSeedSize, 's');

  key.Puncture(kLowest);

  const SecretBytes bytes = key.Serialize();
  CHECK(bytes.view().find(leaf) == std::string_view::npos);
  CHECK(bytes.view().find(root) == std::string_view::npos);
}

TEST_CASE("Parse refuses every size but the exact one", "[crypto][unit]") {
  PuncturableKey key = Key();
  key.Puncture(kLowest);
  const std::string bytes(key.Serialize().view());

  CHECK(PuncturableKey::Parse(bytes).ok());
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{3}, std::size_t{4}, bytes.size() - 49, bytes.size() - 1}) {
    CHECK(absl::IsDataLoss(PuncturableKey::Parse(bytes.substr(0, size)).status()));
  }
  CHECK(absl::IsDataLoss(PuncturableKey::Parse(bytes + std::string(49, '\0')).status()));
  CHECK(absl::IsDataLoss(PuncturableKey::Parse(std::string(4, '\0')).status()));
}

// A node as it is serialized.
std::string NodeBytes(int depth, const Point& start) {
  return std::string(1, static_cast<char>(depth)) + std::string(start.begin(), start.end()) +
         std::string(32, 'n');
}

TEST_CASE("Parse refuses nodes that no key has", "[crypto][unit]") {
  const auto parse = [](const std::string& first, const std::string& second) {
    return PuncturableKey::Parse(std::string("\0\0\0\2", 4) + first + second).ok();
  };
  const std::string left = NodeBytes(1, kLowest);
  const std::string right = NodeBytes(1, PointOf(0x80, 0));

  CHECK(parse(left, right));
  CHECK_FALSE(parse(right, left));                             // in another order
  CHECK_FALSE(parse(left, left));                              // twice
  CHECK_FALSE(parse(left, NodeBytes(128, PointOf(0x7f, 0))));  // one inside another
  CHECK_FALSE(parse(left, NodeBytes(1, PointOf(0x81, 0))));    // bits beyond its depth
  CHECK_FALSE(parse(left, NodeBytes(129, PointOf(0x80, 0))));  // deeper than the tree
  CHECK_FALSE(parse(NodeBytes(0, kLowest), right));            // below the root
}

TEST_CASE("FromSeed takes 32 bytes", "[crypto][unit]") {
  CHECK_FALSE(PuncturableKey::FromSeed(SecretBytes(std::string(31, 's'))).ok());
  CHECK(PuncturableKey::FromSeed(SecretBytes(std::string(32, 's'))).ok());
  CHECK_FALSE(PuncturableKey::FromSeed(SecretBytes(std::string(33, 's'))).ok());
}

}  // namespace
}  // namespace clinicd::crypto
