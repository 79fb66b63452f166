// Signed notes: one note has one form, and nobody signs for the log.
#include <string>

#include "common/merkle/checkpoint.h"
#include "tests/fuzz/edge/fuzz_input.h"

namespace clinicd::fuzz {
namespace {

using merkle::KeyKind;

merkle::NoteSigner Signer(KeyKind kind, std::string_view name, char seed) {
  return *merkle::NoteSigner::Create(kind, name,
                                     *crypto::Ed25519PrivateKey::FromSeed(std::string(32, seed)));
}

// The head that the log signed, once; a note that opens says just that.
struct Log {
  merkle::TreeHead head{
      .origin = "clinic.example/audit", .size = 7, .root = merkle::HashLeaf("a tree")};
  merkle::NoteSigner signer = Signer(KeyKind::kEd25519, "clinic.example/audit", 'f');
  merkle::NoteSigner witness = Signer(KeyKind::kCosignature, "witness.example/1", 'w');
  merkle::TrustPolicy policy{.origin = "clinic.example/audit",
                             .log_keys = {signer.verifier()},
                             .witnesses = {witness.verifier()},
                             .quorum = 0};
  std::string note = *merkle::SignTreeHead(head, {&signer, &witness}, absl::FromUnixSeconds(1));

  Log() { Require(merkle::OpenCheckpoint(note, policy).ok(), "what the log signed opens"); }
};

void CheckNote(const Log& log, std::string_view bytes) {
  if (const auto note = merkle::ParseNote(bytes); note.ok()) {
    Require(merkle::FormatNote(*note) == bytes, "a note has one form");
    Require(note->text.ends_with('\n') && !note->signatures.empty(), "a note is whole");
  }
  if (const auto head = merkle::ParseTreeHead(bytes); head.ok()) {
    Require(merkle::FormatTreeHead(*head) == bytes, "a head has one form");
  }
  if (const auto key = merkle::NoteVerifier::Parse(bytes); key.ok()) {
    Require(key->ToText() == bytes, "a key has one form");
  }
  if (const auto opened = merkle::OpenCheckpoint(bytes, log.policy); opened.ok()) {
    Require(opened->head == log.head, "only what the log signed opens");
  }
}

}  // namespace
}  // namespace clinicd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const clinicd::fuzz::Log log;
  clinicd::fuzz::Input input(data, size);
  const std::uint8_t keep = input.Byte();
  clinicd::fuzz::CheckNote(log, input.rest());
  // The true note up to somewhere, and then something else.
  clinicd::fuzz::CheckNote(log,
                           log.note.substr(0, 2 * std::size_t{keep}) + std::string(input.rest()));
  return 0;
}
