#include "clinicd/sdk/audit_log.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <catch2/catch.hpp>
#include <functional>
#include <utility>

#include "clinicd/audit/v1/audit_log_service.grpc.pb.h"
#include "common/merkle/plan.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "services/audit/proof/leaf.h"
#include "tests/support/audit_log.h"

namespace clinicd::sdk {
namespace {

using audit::ClinicCheckpoint;
using audit::TestLog;
using audit::v1::Checkpoint;
using audit::v1::ConsistencyProof;
using audit::v1::InclusionProof;
using audit::v1::Receipt;
using Hashes = google::protobuf::RepeatedPtrField<std::string>;

void SetHashes(const std::vector<merkle::Hash>& hashes, Hashes& proto) {
  proto.Clear();
  for (const merkle::Hash& hash : hashes) proto.Add(std::string(merkle::AsView(hash)));
}

Checkpoint ToProto(const ClinicCheckpoint& checkpoint) {
  Checkpoint proto;
  proto.set_clinic_id(checkpoint.clinic_id.ToString());
  proto.set_tree_size(static_cast<std::int64_t>(checkpoint.tree_size));
  proto.set_root_hash(std::string(merkle::AsView(checkpoint.root)));
  proto.set_meta_index(static_cast<std::int64_t>(checkpoint.meta_index));
  SetHashes(checkpoint.meta_proof, *proto.mutable_meta_proof());
  proto.set_note(checkpoint.note);
  return proto;
}

std::vector<merkle::Hash> LeafHashes(const TestLog& log) {
  std::vector<merkle::Hash> hashes;
  for (const audit::Leaf& leaf : log.leaves()) {
    hashes.push_back(merkle::HashLeaf(audit::EncodeLeaf(leaf)));
  }
  return hashes;
}

std::vector<merkle::Hash> Assembled(const merkle::ProofPlan& plan,
                                    const std::vector<merkle::Hash>& leaves) {
  std::vector<merkle::Hash> hashes;
  for (const merkle::NodeId& node : plan.nodes()) {
    hashes.push_back(merkle::RootOf(
        std::span(leaves).subspan(node.index << node.level, std::size_t{1} << node.level)));
  }
  return *plan.Assemble(hashes);
}

// A server whose log is told by the test; what it answers can be bent.
class FakeServer final : public audit::v1::AuditLogService::Service {
 public:
  FakeServer() {
    grpc::ServerBuilder builder;
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    session_ = *Session::Resume(
        server_->InProcessChannel({}),
        std::make_shared<MemoryTokenStore>(Tokens{.access_token = "a",
                                                  .access_expire_time = absl::InfiniteFuture(),
                                                  .refresh_token = "r",
                                                  .refresh_expire_time = absl::InfiniteFuture()}),
        {.retry = {.attempts_max = 1}});
  }
  ~FakeServer() override { server_->Shutdown(); }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  FakeServer(FakeServer&&) = delete;
  FakeServer& operator=(FakeServer&&) = delete;

  // Adds events and shows the checkpoint over them.
  void Grow(std::size_t events) {
    log.Append(events);
    shown = log.Seal();
  }

