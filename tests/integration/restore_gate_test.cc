// A server whose database was restored from a backup: what it notices, and what makes it go on.
#include "services/server/restore_gate.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/merkle/checkpoint.h"
#include "services/server/log_watch.h"
#include "services/server/restore_acknowledgement.h"
#include "tests/support/log_scene.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_server.h"
#include "tests/support/witness_scene.h"

namespace clinicd::testing {
namespace {

using server::Application;
using server::ApplicationOptions;
using server::GateFindings;
using server::LogWatch;

constexpr char kReason[] = "the disk of the server broke; restored last night's copy";

// Asks again and again until `condition` holds; false after a minute.
bool Eventually(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + absl::Minutes(1);
  while (!condition()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return true;
}

constexpr char kUnsealed[] =
    "SELECT count(*) FROM clinicd.audit_events AS event WHERE NOT EXISTS (SELECT FROM "
    "clinicd.audit_leaves AS leaf WHERE leaf.clinic_id = event.clinic_id AND leaf.event_id = "
    "event.id)";

// A database that is sealed, copied, and put back, with its anchor beside it.
class Installation final {
 public:
  Installation() : anchor_(directory_.path("anchor")) { REQUIRE(anchor_.Open().ok()); }
  ~Installation() { Maintain(absl::StrCat("DROP DATABASE IF EXISTS ", Copy())); }
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;
  Installation(Installation&&) = delete;
  Installation& operator=(Installation&&) = delete;

  // Adds `events` to each of the clinics and seals them; makes those that there are not.
  void Work(const std::vector<std::pair<std::string, int>>& events, bool anchored = true) {
    TestServer server({.database = &database_, .key_directory = keys()});
    for (const auto& [slug, count] : events) {
      if (!clinics_.contains(slug)) clinics_.emplace(slug, server.AddClinic(slug).id);
      Add(clinics_.at(slug), count);
    }
    const LogScene log(server);
    // Transactions of other tests on the same cluster hold back the sealing of what came after.
    REQUIRE(Eventually([&] {
      const audit::SealReport report = log.Seal();
      if (report.events > 0 && anchored) {
        REQUIRE(anchor_.Keep(report.note, report.heads).ok());
      }
      return Value(kUnsealed) == "0";
    }));
  }

  void Backup() {
    Maintain(absl::StrCat("DROP DATABASE IF EXISTS ", Copy()));
    Maintain(absl::StrCat("CREATE DATABASE ", Copy(), " TEMPLATE ", database_.name()));
  }
  void Restore() {
    Maintain(absl::StrCat("DROP DATABASE ", database_.name(), " WITH (FORCE)"));
    Maintain(absl::StrCat("CREATE DATABASE ", database_.name(), " TEMPLATE ", Copy()));
  }

  LogWatch::Options WatchOptions() const {
    return {.log = kLogOrigin,
            .key_directory = keys(),
            .anchor = anchored_ ? anchor_.directory() : "",
            .witnesses = witnesses_,
            .authorities = ""};
  }

  // How the start of a server ends.
  absl::Status Start() {
    TemporaryDirectory run;
    metrics::Metrics metrics("test");
    const auto logger = log::Logger::Open(log::Level::kDebug, directory_.path("log"), clock_);
    ApplicationOptions options;
    options.app_conninfo = database_.app();
    options.auth_conninfo = database_.auth();
    options.sealer_conninfo = database_.ConninfoOf("clinicd_sealer");
    options.audit_origin = kLogOrigin;
    options.audit_anchor = WatchOptions().anchor;
    options.audit_witnesses = witnesses_;
    options.key_directory = keys();
    options.listeners.socket = run.path("grpc");
    const auto application = Application::Start(options, {clock_, random_, **logger, metrics});
    if (application.ok() && while_serving) {
      (*application)->StartJobs();
      while_serving();
    }
    return application.status();
  }

  // Calls `work` with what acknowledging needs.
  template <typename Result>
  Result WithGate(const std::function<Result(const server::AcknowledgeParts&)>& work) {
    const auto logger = log::Logger::Open(log::Level::kDebug, directory_.path("log"), clock_);
    const IdSource ids(clock_, random_);
    db::Pool app({.connection = {.conninfo = database_.app(), .mode = {}, .rewrite_sql = {}},
                  .workers = 1,
                  .queue_max = 4},
                 clock_);
    db::Pool sealer({.connection = {.conninfo = database_.ConninfoOf("clinicd_sealer"),
                                    .mode = {},
                                    .rewrite_sql = {}},
                     .workers = 1,
                     .queue_max = 4},
                    clock_);
    db::TransactionRunner app_runner(app, clock_, ids,
                                     {.role_names = {}, .audit = {.node = "n", .build = "b"}});
    db::TransactionRunner sealer_runner(sealer, clock_, ids, {});
    auto watch = LogWatch::Create(WatchOptions());
    REQUIRE(watch.ok());
    const server::RestoreGate gate = (*watch)->GateFor(app_runner, clock_, **logger);
    return work({.gate = gate,
                 .app_runner = app_runner,
                 .sealer_runner = sealer_runner,
                 .anchor = (*watch)->anchor(),
                 .log = kLogOrigin,
                 .signers = (*watch)->signers(),
                 .clock = clock_,
                 .ids = ids});
  }
  absl::StatusOr<GateFindings> Examine() {
    return WithGate<absl::StatusOr<GateFindings>>(
        [](const server::AcknowledgeParts& parts) { return parts.gate.Examine(); });
  }
  absl::Status Acknowledge(std::uint64_t size, const std::string& reason = kReason) {
    return WithGate<absl::Status>([&](const server::AcknowledgeParts& parts) {
      return server::AcknowledgeRestore(parts, reason, size).status();
    });
  }

  void Add(const ClinicId& clinic, int count) {
    Execute(absl::StrCat(
        "INSERT INTO clinicd.audit_events (clinic_id, id, category, action, method, outcome) "
        "SELECT '",
        clinic.ToString(),
        "', (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7000' || "
        "substr(md5(random()::text), 1, 16))::uuid, 'record', 'read', 'Method', 'OK' FROM "
        "generate_series(1, ",
        count, ")"));
  }
  void Execute(const std::string& sql) {
    const absl::Status done = database_.Connect().Execute(sql);
    INFO(done);
    REQUIRE(done.ok());
  }
  std::string Value(const std::string& sql) { return *database_.Connect().QueryValue(sql); }
  std::uint64_t MetaSize() {
    return std::stoull(Value("SELECT max(meta_size) FROM clinicd.audit_checkpoints"));
  }
  // What is lost of a clinic; "" for nothing.
  static std::string LossOf(const GateFindings& findings, const ClinicId& clinic) {
    for (const server::ClinicLoss& loss : findings.losses) {
      if (loss.clinic == clinic) return loss.ToText();
    }
    return "";
  }

  const ClinicId& clinic(const std::string& slug) const { return clinics_.at(slug); }
  const audit::Anchor& anchor() const { return anchor_; }
  TestDatabase& database() { return database_; }
  std::string keys() const { return directory_.path("keys"); }
  std::string Log() const { return directory_.Read("log"); }
  void Forget() { anchored_ = false; }
  void Witnessed(const std::string& witness) { witnesses_ = {witness}; }

  std::function<void()> while_serving;

 private:
  std::string Copy() const { return absl::StrCat(database_.name(), "_copy"); }
  void Maintain(const std::string& sql) {
    auto maintenance = db::AdminConnection::Open(database_.superuser() + " dbname=postgres");
    REQUIRE(maintenance.ok());
    const absl::Status done = maintenance->Execute(sql);
    INFO(done);
    REQUIRE(done.ok());
  }

  TemporaryDirectory directory_;
  TestDatabase database_;
  audit::Anchor anchor_;
  std::map<std::string, ClinicId> clinics_;
  bool anchored_ = true;
  std::vector<std::string> witnesses_;
  SystemClock clock_;
  SystemRandom random_;
};

TEST_CASE("A server does not serve a restored backup, and names what is lost", "[audit][restore]") {
  Installation home;
  home.Work({{"north", 5}, {"east", 2}});
  home.Backup();
  CHECK(home.Start().ok());
  home.Work({{"north", 3}});
  home.Work({{"south", 4}});
  const std::uint64_t size = home.MetaSize();
  CHECK(home.Start().ok());

  home.Restore();

  const absl::Status start = home.Start();
  CHECK(server::IsLogBehind(start));
  CHECK(absl::StrContains(start.message(), home.clinic("south").ToString()));
  const auto findings = home.Examine();
  REQUIRE(findings.ok());
  CHECK(findings->contradictions.size() == 1);
  CHECK(findings->lost->head.size == size);
  CHECK(findings->losses.size() == 2);
  CHECK(Installation::LossOf(*findings, home.clinic("north")) == "events 5 to 7 are missing");
  CHECK(Installation::LossOf(*findings, home.clinic("south")) == "events 0 to 3 are missing");
  CHECK(Installation::LossOf(*findings, home.clinic("east")).empty());
}

TEST_CASE("A lost tail is acknowledged once, on record, and the log goes on under another name",
          "[audit][restore]") {
  Installation home;
  home.Work({{"north", 5}, {"east", 2}});
  home.Backup();
  home.Work({{"north", 3}});
  const std::uint64_t size = home.MetaSize();
  home.Restore();

  CHECK(absl::IsFailedPrecondition(home.Acknowledge(size + 1)));
  CHECK(absl::IsInvalidArgument(home.Acknowledge(size, "two\nlines")));
  CHECK(server::IsLogBehind(home.Start()));
  REQUIRE(home.Acknowledge(size).ok());
  CHECK(home.Start().ok());
  CHECK(absl::IsFailedPrecondition(home.Acknowledge(size)));

  CHECK(home.Value("SELECT count(*) || ' ' || min(clinic_id::text) || ' ' || min(purpose) || ' ' "
                   "|| min(changed_fields) FROM clinicd.audit_events WHERE category = 'operation' "
                   "AND method = 'clinicd audit acknowledge-restore'") ==
        absl::StrCat("1 ", home.clinic("north").ToString(), " ", kReason, " 5-7"));
  home.Work({{"east", 1}});
  CHECK(home.Start().ok());
  const std::string note =
      home.Value("SELECT note FROM clinicd.audit_checkpoints ORDER BY meta_size DESC LIMIT 1");
  CHECK(absl::StartsWith(note, absl::StrCat(kLogOrigin, "#1\n")));
  CHECK(*home.anchor().ReadNote() == note);

  // The same backup again: also what was acknowledged is gone.
  home.Restore();
  CHECK(server::IsLogBehind(home.Start()));
  REQUIRE(home.Acknowledge(home.Examine()->lost->head.size).ok());
  CHECK(home.Start().ok());
  CHECK(home.Value("SELECT max(epoch) FROM clinicd.audit_epochs") == "2");
}

TEST_CASE("A database that went another way since the backup is no continuation",
          "[audit][restore]") {
  Installation home;
  home.Work({{"north", 5}});
  home.Backup();
  home.Work({{"north", 3}});
  home.Restore();
  home.Work({{"north", 4}, {"east", 1}}, /*anchored=*/false);

  CHECK(server::IsLogBehind(home.Start()));
  const auto findings = home.Examine();
  REQUIRE(findings.ok());
  CHECK(Installation::LossOf(*findings, home.clinic("north")) ==
        "events 5 to 7 are not what they were");
}

TEST_CASE("Nobody but the holder of the log's keys can acknowledge", "[audit][restore]") {
  Installation home;
  home.Work({{"north", 5}});
  home.Backup();
  home.Work({{"north", 3}});
  home.Restore();

  home.Execute("INSERT INTO clinicd.audit_epochs (epoch, note) VALUES (1, 'trust me')");
  CHECK(server::IsLogBehind(home.Start()));
}

TEST_CASE("A checkpoint that another key signed is refused, wherever it lies", "[audit][restore]") {
  Installation home;
  home.Work({{"north", 5}});
  MadeUpLog forger(kLogOrigin, 'f');
  forger.Grow(1);
  const std::string good = **home.anchor().ReadNote();

  SECTION("in the anchor") {
    REQUIRE(home.anchor().Keep(forger.Note(), {}).ok());
    CHECK(server::IsLogBehind(home.Start()));
    REQUIRE(home.anchor().Keep(good, {}).ok());
    CHECK(home.Start().ok());
  }
  SECTION("in the database") {
    home.Execute("ALTER TABLE clinicd.audit_checkpoints DISABLE TRIGGER USER");
    home.Execute(absl::StrCat("UPDATE clinicd.audit_checkpoints SET note = '", forger.Note(),
                              "' WHERE meta_size = 1"));
    CHECK(server::IsLogBehind(home.Start()));
  }
}

TEST_CASE("What a superuser does to the heads of the log is noticed at the next start",
          "[audit][restore]") {
  Installation home;
  home.Work({{"north", 5}});
  home.Work({{"north", 1}, {"east", 2}});
  home.Execute("ALTER TABLE clinicd.audit_meta_leaves DISABLE TRIGGER USER");
  home.Execute("ALTER TABLE clinicd.audit_checkpoints DISABLE TRIGGER USER");

  SECTION("a changed one") {
    home.Execute(
        "UPDATE clinicd.audit_meta_leaves SET leaf_hash = sha256('x') WHERE meta_index = 0");
  }
  SECTION("a lost one") {
    home.Execute("DELETE FROM clinicd.audit_meta_leaves WHERE meta_index = 2");
  }
  SECTION("a lost checkpoint") {
    home.Execute("DELETE FROM clinicd.audit_checkpoints WHERE meta_size = 3");
  }
  CHECK(server::IsLogBehind(home.Start()));
}

TEST_CASE("A server whose log fell behind while it ran seals nothing more", "[audit][restore]") {
  Installation home;
  home.Work({{"north", 5}});
  home.Backup();
  home.Work({{"north", 3}});
  auto watch = LogWatch::Create(home.WatchOptions());
  REQUIRE(watch.ok());
  audit::StoredLogReader trusting(
      {.log = kLogOrigin, .log_keys = {(*watch)->signers().front().verifier()}});
  const auto remembered = trusting.Open(**home.anchor().ReadNote(), "the anchor");
  REQUIRE(remembered.ok());
  home.Restore();
  home.Add(home.clinic("north"), 2);
  TestServer server({.database = &home.database(), .key_directory = home.keys()});

  audit::SealGuard guard(trusting, {*remembered});
  const LogScene guarded(server, 2000, [&](db::TenantTx& tx, const audit::SealState& state) {
    return guard.Check(tx, state);
  });
  CHECK(absl::IsFailedPrecondition(guarded.sealer().SealBatch().status()));
  CHECK(home.Value("SELECT max(leaf_index) FROM clinicd.audit_leaves") == "4");
}

TEST_CASE("Checkpoints are witnessed, and the witness alone knows a restored backup",
          "[audit][restore]") {
  Installation home;
  home.Forget();
  home.Work({{"north", 5}});
  home.Backup();
  auto watch = LogWatch::Create(home.WatchOptions());
  REQUIRE(watch.ok());
  WitnessProcess witness((*watch)->signers().front().verifier().ToText());
  witness.Start();
  home.Witnessed(absl::StrCat(witness.url(), " ", witness.key()));
  const auto cosigned = [&](const std::string& size) {
    return home.Value(absl::StrCat("SELECT count(*) FROM clinicd.audit_cosignatures WHERE "
                                   "meta_size = ",
                                   size)) == "1";
  };
  home.while_serving = [&] {
    CHECK(Eventually([&] { return cosigned("1"); }));
    home.Add(home.clinic("north"), 3);
    CHECK(Eventually([&] { return cosigned("2"); }));
  };
  REQUIRE(home.Start().ok());
  home.while_serving = nullptr;
  const auto key = merkle::NoteVerifier::Parse(witness.key());
  REQUIRE(key.ok());
  const merkle::TrustPolicy policy{.origin = kLogOrigin,
                                   .log_keys = {(*watch)->signers().front().verifier()},
                                   .witnesses = {*key},
                                   .quorum = 1};
  const auto opened = merkle::OpenCheckpoint(
      home.Value("SELECT note || line FROM clinicd.audit_checkpoints JOIN "
                 "clinicd.audit_cosignatures USING (meta_size) WHERE meta_size = 2"),
      policy);
  INFO(opened.status());
  REQUIRE(opened.ok());
  CHECK(opened->witnessed == 1);

  home.Restore();
  CHECK(server::IsLogBehind(home.Start()));
  witness.Kill();
  // Nobody else remembers anything: it serves, and says so.
  CHECK(home.Start().ok());
  CHECK(absl::StrContains(home.Log(), "audit_witness_not_asked"));
  CHECK(absl::StrContains(home.Log(), "audit_log_not_compared"));
  witness.Start();
  REQUIRE(home.Acknowledge(2).ok());
  home.while_serving = [&] { CHECK(Eventually([&] { return cosigned("2"); })); };
  CHECK(home.Start().ok());
  const std::string epoch = home.Value(
      "SELECT split_part(note, E'\\n', 1) FROM clinicd.audit_checkpoints WHERE meta_size = 2");
  CHECK(epoch == absl::StrCat(kLogOrigin, "#1"));
}

TEST_CASE("A journal of heads is made shorter, and keeps the newest of each clinic",
          "[audit][restore]") {
  TemporaryDirectory directory;
  const audit::Anchor anchor(directory.path("anchor"), 2000);
  REQUIRE(anchor.Open().ok());
  const ClinicId one = *ClinicId::Parse("00000000-0000-7000-8000-00000000000a");
  const ClinicId other = *ClinicId::Parse("00000000-0000-7000-8000-00000000000b");
  const auto head = [](const ClinicId& clinic, std::uint64_t size) {
    return audit::AnchoredHead{.clinic = clinic,
                               .tree_size = size,
                               .root = merkle::HashLeaf(absl::StrCat(size)),
                               .meta_index = size};
  };
  REQUIRE(anchor.Keep("note", {head(other, 7)}).ok());
  for (std::uint64_t size = 1; size <= 100; ++size) {
    REQUIRE(anchor.Keep("note", {head(one, size)}).ok());
  }

  const auto heads = anchor.ReadHeads();
  REQUIRE(heads.ok());
  CHECK(heads->front() == head(other, 7));
  CHECK(heads->back() == head(one, 100));
  CHECK(heads->size() < 40);
  // As a crash may leave it: what was cut off is not there, and harms nothing that follows.
  std::ofstream(directory.path("anchor/heads.journal"), std::ios::app) << one.ToString() << " 10";
  REQUIRE(anchor.Keep("note", {head(one, 101)}).ok());
  CHECK(anchor.ReadHeads()->back() == head(one, 101));
  CHECK(anchor.ReadHeads()->size() == heads->size() + 1);
}

}  // namespace
}  // namespace clinicd::testing
