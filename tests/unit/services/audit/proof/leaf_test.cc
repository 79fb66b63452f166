#include "services/audit/proof/leaf.h"

#include <catch2/catch.hpp>

#include "common/cbor/writer.h"
#include "tests/support/audit_leaf.h"
#include "tests/support/bits.h"

namespace clinicd::audit {
namespace {

TEST_CASE("A leaf is the bytes that the format says", "[audit][unit]") {
  Leaf leaf;
  leaf.category = "record";
  leaf.entity_version = -1;
  leaf.recorded_at = absl::FromUnixMicros(1'000'000);
  const std::string nil = "50" + std::string(32, '0');

  CHECK(crypto::ToHex(EncodeLeaf(leaf)) ==
        "981b"
        "6d636c696e6963642d6175646974"  // "clinicd-audit"
        "01" +
            nil + nil +
            "00"
            "1a000f4240"
            "667265636f7264"  // "record"
            "606060"
            "f660f660f6f6f6f620"
            "60f6f6f6"
            "60606060");
}

TEST_CASE("Every leaf is read back as it was written", "[audit][unit]") {
  for (std::uint64_t index = 0; index < 12; ++index) {
    const Leaf leaf = TestLeaf(index);
    const std::string bytes = EncodeLeaf(leaf);
    const absl::StatusOr<Leaf> decoded = DecodeLeaf(bytes);
    REQUIRE(decoded.ok());
    CHECK(*decoded == leaf);
    CHECK(EncodeLeaf(*decoded) == bytes);
    CHECK(OutlineLeaf(bytes)->clinic_id == leaf.clinic_id);
    CHECK(OutlineLeaf(bytes)->recorded_at == leaf.recorded_at);
  }
}

TEST_CASE("What reads as a leaf is the one form of it, however bent", "[audit][unit]") {
  std::size_t wrong = 0;
  std::size_t readable = 0;
  for (std::uint64_t index = 0; index < 3; ++index) {
    const std::string bytes = EncodeLeaf(TestLeaf(index));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      const std::string bent = merkle::WithBitFlipped(bytes, bit);
      const absl::StatusOr<Leaf> decoded = DecodeLeaf(bent);
      if (decoded.ok() != OutlineLeaf(bent).ok()) ++wrong;
      if (!decoded.ok()) continue;
      ++readable;
      if (EncodeLeaf(*decoded) != bent) ++wrong;
    }
  }
  CHECK(wrong == 0);
  CHECK(readable > 1000);
}

TEST_CASE("Anything else is no leaf", "[audit][unit]") {
  const std::string bytes = EncodeLeaf(TestLeaf(1));
  cbor::Writer other;
  other.Array(27);
  other.Text("clinicd-audit");
  other.Int(2);

  CHECK_FALSE(DecodeLeaf("").ok());
  CHECK_FALSE(DecodeLeaf(bytes.substr(0, bytes.size() - 1)).ok());
  CHECK_FALSE(DecodeLeaf(bytes + '\xf6').ok());
  CHECK_FALSE(DecodeLeaf(other.bytes()).ok());
  CHECK_FALSE(OutlineLeaf(bytes + '\xf6').ok());
}

TEST_CASE("A clinic's head is read back as it was written, and nothing else is", "[audit][unit]") {
  const ClinicHead head{.clinic_id = TestClinic(), .tree_size = 300, .root = merkle::HashLeaf("x")};
  const std::string bytes = EncodeClinicHead(head);
  ClinicHead huge = head;
  huge.tree_size = merkle::kTreeSizeMax + 1;

  CHECK(*DecodeClinicHead(bytes) == head);
  CHECK_FALSE(DecodeClinicHead(bytes.substr(1)).ok());
  CHECK_FALSE(DecodeClinicHead(bytes + '\x00').ok());
  CHECK_FALSE(DecodeClinicHead(EncodeClinicHead(huge)).ok());
  CHECK_FALSE(DecodeClinicHead(EncodeLeaf(TestLeaf(0))).ok());
}

}  // namespace
}  // namespace clinicd::audit
