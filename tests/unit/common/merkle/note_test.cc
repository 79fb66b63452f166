#include "common/merkle/note.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/base64.h"
#include "common/merkle/checkpoint.h"
#include "tests/support/bits.h"

namespace clinicd::merkle {
namespace {

using absl::StatusCode;

constexpr std::string_view kOrigin = "clinic.example/audit";
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

NoteSigner Signer(KeyKind kind, std::string_view name, char seed) {
  return *NoteSigner::Create(kind, name,
                             *crypto::Ed25519PrivateKey::FromSeed(std::string(32, seed)));
}
NoteSigner LogSigner() { return Signer(KeyKind::kEd25519, kOrigin, 'l'); }
NoteSigner Witness(char which) {
  return Signer(KeyKind::kCosignature, absl::StrCat("witness.example/", std::string(1, which)),
                which);
}

TreeHead Head(std::uint64_t size = 7) {
  return {.origin = std::string(kOrigin), .size = size, .root = HashLeaf("a tree")};
}

TrustPolicy Policy(std::size_t quorum = 0) {
  return {.origin = std::string(kOrigin),
          .log_keys = {LogSigner().verifier()},
          .witnesses = {Witness('a').verifier(), Witness('b').verifier()},
          .quorum = quorum};
}

std::string SignedNote() {
  const NoteSigner log = LogSigner();
  return *SignTreeHead(Head(), {&log}, kNow);
}

std::string Cosigned(std::string note, const NoteSigner& witness, absl::Time at) {
  return note + *witness.SignatureLine(ParseNote(note)->text, at);
}

TEST_CASE("A published note opens with its published key", "[merkle][unit]") {
  // The example of the first implementation of signed notes.
  const auto key =
      NoteVerifier::Parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  const auto note = ParseNote(
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n"
      "\n"
      "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
      "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n");

  REQUIRE(key.ok());
  REQUIRE(note.ok());
  CHECK(key->key_id() == 0xc74f20a3);
  CHECK((*CheckSignatures(*note, std::span(&*key, 1)))[0] == 0);
}

TEST_CASE("What was signed opens, with every witness counted once", "[merkle][unit]") {
  const std::string note = SignedNote();
  const std::string one = Cosigned(note, Witness('a'), kNow);
  const std::string both = Cosigned(one, Witness('b'), kNow + absl::Seconds(30));

  CHECK(OpenCheckpoint(note, Policy())->head == Head());
  CHECK(OpenCheckpoint(note, Policy())->witnessed_at == absl::InfinitePast());
  CHECK(OpenCheckpoint(note, Policy(1)).status().code() == StatusCode::kFailedPrecondition);
  CHECK(OpenCheckpoint(one, Policy(1))->witnessed_at == kNow);
  CHECK(OpenCheckpoint(Cosigned(one, Witness('a'), kNow), Policy(2)).status().code() ==
        StatusCode::kFailedPrecondition);
  CHECK(OpenCheckpoint(both, Policy(2))->witnessed == 2);
  // Both had seen nothing newer at the earlier of the two times, one of them at the later.
  CHECK(OpenCheckpoint(both, Policy(2))->witnessed_at == kNow);
  CHECK(OpenCheckpoint(both, Policy(1))->witnessed_at == kNow + absl::Seconds(30));
}

TEST_CASE("A stranger's signature neither helps nor harms", "[merkle][unit]") {
  const std::string note = SignedNote();
  // Of the same name as a known key, and another id.
  const NoteSigner stranger = Signer(KeyKind::kEd25519, kOrigin, 'x');
  const std::string only_stranger = *SignTreeHead(Head(), {&stranger}, kNow);

  CHECK(OpenCheckpoint(Cosigned(note, stranger, kNow), Policy()).ok());
  CHECK(OpenCheckpoint(only_stranger, Policy()).status().code() == StatusCode::kPermissionDenied);
}

TEST_CASE("A false signature of a known key spoils the whole note", "[merkle][unit]") {
  const std::string note = SignedNote();
  const std::string other = Cosigned(note, Witness('a'), kNow).substr(note.size());
  const std::string grown = absl::StrReplaceAll(note, {{"\n7\n", "\n8\n"}});
  std::string late = Cosigned(note, Witness('a'), kNow);
  Note parsed = *ParseNote(late);
  parsed.signatures[1].signature[7] ^= 1;

  CHECK(OpenCheckpoint(grown, Policy()).status().code() == StatusCode::kDataLoss);
  CHECK(OpenCheckpoint(FormatNote(parsed), Policy()).status().code() == StatusCode::kDataLoss);
  CHECK(OpenCheckpoint(grown + other, Policy()).status().code() == StatusCode::kDataLoss);
}

TEST_CASE("Another log's checkpoint is not this one's", "[merkle][unit]") {
  TreeHead head = Head();
  head.origin = "other.example/audit";
  const NoteSigner log = LogSigner();

  CHECK(OpenCheckpoint(*SignTreeHead(head, {&log}, kNow), Policy()).status().code() ==
        StatusCode::kPermissionDenied);
}

TEST_CASE("Every single bit of a note matters", "[merkle][unit]") {
  const std::string note = Cosigned(SignedNote(), Witness('a'), kNow);
  TrustPolicy policy = Policy(1);
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < note.size() * 8; ++bit) {
    const std::string bent = WithBitFlipped(note, bit);
    accepted += OpenCheckpoint(bent, policy).ok() ? 1U : 0U;
  }
  CHECK(accepted == 0);
}

TEST_CASE("What the specification forbids is no note", "[merkle][unit]") {
  const std::string dash = "\xe2\x80\x94 ";
  const std::string line = dash + "name AAAAAAA=\n";
  REQUIRE(ParseNote("text\n\n" + line).ok());
  // The last blank line divides; earlier ones are text.
  CHECK(ParseNote("text\n\nmore\n\n" + line)->text == "text\n\nmore\n");
  CHECK(FormatNote(*ParseNote("text\n\n" + line + line)) == "text\n\n" + line + line);

  std::string many;
  for (std::size_t i = 0; i <= kNoteSignaturesMax; ++i) many += line;
  const std::string note = GENERATE_COPY(
      std::string(), std::string("text"), std::string("text\n"), std::string("text\n\n"),
      "text\n" + line, "text\n\n" + dash + "name AAAAAAA=", "text\n\n" + line + "\n",
      "text\n\n" + line + "more\n", "text\n\n" + line + "\n" + "more\n",
      "text\n\n- name AAAAAAA=\n", "text\n\n" + dash + "name\n", "text\n\n" + dash + "name \n",
      "text\n\n" + dash + " AAAAAAA=\n", "text\n\n" + dash + "na+me AAAAAAA=\n",
      "text\n\n" + dash + "na\xc2\xa0me AAAAAAA=\n", "text\n\n" + dash + "name  AAAAAAA=\n",
      "text\n\n" + dash + "name AAAAAAA= \n", "text\n\n" + dash + "name AAAAAAA\n",
      "text\n\n" + dash + "name AAAAAAB=\n", "text\n\n" + dash + "name AAAAAA==\n",
      "text\n\n" + dash + "name AAAAA\n", "te\txt\n\n" + line, "text\r\n\n" + line,
      "te" + std::string(1, '\0') + "xt\n\n" + line, "te\xff\n\n" + line, "text\n\n" + many,
      std::string(kNoteBytesMax, 'x') + "\n\n" + line);
  CAPTURE(note.substr(0, 80));
  CHECK(ParseNote(note).status().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("A checkpoint's text has one form", "[merkle][unit]") {
  const std::string root = crypto::Base64Encode(AsView(Head().root));
  REQUIRE(ParseTreeHead("log\n7\n" + root + "\n").ok());
  CHECK(ParseTreeHead("log\n0\n" + root + "\n")->size == 0);
  CHECK(ParseTreeHead("log\n9223372036854775807\n" + root + "\n")->size == kTreeSizeMax);

  const std::string text = GENERATE_COPY(
      std::string(), "log\n7\n", "log\n7\n" + root, "\n7\n" + root + "\n",
      "lo g\n7\n" + root + "\n", "log\n07\n" + root + "\n", "log\n+7\n" + root + "\n",
      "log\n 7\n" + root + "\n", "log\n-7\n" + root + "\n", "log\n\n" + root + "\n",
      "log\n9223372036854775808\n" + root + "\n", "log\n99999999999999999999999\n" + root + "\n",
      "log\n7\n" + root + "\nextension\n", "log\n7\n" + root + "\n\n",
      "log\n7\n" + root.substr(1) + "\n", "log\n7\nAAAA\n");
  CAPTURE(text);
  CHECK(ParseTreeHead(text).status().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("A verifier's key has one text", "[merkle][unit]") {
  const NoteVerifier key = Witness('a').verifier();
  const std::string text = key.ToText();
  const std::string tail = text.substr(text.rfind('+') + 1);
  const std::string id = text.substr(text.find('+') + 1, 8);
  REQUIRE(NoteVerifier::Parse(text)->public_key() == key.public_key());
  CHECK(NoteVerifier::Parse(text)->kind() == KeyKind::kCosignature);

  const std::string bad = GENERATE_COPY(
      std::string(), std::string("name"), "name+" + id, "name+" + id + "+",
      "name+" + id + "+" + tail, "witness.example/a+0" + id.substr(1) + "+" + tail.substr(1),
      "+" + id + "+" + tail,
      absl::StrReplaceAll(text, {{id, id == "00000000" ? "00000001" : "00000000"}}), text + "=",
      text + " ", "witness.example/b+" + id + "+" + tail,
      "witness.example/a+" + id + "+" + crypto::Base64Encode(std::string(33, '\x02')),
      "witness.example/a+" + id + "+" + crypto::Base64Encode(std::string(32, '\x04')));
  CAPTURE(bad);
  CHECK(NoteVerifier::Parse(bad).status().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("Keys have names that fit in a line", "[merkle][unit]") {
  CHECK(IsKeyName("witness.example/a"));
  CHECK(IsKeyName("m\xc3\xbcnchen"));
  CHECK(IsKeyName(std::string(255, 'x')));
  for (const std::string_view bad :
       {"", "a b", "a+b", "a\nb", "a\tb", "\xff", "a\xe2\x80\xa8", "\xe3\x80\x80", "a\x7f"}) {
    CHECK_FALSE(IsKeyName(bad));
  }
  CHECK_FALSE(IsKeyName(std::string(256, 'x')));
  CHECK_FALSE(SignTreeHead(Head(kTreeSizeMax + 1), {}, kNow).ok());
  CHECK_FALSE(SignTreeHead(Head(), {}, kNow).ok());
  CHECK_FALSE(Witness('a').SignatureLine("x\n", absl::FromUnixSeconds(-1)).ok());
}

}  // namespace
}  // namespace clinicd::merkle
