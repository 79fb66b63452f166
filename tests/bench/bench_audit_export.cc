// Writes the export of a log of many events to standard output, for audit_verify.sh. The keys it is
// signed with are on standard error, as options of `clinicd audit verify`.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "common/merkle/checkpoint.h"
#include "common/merkle/frontier.h"
#include "services/audit/proof/export_format.h"
#include "tests/support/audit_leaf.h"

namespace clinicd {
namespace {

constexpr std::string_view kOrigin = "clinic.example/audit";

bool Write(std::string_view bytes) {
  return std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
}

int Run(std::uint64_t events) {
  const auto signer =
      merkle::NoteSigner::Create(merkle::KeyKind::kEd25519, kOrigin,
                                 *crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'b')));
  merkle::Frontier log;
  bool written = Write(audit::ExportHead(audit::TestClinic(), log));
  for (std::uint64_t i = 0; i < events && written; ++i) {
    const std::string leaf = audit::EncodeLeaf(audit::TestLeaf(i));
    log.Append(merkle::HashLeaf(leaf));
    written = Write(leaf);
  }
  merkle::Frontier all_clinics;
  all_clinics.Append(merkle::HashLeaf(audit::EncodeClinicHead(
      {.clinic_id = audit::TestClinic(), .tree_size = events, .root = log.Root()})));
  const auto note =
      merkle::SignTreeHead({.origin = std::string(kOrigin), .size = 1, .root = all_clinics.Root()},
                           {&*signer}, absl::Now());
  const audit::ClinicCheckpoint checkpoint{.clinic_id = audit::TestClinic(),
                                           .tree_size = events,
                                           .root = log.Root(),
                                           .meta_index = 0,
                                           .meta_proof = {},
                                           .note = *note};
  written = written && Write(audit::ExportEnd(checkpoint, std::nullopt));
  std::cerr << "--origin " << kOrigin << " --key " << signer->verifier().ToText() << "\n";
  return written ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace clinicd

int main(int argc, char** argv) {
  std::uint64_t events = 0;
  if (argc != 2 || !absl::SimpleAtoi(argv[1], &events)) {
    std::cerr << "usage: bench_audit_export EVENTS > FILE\n";
    return EXIT_FAILURE;
  }
  return clinicd::Run(events);
}
