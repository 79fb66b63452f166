// A clinic's audit log as the server seals it, in memory: for tests of exports and their verifiers.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/audit/proof/clinic_checkpoint.h"
#include "services/audit/proof/export_format.h"
#include "services/audit/proof/verifier.h"
#include "tests/support/audit_leaf.h"

namespace clinicd::audit {

class TestLog final {
 public:
  static constexpr std::string_view kOrigin = "clinic.example/audit";

  // Appends events, each as TestLeaf() has it for its index.
  void Append(std::size_t events);
  void Append(const Leaf& leaf);
  // Puts another clinic's head into the log of all clinics.
  void AppendStranger();
  // Purges an event.
  void Redact(std::uint64_t index) { redacted_.insert(index); }
  // Puts the clinic's head into the log of all clinics, signs that, and has it cosigned by
  // `witnesses` at `at`.
  ClinicCheckpoint Seal(std::size_t witnesses = 1, absl::Time at = SealedAt());

  // Exports; the head of the log of all clinics that `since` signs decides what consistency is
  // proven from.
  std::string Sequence(const ClinicCheckpoint& checkpoint, std::uint64_t first_index = 0,
                       const std::optional<ClinicCheckpoint>& since = std::nullopt) const;
  std::string Lines(const ClinicCheckpoint& checkpoint, const std::vector<std::uint64_t>& indexes,
                    const std::optional<ClinicCheckpoint>& since = std::nullopt) const;
  std::string Line(const ClinicCheckpoint& checkpoint, std::uint64_t index) const;
  // The proof that the log of all clinics goes on from what `since` signs to what `checkpoint`
  // does.
  std::vector<merkle::Hash> MetaConsistency(const ClinicCheckpoint& since,
                                            const ClinicCheckpoint& checkpoint) const;

  std::vector<Leaf>& leaves() { return leaves_; }
  const std::vector<Leaf>& leaves() const { return leaves_; }

  // Trusts the log's key, and `quorum` of two witnesses.
  static VerifyOptions Options(std::size_t quorum = 1);
  static absl::Time SealedAt() { return absl::FromUnixSeconds(1'791'000'000); }
  // The note signed by somebody else's key of the same name.
  static ClinicCheckpoint SignedByAnother(ClinicCheckpoint checkpoint);

 private:
  std::vector<merkle::Hash> LeafHashes(std::uint64_t count) const;

  std::vector<Leaf> leaves_;
  std::set<std::uint64_t> redacted_;
  std::vector<merkle::Hash> meta_;
};

// The report on `bytes`, read in pieces of at most `piece` bytes.
Report Verify(std::string_view bytes, const Verifier& verifier, std::size_t piece = 4096);
Report Verify(std::string_view bytes, const VerifyOptions& options, std::size_t piece = 4096);

}  // namespace clinicd::audit