  grpc::Status GetCheckpoint(grpc::ServerContext*, const audit::v1::GetCheckpointRequest*,
                             Checkpoint* response) override {
    if (!shown) return Fail(absl::StatusCode::kNotFound, type::v1::AUDIT_LOG_EMPTY);
    *response = ToProto(*shown);
    bend(*response);
    return grpc::Status::OK;
  }
  grpc::Status GetConsistencyProof(grpc::ServerContext*,
                                   const audit::v1::GetConsistencyProofRequest* request,
                                   ConsistencyProof* response) override {
    if (refusal != type::v1::ERROR_REASON_UNSPECIFIED) {
      return Fail(absl::StatusCode::kPermissionDenied, refusal);
    }
    if (!shown) return Fail(absl::StatusCode::kNotFound, type::v1::AUDIT_LOG_EMPTY);
    const auto size = static_cast<std::uint64_t>(request->tree_size());
    std::vector<merkle::Hash> leaves = LeafHashes(log);
    leaves.resize(shown->tree_size);
    if (size > leaves.size()) {
      return Fail(absl::StatusCode::kFailedPrecondition, type::v1::AUDIT_LOG_SHORTER);
    }
    SetHashes(Assembled(*merkle::NodesForConsistency(size, leaves.size()), leaves),
              *response->mutable_proof());
    for (const ClinicCheckpoint& old : sealed) {
      if (old.tree_size == size) {
        SetHashes(log.MetaConsistency(old, *shown), *response->mutable_meta_proof());
      }
    }
    *response->mutable_checkpoint() = ToProto(*shown);
    bend(*response->mutable_checkpoint());
    bend_proof(*response);
    return grpc::Status::OK;
  }
  grpc::Status GetInclusionProof(grpc::ServerContext*,
                                 const audit::v1::GetInclusionProofRequest* request,
                                 InclusionProof* response) override {
    const std::vector<merkle::Hash> leaves = LeafHashes(log);
    for (std::size_t i = 0; i < shown->tree_size; ++i) {
      if (log.leaves()[i].id.ToString() != request->event_id()) continue;
      response->set_leaf(audit::EncodeLeaf(log.leaves()[i]));
      response->set_leaf_hash(std::string(merkle::AsView(leaves[i])));
      response->set_leaf_index(static_cast<std::int64_t>(i));
      SetHashes(Assembled(*merkle::NodesForInclusion(i, leaves.size()), leaves),
                *response->mutable_proof());
      *response->mutable_checkpoint() = ToProto(*shown);
      bend_inclusion(*response);
      return grpc::Status::OK;
    }
    return Fail(absl::StatusCode::kNotFound, type::v1::AUDIT_EVENT_NOT_FOUND);
  }

  Session& session() { return *session_; }

  TestLog log;
  std::optional<ClinicCheckpoint> shown;
  // Those that proofs start from.
  std::vector<ClinicCheckpoint> sealed;
  std::function<void(Checkpoint&)> bend = [](Checkpoint&) {};
  std::function<void(ConsistencyProof&)> bend_proof = [](ConsistencyProof&) {};
  std::function<void(InclusionProof&)> bend_inclusion = [](InclusionProof&) {};
  type::v1::ErrorReason refusal = type::v1::ERROR_REASON_UNSPECIFIED;

 private:
  static grpc::Status Fail(absl::StatusCode code, type::v1::ErrorReason reason) {
    return status::ToGrpc(status::Error(code, reason, "No."), "");
  }

  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Session> session_;
};

// A server with five events, which a client has checked, and then `more`.
struct Scene {
  explicit Scene(bool pinned = true, std::size_t more = 3) {
    server.Grow(5);
    server.sealed = {*server.shown};
    std::vector<std::string> keys;
    if (pinned) keys = {TestLog::Options().policy.log_keys.front().ToText()};
    log = *AuditLog::Create(server.session(), store,
                            {.keys = keys, .clinic_id = audit::TestClinic().ToString()});
    REQUIRE(log->Check().ok());
    if (more > 0) server.Grow(more);
  }

  // Checks that the server is not believed, and that nothing of it is kept; why.
  AuditAlarmKind Refusal() {
    const absl::Status status = log->Check().status();
    const std::optional<AuditAlarm> alarm = AlarmOf(status);
    INFO(status);
    REQUIRE(alarm);
    CHECK(alarm->kept->tree_size() == kept_size());
    CHECK(kept_size() == 5);
    return alarm->kind;
  }
  std::int64_t kept_size() { return (*store.Load())->tree_size(); }

