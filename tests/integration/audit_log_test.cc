// Sealing of audit events, and what can be proven afterwards.
#include <atomic>
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/ed25519.h"
#include "common/merkle/epoch.h"
#include "common/merkle/note_key.h"
#include "common/merkle/proof.h"
#include "tests/support/front_desk.h"
#include "tests/support/log_scene.h"

namespace clinicd::testing {
namespace {

using audit::v1::AuditLogService;
using audit::v1::Checkpoint;
using audit::v1::ConsistencyProof;
using audit::v1::InclusionProof;
using Stub = AuditLogService::Stub;

Reply<Checkpoint> GetCheckpoint(const Client& client) {
  return client.Call(client.audit_log(), &Stub::GetCheckpoint, audit::v1::GetCheckpointRequest());
}

Checkpoint MustGet(const Client& client, const LogScene& log) {
  const Reply<Checkpoint> reply = GetCheckpoint(client);
  REQUIRE(reply.ok());
  MustHold(reply.response, log.trust());
  return reply.response;
}

Reply<InclusionProof> Prove(const Client& client, const std::string& event) {
  audit::v1::GetInclusionProofRequest request;
  request.set_event_id(event);
  return client.Call(client.audit_log(), &Stub::GetInclusionProof, request);
}

Reply<ConsistencyProof> ProveSince(const Client& client, std::int64_t tree_size,
                                   std::int64_t meta_size) {
  audit::v1::GetConsistencyProofRequest request;
  request.set_tree_size(tree_size);
  request.set_meta_size(meta_size);
  return client.Call(client.audit_log(), &Stub::GetConsistencyProof, request);
}

bool Included(const InclusionProof& proof) {
  const merkle::Hash leaf = merkle::HashLeaf(proof.leaf());
  return merkle::AsView(leaf) == proof.leaf_hash() &&
         merkle::InclusionHolds(static_cast<std::uint64_t>(proof.leaf_index()),
                                static_cast<std::uint64_t>(proof.checkpoint().tree_size()), leaf,
                                HashesIn(proof.proof()), proof.checkpoint().root_hash());
}

std::string Value(TestServer& server, const std::string& sql) {
  return server.database().Connect().QueryValue(sql).value();
}

// A patient is registered by a caller who asks for a receipt, or says something else in that place;
// nullopt: there was none.
std::optional<audit::v1::Receipt> Receipt(const Client& client,
                                          const patients::v1::CreatePatientRequest& request,
                                          const std::string& wanted = "1") {
  grpc::ClientContext context;
  client.Prepare(context);
  context.AddMetadata("clinicd-audit-receipt", wanted);
  patients::v1::Patient patient;
  client.patients().CreatePatient(&context, request, &patient);
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find("clinicd-audit-receipt-bin");
  if (found == trailers.end()) return std::nullopt;
  audit::v1::Receipt receipt;
  REQUIRE(receipt.ParseFromArray(found->second.data(), static_cast<int>(found->second.size())));
  return receipt;
}

patients::v1::CreatePatientRequest Registration(TestServer& server) {
  patients::v1::CreatePatientRequest request;
  *request.mutable_patient() = PatientForm();
  request.set_request_id(server.RequestId());
  return request;
}

// So many events that tiles fill up, written past the API.
void AddEvents(TestServer& server, const TestClinic& clinic, int count) {
  auto superuser = server.database().Connect();
  const absl::Status status = superuser.Execute(absl::StrCat(
      "INSERT INTO clinicd.audit_events (clinic_id, id, category, action, method, outcome) SELECT "
      "'",
      clinic.id.ToString(),
      "', (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') ",
      "|| '7000' || substr(md5(random()::text), 1, 16))::uuid, 'record', 'read', 'Method', 'OK' ",
      "FROM generate_series(1, ", count, ")"));
  REQUIRE(status.ok());
}

TEST_CASE("A receipt says what the log will hold, before it is sealed", "[audit][log]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const Client owner = server.SignedIn(desk.clinic(), {identity::v1::ROLE_OWNER});
  const LogScene log(server);
  const auto request = Registration(server);

  const auto receipt = Receipt(desk.client(), request);
  const auto repeated = Receipt(desk.client(), request);

  REQUIRE(receipt);
  CHECK(receipt->clinic_id() == desk.clinic().id.ToString());
  CHECK(receipt->has_record_time());
  REQUIRE(repeated);
  CHECK(repeated->SerializeAsString() == receipt->SerializeAsString());
  CHECK(Value(server, absl::StrCat("SELECT method FROM clinicd.audit_events WHERE id = '",
                                   receipt->event_id(), "'")) ==
        "clinicd.patients.v1.PatientService/CreatePatient");
  log.SealAll();
  const auto proof = Prove(owner, receipt->event_id());
  REQUIRE(proof.ok());
  CHECK(Included(proof.response));
  CHECK(proof.response.leaf_hash() == receipt->leaf_hash());
}

TEST_CASE("What was changed before it was sealed is not what its receipt says", "[audit][log]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const Client owner = server.SignedIn(desk.clinic(), {identity::v1::ROLE_OWNER});
  const LogScene log(server);
  const auto receipt = Receipt(desk.client(), Registration(server));
  REQUIRE(receipt);
  auto superuser = server.database().Connect();
  REQUIRE(superuser.Execute("SET session_replication_role = replica").ok());
  REQUIRE(superuser
              .Execute(absl::StrCat("UPDATE clinicd.audit_events SET actor_id = NULL WHERE id = '",
                                    receipt->event_id(), "'"))
              .ok());

  log.SealAll();

  const auto proof = Prove(owner, receipt->event_id());
  REQUIRE(proof.ok());
  CHECK(Included(proof.response));
  CHECK(proof.response.leaf_hash() != receipt->leaf_hash());
}

TEST_CASE("Only who asks for a receipt gets one, and only of what happened", "[audit][log]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  CHECK_FALSE(Receipt(desk.client(), Registration(server), "0"));
  CHECK_FALSE(Receipt(desk.client(), Registration(server), ""));
  auto refused = Registration(server);
  refused.mutable_patient()->set_file_number("1");
  REQUIRE(Receipt(desk.client(), refused));
  refused.set_request_id(server.RequestId());
  CHECK_FALSE(Receipt(desk.client(), refused));
  const Client assistant = server.SignedIn(desk.clinic(), {identity::v1::ROLE_ASSISTANT});
  CHECK_FALSE(Receipt(assistant, Registration(server)));
}

TEST_CASE("An event is proven once it is sealed, to who trusts only the key", "[audit][log]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const Client owner = server.SignedIn(desk.clinic(), {identity::v1::ROLE_OWNER});
  const LogScene log(server);
  const std::string patient = desk.RegisteredPatient();
  REQUIRE(desk.GetPatient(patient).ok());
  const auto trail = desk.Trail();
  REQUIRE_FALSE(trail.empty());
  CHECK(Prove(owner, trail[0].id()).reason() == ErrorReason::AUDIT_EVENT_NOT_FOUND);
  CHECK(GetCheckpoint(owner).reason() == ErrorReason::AUDIT_LOG_EMPTY);

  log.SealAll();

  for (const audit::v1::Event& event : trail) {
    const auto proof = Prove(owner, event.id());
    REQUIRE(proof.ok());
    MustHold(proof.response.checkpoint(), log.trust());
    CHECK(Included(proof.response));
    const auto leaf = audit::DecodeLeaf(proof.response.leaf());
    REQUIRE(leaf.ok());
    CHECK(leaf->id.ToString() == event.id());
    CHECK(leaf->method == event.method());
    CHECK(leaf->changed_fields.empty());
  }
}

TEST_CASE("Every event is sealed once, in one sequence a clinic, whatever the batches are",
          "[audit][log]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestClinic south = server.AddClinic("south");
  const LogScene log(server, 100);
  AddEvents(server, north, 700);
  AddEvents(server, south, 1);
  const auto first = log.SealAll();
  AddEvents(server, north, 130);

  const auto second = log.SealAll();

  CHECK(first == 701);
  CHECK(second == 130);
  CHECK(Value(server,
              "SELECT count(*) FROM clinicd.audit_events AS event WHERE NOT EXISTS (SELECT FROM "
              "clinicd.audit_leaves AS leaf WHERE leaf.clinic_id = event.clinic_id AND "
              "leaf.event_id = event.id)") == "0");
  CHECK(Value(server,
              "SELECT string_agg(count || ' ' || max, ',' ORDER BY count) FROM (SELECT count(*), "
              "max(leaf_index) FROM clinicd.audit_leaves GROUP BY clinic_id) AS per") ==
        "1 0,830 829");
  CHECK(Value(server, "SELECT count(*) FROM clinicd.audit_tiles WHERE tile_level = 0") == "3");
}

TEST_CASE("Proofs hold across tiles, for every size and index", "[audit][log]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const Client owner = server.SignedIn(north, {identity::v1::ROLE_OWNER});
  const LogScene log(server);
  std::vector<Checkpoint> checkpoints;
  for (const int events : {1, 254, 1, 1, 300}) {
    AddEvents(server, north, events);
    log.SealAll();
    checkpoints.push_back(MustGet(owner, log));
  }
  const auto ids = server.database().Connect().Query(
      "SELECT event_id FROM clinicd.audit_leaves WHERE leaf_index % 37 = 0 OR leaf_index IN (255, "
      "256) ORDER BY leaf_index");
  REQUIRE(ids.ok());

  for (const auto& row : *ids) {
    const auto proof = Prove(owner, *row[0]);
    REQUIRE(proof.ok());
    CHECK(Included(proof.response));
  }
  for (const Checkpoint& old : checkpoints) {
    const std::uint64_t meta_size = MustHold(old, log.trust());
    const auto since = ProveSince(owner, old.tree_size(), static_cast<std::int64_t>(meta_size));
    REQUIRE(since.ok());
    const Checkpoint& now = since.response.checkpoint();
    MustHold(now, log.trust());
    CHECK(merkle::ConsistencyHolds(static_cast<std::uint64_t>(old.tree_size()), old.root_hash(),
                                   static_cast<std::uint64_t>(now.tree_size()), now.root_hash(),
                                   HashesIn(since.response.proof())));
    const auto old_head = merkle::OpenCheckpoint(old.note(), log.trust());
    const auto new_head = merkle::OpenCheckpoint(now.note(), log.trust());
    CHECK(merkle::ConsistencyHolds(old_head->head.size, merkle::AsView(old_head->head.root),
                                   new_head->head.size, merkle::AsView(new_head->head.root),
                                   HashesIn(since.response.meta_proof())));
  }
  const auto longer = ProveSince(owner, 100'000, 1);
  CHECK(longer.reason() == ErrorReason::AUDIT_LOG_SHORTER);
}

TEST_CASE("A clinic proves its own events and nobody else's", "[audit][log]") {
  TestServer server;
  const FrontDesk north(server, "north");
  const FrontDesk south(server, "south");
  const LogScene log(server);
  north.RegisteredPatient();
  const std::string event = north.Trail().back().id();
  log.SealAll();

  const Client stranger = server.SignedIn(south.clinic(), {identity::v1::ROLE_OWNER});
  CHECK(Prove(stranger, event).reason() == ErrorReason::AUDIT_EVENT_NOT_FOUND);
  CHECK(Prove(stranger, server.RequestId()).reason() == ErrorReason::AUDIT_EVENT_NOT_FOUND);
  CHECK(GetCheckpoint(stranger).reason() == ErrorReason::AUDIT_LOG_EMPTY);
}

TEST_CASE("An event that commits late is sealed, after those that were sealed meanwhile",
          "[audit][log]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const LogScene log(server);
  auto slow = server.database().Connect();
  REQUIRE(slow.Execute("BEGIN").ok());
  REQUIRE(slow.Execute(
                  absl::StrCat("INSERT INTO clinicd.audit_events (clinic_id, id, category, action, "
                               "method, outcome) VALUES ('",
                               north.id.ToString(),
                               "', clinicd.first_uuid_at(now()), 'record', 'read', 'Slow', 'OK')"))
              .ok());
  AddEvents(server, north, 5);

  // What began after the slow one waits for it; nothing is sealed out of turn.
  CHECK(log.Seal().events == 0);
  REQUIRE(slow.Execute("COMMIT").ok());
  CHECK(log.SealAll() == 6);
}

TEST_CASE("Two sealers at once leave no gap and seal nothing twice", "[audit][log]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const LogScene one(server, 50);
  const LogScene other(server, 50);
  std::atomic<bool> done = false;
  std::atomic<std::int64_t> sealed = 0;
  const auto seal = [&](const LogScene& log) {
    while (!done) {
      const auto report = log.sealer().SealBatch();
      if (report.ok()) sealed += report->events;
    }
    const auto last = log.sealer().SealBatch();
    if (last.ok()) sealed += last->events;
  };
  std::thread first([&] { seal(one); });
  std::thread second([&] { seal(other); });
  for (int i = 0; i < 20; ++i) AddEvents(server, north, 60);
  done = true;
  first.join();
  second.join();
  sealed += one.SealAll();

  CHECK(sealed == 1200);
  CHECK(Value(server, "SELECT count(*) || ' ' || max(leaf_index) FROM clinicd.audit_leaves") ==
        "1200 1199");
}

TEST_CASE("Rows that came from another cluster are sealed to the last one", "[audit][log]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const LogScene log(server, 10);
  AddEvents(server, north, 12);
  log.SealAll();
  AddEvents(server, north, 25);
  // As after a restore of a dump: another cluster, whose transactions begin anew.
  REQUIRE(server.database()
              .Connect()
              .Execute("UPDATE clinicd.audit_sealer SET system_identifier = 1, "
                       "last_transaction = 9000000000000000000")
              .ok());

  CHECK(log.SealAll() == 25);
  AddEvents(server, north, 3);
  CHECK(log.SealAll() == 3);
}

audit::v1::LogKeys MustGetKeys(const Client& client) {
  const auto reply =
      client.Call(client.audit_log(), &Stub::GetLogKeys, audit::v1::GetLogKeysRequest());
  REQUIRE(reply.ok());
  return reply.response;
}

TestServer::Options NamedAs(const std::string& origin, std::vector<std::string> witnesses = {}) {
  return {.adjust = [=](server::ApplicationOptions& options) {
    options.audit_origin = origin;
    options.audit_witnesses = witnesses;
  }};
}

TEST_CASE("Whoever is signed in gets the keys that checkpoints are signed with", "[audit][log]") {
  TestServer server(NamedAs(kLogOrigin));
  const TestClinic north = server.AddClinic("north");
  const Client assistant = server.SignedIn(north, {identity::v1::ROLE_ASSISTANT});
  const LogScene log(server);

  const audit::v1::LogKeys before = MustGetKeys(assistant);
  AddEvents(server, north, 3);
  log.SealAll();
  const audit::v1::LogKeys keys = MustGetKeys(assistant);

  CHECK(keys.SerializeAsString() == before.SerializeAsString());
  CHECK(keys.origin() == kLogOrigin);
  REQUIRE(keys.log_keys_size() == 1);
  CHECK(keys.witness_keys().empty());
  const auto key = merkle::NoteVerifier::Parse(keys.log_keys(0));
  REQUIRE(key.ok());
  MustHold(GetCheckpoint(assistant).response,
           {.origin = keys.origin(), .log_keys = {*key}, .witnesses = {}});
}

TEST_CASE("GetLogKeys names the witnesses that the server asks", "[audit][log]") {
  const auto key = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'w'));
  const auto signer =
      merkle::NoteSigner::Create(merkle::KeyKind::kCosignature, "witness.example/w1", *key);
  REQUIRE(signer.ok());
  const std::string witness = signer->verifier().ToText();
  TestServer server(NamedAs(kLogOrigin, {absl::StrCat("unix:/nonexistent ", witness)}));
  const Client client = server.SignedIn(server.AddClinic("north"), {identity::v1::ROLE_OWNER});

