#include "tests/support/log_scene.h"

#include <catch2/catch.hpp>
#include <optional>
#include <span>

#include "common/merkle/proof.h"
#include "services/audit/log/log_keys.h"
#include "services/audit/proof/leaf.h"

namespace clinicd::testing {
namespace {

std::vector<merkle::NoteSigner> MustLoad(const TestServer& server) {
  auto signers = audit::LoadLogSigners(server.key_directory().string(), kLogOrigin);
  INFO(signers.status());
  REQUIRE(signers.ok());
  return *std::move(signers);
}

}  // namespace

LogScene::LogScene(const TestServer& server, std::int32_t batch_max, Guard guard)
    : database_(server.database()),
      ids_(clock_, random_),
      pool_({.connection = {.conninfo = server.database().ConninfoOf("clinicd_sealer"),
                            .mode = {},
                            .rewrite_sql = {}},
             .workers = 1,
             .queue_max = 4},
            clock_),
      runner_(pool_, clock_, ids_, {}),
      signers_(MustLoad(server)),
      sealer_({.runner = runner_,
               .clock = clock_,
               .origin = kLogOrigin,
               .signers = signers_,
               .batch_max = batch_max,
               .guard = std::move(guard)}),
      trust_({.origin = kLogOrigin, .log_keys = {signers_.front().verifier()}, .witnesses = {}}) {}

audit::SealReport LogScene::Seal() const {
  const absl::StatusOr<audit::SealReport> report = sealer_.SealBatch();
  INFO(report.status());
  REQUIRE(report.ok());
  return *report;
}

std::int64_t LogScene::SealAll() const {
  auto superuser = database_.Connect();
  // Of what was sealed and then bent there is nothing to wait for.
  const auto waits = [&superuser] {
    return superuser
               .QueryValue(
                   "SELECT EXISTS (SELECT FROM clinicd.audit_events AS event WHERE "
                   "event.transaction_number >= coalesce((SELECT last_transaction FROM "
                   "clinicd.audit_sealer), 0) AND NOT EXISTS (SELECT FROM clinicd.audit_leaves AS "
                   "leaf WHERE leaf.clinic_id = event.clinic_id AND leaf.event_id = event.id))")
               .value() == "t";
  };
  std::int64_t events = 0;
  audit::SealReport report;
  do {
    report = Seal();
    events += report.events;
  } while (report.more || waits());
  return events;
}

std::vector<merkle::Hash> HashesIn(const google::protobuf::RepeatedPtrField<std::string>& proof) {
  const std::vector<std::string> parts(proof.begin(), proof.end());
  const auto hashes = merkle::ToHashes(parts);
  REQUIRE(hashes);
  return *hashes;
}

std::uint64_t MustHold(const audit::v1::Checkpoint& checkpoint, const merkle::TrustPolicy& trust) {
  const auto opened = merkle::OpenCheckpoint(checkpoint.note(), trust);
  INFO(opened.status());
  REQUIRE(opened.ok());
  const std::optional<merkle::Hash> root = merkle::ToHash(checkpoint.root_hash());
  REQUIRE(root);
  const merkle::Hash head = merkle::HashLeaf(
      audit::EncodeClinicHead({.clinic_id = *ClinicId::Parse(checkpoint.clinic_id()),
                               .tree_size = static_cast<std::uint64_t>(checkpoint.tree_size()),
                               .root = *root}));
  REQUIRE(merkle::InclusionHolds(static_cast<std::uint64_t>(checkpoint.meta_index()),
                                 opened->head.size, head, HashesIn(checkpoint.meta_proof()),
                                 merkle::AsView(opened->head.root)));
  return opened->head.size;
}

}  // namespace clinicd::testing