  FakeServer server;
  MemoryCheckpointStore store;
  std::unique_ptr<AuditLog> log;
};

TEST_CASE("A log that goes on is kept", "[sdk][audit][unit]") {
  Scene scene(GENERATE(true, false));

  const auto checkpoint = scene.log->Check();

  REQUIRE(checkpoint.ok());
  CHECK((*checkpoint)->tree_size() == 8);
  CHECK(scene.kept_size() == 8);
}

TEST_CASE("A log that is shorter or another one is refused", "[sdk][audit][unit]") {
  Scene scene(GENERATE(true, false), 0);

  SECTION("rolled back") {
    TestLog shorter;
    shorter.Append(4);
    scene.server.shown = shorter.Seal();
    CHECK(scene.Refusal() == AuditAlarmKind::kRollback);
  }
  SECTION("emptied") {
    scene.server.shown.reset();
    CHECK(scene.Refusal() == AuditAlarmKind::kRollback);
  }
  SECTION("forked") {
    scene.server.log.leaves()[2].outcome = "NOT_OK";
    scene.server.Grow(3);
    CHECK(scene.Refusal() == AuditAlarmKind::kFork);
  }
  SECTION("signed by another key") {
    scene.server.Grow(3);
    scene.server.shown = TestLog::SignedByAnother(*scene.server.shown);
    CHECK(scene.Refusal() == AuditAlarmKind::kSignature);
  }
  SECTION("not proven at all") {
    scene.server.refusal = type::v1::PERMISSION_MISSING;
    CHECK(scene.Refusal() == AuditAlarmKind::kRefused);
  }
}

using CheckpointLie = std::pair<AuditAlarmKind, std::function<void(Checkpoint&)>>;

TEST_CASE("A checkpoint with a lie in it is not believed", "[sdk][audit][unit]") {
  const auto lie = GENERATE(
      as<CheckpointLie>(),
      CheckpointLie{AuditAlarmKind::kMetaInclusion, [](Checkpoint& c) { c.set_tree_size(9); }},
      CheckpointLie{AuditAlarmKind::kMetaInclusion, [](Checkpoint& c) { c.set_tree_size(7); }},
      CheckpointLie{AuditAlarmKind::kFormat, [](Checkpoint& c) { c.set_tree_size(0); }},
      CheckpointLie{AuditAlarmKind::kFormat, [](Checkpoint& c) { c.set_tree_size(-1); }},
      CheckpointLie{AuditAlarmKind::kFormat,
                    [](Checkpoint& c) { c.mutable_root_hash()->pop_back(); }},
      CheckpointLie{AuditAlarmKind::kMetaInclusion,
                    [](Checkpoint& c) { c.set_root_hash(std::string(32, 'x')); }},
      CheckpointLie{AuditAlarmKind::kMetaInclusion,
                    [](Checkpoint& c) { c.set_meta_index(c.meta_index() + 1); }},
      CheckpointLie{AuditAlarmKind::kMetaInclusion, [](Checkpoint& c) { c.set_meta_index(-1); }},
      CheckpointLie{AuditAlarmKind::kMetaInclusion, [](Checkpoint& c) { c.clear_meta_proof(); }},
      CheckpointLie{AuditAlarmKind::kMetaInclusion,
                    [](Checkpoint& c) { c.add_meta_proof(std::string(32, 'x')); }},
      CheckpointLie{AuditAlarmKind::kClinic,
                    [](Checkpoint& c) { c.set_clinic_id(audit::TestUuid(1, 9).ToString()); }},
      CheckpointLie{AuditAlarmKind::kFormat, [](Checkpoint& c) { c.clear_clinic_id(); }},
      CheckpointLie{AuditAlarmKind::kFormat, [](Checkpoint& c) { c.clear_note(); }},
      CheckpointLie{AuditAlarmKind::kOrigin,
                    [](Checkpoint& c) { c.set_note("other" + c.note()); }});
  Scene scene;
  scene.server.bend = lie.second;

  CHECK(scene.Refusal() == lie.first);
}

TEST_CASE("A proof that does not prove is not believed", "[sdk][audit][unit]") {
  using Lie = std::function<void(ConsistencyProof&)>;
  const auto lie =
      GENERATE(as<Lie>(), Lie([](ConsistencyProof& p) { p.clear_proof(); }),
               Lie([](ConsistencyProof& p) { p.clear_meta_proof(); }),
               Lie([](ConsistencyProof& p) { p.mutable_proof()->RemoveLast(); }),
               Lie([](ConsistencyProof& p) { p.add_proof(std::string(32, 'x')); }),
               Lie([](ConsistencyProof& p) { p.mutable_proof(0)->pop_back(); }),
               Lie([](ConsistencyProof& p) { p.mutable_proof()->Swap(p.mutable_meta_proof()); }));
  Scene scene;
  scene.server.bend_proof = lie;

  CHECK(scene.Refusal() == AuditAlarmKind::kFork);
}

TEST_CASE("A log of a new origin is refused until it is trusted anew", "[sdk][audit][unit]") {
  Scene scene(/*pinned=*/false);
  const merkle::NoteSigner signer =
      *merkle::NoteSigner::Create(merkle::KeyKind::kEd25519, TestLog::kOrigin,
                                  *crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'l')));
  scene.server.bend = [&](Checkpoint& checkpoint) {
    merkle::TreeHead head = *merkle::ParseTreeHead(merkle::ParseNote(checkpoint.note())->text);
    head.origin += "#1";
    checkpoint.set_note(*merkle::SignTreeHead(head, {&signer}, absl::UnixEpoch()));
  };

