#include "tests/support/audit_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/merkle/frontier.h"
#include "common/merkle/plan.h"

namespace clinicd::audit {
namespace {

using merkle::Hash;
using Hashes = std::span<const Hash>;

merkle::NoteSigner Signer(merkle::KeyKind kind, std::string_view name, char seed) {
  return *merkle::NoteSigner::Create(kind, name,
                                     *crypto::Ed25519PrivateKey::FromSeed(std::string(32, seed)));
}

merkle::NoteSigner LogSigner(char seed = 'l') {
  return Signer(merkle::KeyKind::kEd25519, TestLog::kOrigin, seed);
}

merkle::NoteSigner Witness(std::size_t number) {
  return Signer(merkle::KeyKind::kCosignature, absl::StrCat("witness.example/", number),
                static_cast<char>('1' + number));
}

std::vector<Hash> Assembled(const absl::StatusOr<merkle::ProofPlan>& plan, Hashes leaves) {
  std::vector<Hash> hashes;
  for (const merkle::NodeId& node : plan->nodes()) {
    hashes.push_back(
        merkle::RootOf(leaves.subspan(node.index << node.level, std::size_t{1} << node.level)));
  }
  return *plan->Assemble(hashes);
}

std::vector<Hash> ConsistencyOf(std::uint64_t old_size, Hashes leaves) {
  if (old_size == 0) return {};
  return Assembled(merkle::NodesForConsistency(old_size, leaves.size()), leaves);
}

merkle::TreeHead MetaHead(const ClinicCheckpoint& checkpoint) {
  return *merkle::ParseTreeHead(merkle::ParseNote(checkpoint.note)->text);
}

std::string Signed(const merkle::TreeHead& head, std::size_t witnesses, absl::Time at, char seed) {
  std::vector<merkle::NoteSigner> signers{LogSigner(seed)};
  for (std::size_t i = 0; i < witnesses; ++i) signers.push_back(Witness(i));
  std::vector<const merkle::NoteSigner*> all;
  for (const merkle::NoteSigner& signer : signers) all.push_back(&signer);
  return *merkle::SignTreeHead(head, all, at);
}

}  // namespace

void TestLog::Append(std::size_t events) {
  for (std::size_t i = 0; i < events; ++i) leaves_.push_back(TestLeaf(leaves_.size()));
}

void TestLog::Append(const Leaf& leaf) { leaves_.push_back(leaf); }

void TestLog::AppendStranger() {
  meta_.push_back(merkle::HashLeaf(EncodeClinicHead({.clinic_id = ClinicId(TestUuid(1, 99)),
                                                     .tree_size = meta_.size(),
                                                     .root = merkle::EmptyRoot()})));
}

std::vector<Hash> TestLog::LeafHashes(std::uint64_t count) const {
  std::vector<Hash> hashes;
  for (std::uint64_t i = 0; i < count; ++i) {
    hashes.push_back(merkle::HashLeaf(EncodeLeaf(leaves_[i])));
  }
  return hashes;
}

ClinicCheckpoint TestLog::Seal(std::size_t witnesses, absl::Time at) {
  AppendStranger();
  ClinicCheckpoint checkpoint{.clinic_id = TestClinic(),
                              .tree_size = leaves_.size(),
                              .root = merkle::RootOf(LeafHashes(leaves_.size())),
                              .meta_index = meta_.size(),
                              .meta_proof = {},
                              .note = {}};
  meta_.push_back(merkle::HashLeaf(EncodeClinicHead({.clinic_id = checkpoint.clinic_id,
                                                     .tree_size = checkpoint.tree_size,
                                                     .root = checkpoint.root})));
  AppendStranger();
  checkpoint.meta_proof =
      Assembled(merkle::NodesForInclusion(checkpoint.meta_index, meta_.size()), meta_);
  checkpoint.note =
      Signed({.origin = std::string(kOrigin), .size = meta_.size(), .root = merkle::RootOf(meta_)},
             witnesses, at, 'l');
  return checkpoint;
}

std::vector<Hash> TestLog::MetaConsistency(const ClinicCheckpoint& since,
                                           const ClinicCheckpoint& checkpoint) const {
  return ConsistencyOf(MetaHead(since).size, Hashes(meta_).first(MetaHead(checkpoint).size));
}

std::string TestLog::Sequence(const ClinicCheckpoint& checkpoint, std::uint64_t first_index,
                              const std::optional<ClinicCheckpoint>& since) const {
  const std::vector<Hash> hashes = LeafHashes(checkpoint.tree_size);
  merkle::Frontier before;
  for (std::uint64_t i = 0; i < first_index; ++i) before.Append(hashes[i]);
  std::string bytes = ExportHead(checkpoint.clinic_id, before);
  for (std::uint64_t i = first_index; i < checkpoint.tree_size; ++i) {
    bytes += redacted_.contains(i) ? RedactedEvent(hashes[i]) : EncodeLeaf(leaves_[i]);
  }
  std::optional<std::vector<Hash>> meta;
  if (since) meta = MetaConsistency(*since, checkpoint);
  return bytes + ExportEnd(checkpoint, meta);
}

std::string TestLog::Line(const ClinicCheckpoint& checkpoint, std::uint64_t index) const {
  const std::vector<Hash> proof = Assembled(merkle::NodesForInclusion(index, checkpoint.tree_size),
                                            LeafHashes(checkpoint.tree_size));
  return EventLine(index, leaves_[index], proof, {});
}

std::string TestLog::Lines(const ClinicCheckpoint& checkpoint,
                           const std::vector<std::uint64_t>& indexes,
                           const std::optional<ClinicCheckpoint>& since) const {
  Consistency consistency;
  if (since) {
    consistency.clinic = ConsistencyOf(since->tree_size, LeafHashes(checkpoint.tree_size));
    consistency.meta = MetaConsistency(*since, checkpoint);
  }
  std::string bytes = LinesHead(checkpoint, consistency);
  for (const std::uint64_t index : indexes) bytes += Line(checkpoint, index);
  return bytes + LinesEnd(indexes.size());
}

VerifyOptions TestLog::Options(std::size_t quorum) {
  return {.policy = {.origin = std::string(kOrigin),
                     .log_keys = {LogSigner().verifier()},
                     .witnesses = {Witness(0).verifier(), Witness(1).verifier()},
                     .quorum = quorum},
          .clinic = std::nullopt,
          .since = std::nullopt,
          .head = std::nullopt,
          .receipts = std::nullopt,
          .age_max = std::nullopt,
          .now = SealedAt()};
}

ClinicCheckpoint TestLog::SignedByAnother(ClinicCheckpoint checkpoint) {
  checkpoint.note = Signed(MetaHead(checkpoint), 0, SealedAt(), 'x');
  return checkpoint;
}

Report Verify(std::string_view bytes, const VerifyOptions& options, std::size_t piece) {
  return Verify(bytes, Verifier(options), piece);
}

Report Verify(std::string_view bytes, const Verifier& verifier, std::size_t piece) {
  const auto source = [bytes, piece](std::span<char> space) mutable -> absl::StatusOr<std::size_t> {
    const std::size_t count = std::min({piece, space.size(), bytes.size()});
    std::copy_n(bytes.begin(), count, space.begin());
    bytes.remove_prefix(count);
    return count;
  };
  return *verifier.Verify(source);
}

}  // namespace clinicd::audit