  const audit::v1::LogKeys keys = MustGetKeys(client);

  REQUIRE(keys.witness_keys_size() == 1);
  CHECK(keys.witness_keys(0) == witness);
}

TEST_CASE("GetLogKeys gives no keys that did not sign", "[audit][log]") {
  // Another process seals under another name, and so with other keys.
  TestServer server(NamedAs("other.example/audit"));
  const TestClinic north = server.AddClinic("north");
  const Client owner = server.SignedIn(north, {identity::v1::ROLE_OWNER});
  const LogScene log(server);
  AddEvents(server, north, 3);
  log.SealAll();

  const audit::v1::LogKeys keys = MustGetKeys(owner);

  CHECK(keys.log_keys().empty());
  CHECK(keys.origin() == kLogOrigin);
}

TEST_CASE("GetLogKeys tells the name under which a log goes on after a loss", "[audit][log]") {
  TestServer server(NamedAs(kLogOrigin));
  const TestClinic north = server.AddClinic("north");
  const Client owner = server.SignedIn(north, {identity::v1::ROLE_OWNER});
  REQUIRE(server.database()
              .Connect()
              .Execute("INSERT INTO clinicd.audit_epochs (epoch, note) VALUES (1, 'restored')")
              .ok());
  const LogScene log(server);
  AddEvents(server, north, 3);
  log.SealAll();

  const audit::v1::LogKeys keys = MustGetKeys(owner);

  CHECK(keys.origin() == merkle::OriginOf(kLogOrigin, 1));
  CHECK(keys.log_keys_size() == 1);
}

}  // namespace
}  // namespace clinicd::testing