  CHECK(scene.Refusal() == AuditAlarmKind::kOrigin);
  CHECK(scene.log->TrustAnew().ok());
  CHECK(scene.kept_size() == 8);
}

Receipt ReceiptOf(const audit::Leaf& leaf) {
  Receipt receipt;
  receipt.set_clinic_id(leaf.clinic_id.ToString());
  receipt.set_event_id(leaf.id.ToString());
  receipt.set_leaf_hash(std::string(merkle::AsView(merkle::HashLeaf(audit::EncodeLeaf(leaf)))));
  return receipt;
}

TEST_CASE("Receipts are proven, and what is missing or changed is named", "[sdk][audit][unit]") {
  Scene scene;
  audit::Leaf changed = scene.server.log.leaves()[6];
  changed.outcome = "NOT_OK";
  const std::vector<Receipt> receipts = {ReceiptOf(scene.server.log.leaves()[1]),
                                         ReceiptOf(changed), ReceiptOf(audit::TestLeaf(70))};

  const auto report = scene.log->VerifyReceipts(receipts);

  INFO(report.status());
  REQUIRE(report.ok());
  REQUIRE(report->proven.size() == 1);
  CHECK(report->proven[0].event_id() == receipts[0].event_id());
  REQUIRE(report->changed.size() == 1);
  CHECK(report->changed[0].event_id() == receipts[1].event_id());
  REQUIRE(report->missing.size() == 1);
  CHECK(report->missing[0].event_id() == receipts[2].event_id());
}

TEST_CASE("An inclusion that is not proven is no inclusion", "[sdk][audit][unit]") {
  using Lie = std::function<void(InclusionProof&)>;
  const auto lie = GENERATE(as<Lie>(), Lie([](InclusionProof& p) { p.clear_proof(); }),
                            Lie([](InclusionProof& p) { p.set_leaf_index(-1); }),
                            Lie([](InclusionProof& p) { p.set_leaf_index(3); }),
                            Lie([](InclusionProof& p) { p.set_leaf("x"); }));
  Scene scene;
  scene.server.bend_inclusion = lie;

  const auto report =
      scene.log->VerifyReceipts(std::vector{ReceiptOf(scene.server.log.leaves()[1])});

  REQUIRE(report.ok());
  CHECK(report->changed.size() == 1);
}

TEST_CASE("A proof of inclusion in another log than the kept one is an alarm",
          "[sdk][audit][unit]") {
  Scene scene;
  scene.server.bend_inclusion = [&](InclusionProof& proof) {
    TestLog forged;
    forged.Append(6);
    forged.leaves()[4].outcome = "NOT_OK";
    *proof.mutable_checkpoint() = ToProto(forged.Seal());
  };

  const auto report =
      scene.log->VerifyReceipts(std::vector{ReceiptOf(scene.server.log.leaves()[1])});

  REQUIRE(AlarmOf(report.status()));
  CHECK(AlarmOf(report.status())->kind == AuditAlarmKind::kFork);
}

TEST_CASE("A key that is none is refused", "[sdk][audit][unit]") {
  FakeServer server;
  MemoryCheckpointStore store;
  const std::string witness = TestLog::Options().policy.witnesses[0].ToText();
  for (const std::string& key : {std::string("a+b"), std::string(), witness}) {
    CHECK(absl::IsInvalidArgument(
        AuditLog::Create(server.session(), store, {.keys = {key}}).status()));
  }
}

}  // namespace
}  // namespace clinicd::sdk
