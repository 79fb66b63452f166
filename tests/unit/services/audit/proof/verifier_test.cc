#include "services/audit/proof/verifier.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_replace.h"
#include "common/base/text.h"
#include "common/merkle/frontier.h"
#include "tests/support/audit_log.h"

namespace clinicd::audit {
namespace {

// What a report comes to, in one text.
std::string Outcome(const Report& report) {
  std::string text(NameOf(report.verdict()));
  if (!report.finding) return text;
  text += " " + report.finding->check;
  if (report.finding->index) text += " " + std::to_string(*report.finding->index);
  return text;
}

std::string Outcome(std::string_view bytes, const VerifyOptions& options = TestLog::Options()) {
  return Outcome(Verify(bytes, options));
}

VerifyOptions Since(const ClinicCheckpoint& checkpoint) {
  VerifyOptions options = TestLog::Options();
  options.since = FormatClinicCheckpoint(checkpoint);
  return options;
}
VerifyOptions Reaching(const ClinicCheckpoint& checkpoint) {
  VerifyOptions options = TestLog::Options();
  options.head = FormatClinicCheckpoint(checkpoint);
  return options;
}

// A log of 20 events with a checkpoint at 8 and at 20.
struct TwoCheckpoints {
  TestLog log;
  ClinicCheckpoint old_checkpoint;
  ClinicCheckpoint checkpoint;

  TwoCheckpoints() {
    log.Append(8);
    old_checkpoint = log.Seal();
    log.Append(12);
    checkpoint = log.Seal();
  }
};

TEST_CASE("An export of the whole log is what was signed", "[audit][unit]") {
  const std::size_t events = GENERATE(0U, 1U, 2U, 3U, 64U, 100U);
  TestLog log;
  log.Append(events);
  log.Redact(2);
  const ClinicCheckpoint checkpoint = log.Seal();
  for (std::uint64_t first = 0; first <= events; first += 7) {
    const Report report = Verify(log.Sequence(checkpoint, first), TestLog::Options(), 100);
    CAPTURE(events, first);
    CHECK(Outcome(report) == "ok");
    CHECK(report.clinic_id == TestClinic());
    CHECK(report.events == events - first);
    CHECK(report.first_index == first);
    CHECK(report.redacted == (first <= 2 && events > 2 ? 1 : 0));
    CHECK(report.witnessed == 1);
    CHECK(report.alive_at == TestLog::SealedAt());
  }
}

TEST_CASE("An export of some events is what was signed", "[audit][unit]") {
  TestLog log;
  log.Append(21);
  const ClinicCheckpoint checkpoint = log.Seal();
  const Report report = Verify(log.Lines(checkpoint, {0, 3, 4, 20}), TestLog::Options(), 100);

  CHECK(Outcome(report) == "ok");
  CHECK(report.events == 4);
  CHECK(report.tree_size == 21);
  CHECK(Outcome(log.Lines(checkpoint, {})) == "ok");
}

TEST_CASE("Readable fields are the proven ones, snapshots are not", "[audit][unit]") {
  TestLog log;
  log.Append(5);
  const ClinicCheckpoint checkpoint = log.Seal();
  const std::string lines = log.Lines(checkpoint, {1, 3});
  const auto with = [&](std::string_view from, std::string_view to) {
    return Outcome(absl::StrReplaceAll(lines, {{ToAbsl(from), ToAbsl(to)}}));
  };

  CHECK(with("\"proof\"", "\"after\":{\"phone\":\"1\"},\"proof\"") == "ok");
  CHECK(Verify(lines, TestLog::Options()).unproven_snapshots == 0);
  CHECK(Verify(absl::StrReplaceAll(lines, {{"\"proof\"", "\"before\":1,\"proof\""}}),
               TestLog::Options())
            .unproven_snapshots == 2);
  CHECK(with("dentist,owner", "dentist") == "tampered inclusion 1");
  CHECK(with("\"acting_for\":null", "\"acting_for\":\"\"") == "tampered leaf 1");
  CHECK(with("\"entity_version\":1", "\"entity_version\":1.0") == "tampered leaf 1");
  CHECK(with("\"entity_version\":1", "\"entity_version\":\"1\"") == "tampered leaf 1");
  CHECK(with("\"node\":\"node-1\"", "\"node\":\"node-1\",\"note\":\"\"") == "tampered leaf 1");
  CHECK(with("\"node\":\"node-1\"", "\"node\":\"node-1\",\"node\":\"node-1\"") ==
        "tampered format");
  CHECK(with("\"node\":\"node-1\",", "") == "tampered leaf 1");
  CHECK(with("\"leaf_index\":1", "\"leaf_index\":2") == "tampered inclusion 2");
  CHECK(with("\"leaf_index\":1", "\"leaf_index\":1000") == "tampered inclusion 1000");
  CHECK(with("\"leaf_index\":1", "\"leaf_index\":9223372036854775808") == "tampered format");
  CHECK(with("\"leaf_index\":3", "\"leaf_index\":1") == "tampered order 1");
  CHECK(with("Z\",\"recorded_at", "z\",\"recorded_at") == "tampered leaf 1");
}

TEST_CASE("A changed, dropped, doubled or swapped event is told", "[audit][unit]") {
  TestLog log;
  log.Append(12);
  const ClinicCheckpoint checkpoint = log.Seal();
  const auto after = [&](auto change) {
    TestLog changed = log;
    change(changed.leaves());
    ClinicCheckpoint end = checkpoint;
    end.tree_size = changed.leaves().size();
    const std::string bytes = changed.Sequence(end);
    // The checkpoint as it was signed.
    return Outcome(bytes.substr(0, bytes.size() - ExportEnd(end, std::nullopt).size()) +
                   ExportEnd(checkpoint, std::nullopt));
  };
  using Leaves = std::vector<Leaf>;

  CHECK(after([](Leaves&) {}) == "ok");
  CHECK(after([](Leaves& leaves) { leaves[5].outcome = "DENIED"; }) == "tampered root");
  CHECK(after([](Leaves& leaves) { std::swap(leaves[4], leaves[5]); }) == "tampered root");
  CHECK(after([](Leaves& leaves) { leaves.erase(leaves.begin() + 3); }) == "incomplete size");
  CHECK(after([](Leaves& leaves) { leaves.pop_back(); }) == "incomplete size");
  CHECK(after([](Leaves& leaves) { leaves.push_back(leaves.back()); }) == "tampered size");
  CHECK(after([](Leaves& leaves) { leaves[7].clinic_id = ClinicId(TestUuid(1, 2)); }) ==
        "tampered clinic 7");
}

TEST_CASE("Events may be recorded five minutes back, and no more", "[audit][unit]") {
  const auto with_step = [](absl::Duration back) {
    TestLog log;
    log.Append(3);
    for (int i = 0; i < 2; ++i) {
      Leaf leaf = TestLeaf(3);
      leaf.recorded_at = TestLeaf(2).recorded_at - back;
      log.Append(leaf);
    }
    const ClinicCheckpoint checkpoint = log.Seal();
    CHECK(Outcome(log.Lines(checkpoint, {2, 3})) == Outcome(log.Sequence(checkpoint)));
    return Outcome(log.Sequence(checkpoint));
  };
  CHECK(with_step(kRecordedBackMax) == "ok");
  CHECK(with_step(kRecordedBackMax + absl::Microseconds(1)) == "tampered recorded_at 3");
}

TEST_CASE("A file that breaks off is incomplete, one that goes on is not trusted",
          "[audit][unit]") {
  TestLog log;
  log.Append(4);
  const ClinicCheckpoint checkpoint = log.Seal();
  const std::string bytes = GENERATE_COPY(log.Sequence(checkpoint), log.Lines(checkpoint, {0, 2}));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    REQUIRE(Outcome(bytes.substr(0, size)) == "incomplete end");
  }
  CHECK(Outcome(bytes + "\n") == "tampered trailing");
  CHECK(Outcome(bytes + bytes) == "tampered trailing");
  CHECK(Outcome(bytes + "x") == "tampered trailing");
  CHECK(Outcome("x" + bytes) == "tampered format");
  CHECK(Outcome("{}\n" + bytes) == "tampered format");
}

TEST_CASE("A dropped or doubled line is told", "[audit][unit]") {
  TestLog log;
  log.Append(4);
  const ClinicCheckpoint checkpoint = log.Seal();
  const std::string head = LinesHead(checkpoint, {});
  const std::string first = log.Line(checkpoint, 1);
  const std::string second = log.Line(checkpoint, 2);

  CHECK(Outcome(head + first + second + LinesEnd(2)) == "ok");
  CHECK(Outcome(head + second + LinesEnd(2)) == "incomplete count");
  CHECK(Outcome(head + first + second + LinesEnd(1)) == "tampered count");
  CHECK(Outcome(head + first + first + LinesEnd(2)) == "tampered order 1");
  CHECK(Outcome(head + second + first + LinesEnd(2)) == "tampered order 1");
  CHECK(Outcome(head + "\n" + first + second + LinesEnd(2)) == "tampered format");
}

TEST_CASE("Only what the log's key and enough witnesses signed is trusted", "[audit][unit]") {
  TestLog log;
  log.Append(4);
  const ClinicCheckpoint checkpoint = log.Seal();
  VerifyOptions other_log = TestLog::Options();
  other_log.policy.origin = "other.example/audit";
  ClinicCheckpoint broken = checkpoint;
  broken.note = "no note";
  ClinicCheckpoint moved = checkpoint;
  moved.meta_index += 1;

  CHECK(Outcome(log.Sequence(checkpoint), TestLog::Options(2)) == "incomplete quorum");
  CHECK(Outcome(log.Sequence(checkpoint), other_log) == "tampered signature");
  CHECK(Outcome(log.Sequence(TestLog::SignedByAnother(checkpoint)), TestLog::Options(0)) ==
        "tampered signature");
  CHECK(Outcome(log.Sequence(broken)) == "tampered note");
  CHECK(Outcome(log.Sequence(moved)) == "tampered meta_inclusion");
  CHECK(Outcome(log.Lines(moved, {1})) == "tampered meta_inclusion");
}

TEST_CASE("An export goes on from a checkpoint that was kept", "[audit][unit]") {
  const TwoCheckpoints known;
  const auto& [log, old_checkpoint, checkpoint] = known;
  const VerifyOptions since = Since(old_checkpoint);

  CHECK(Outcome(log.Sequence(checkpoint, 0, old_checkpoint), since) == "ok");
  CHECK(Outcome(log.Sequence(checkpoint, 8, old_checkpoint), since) == "ok");
  CHECK(Outcome(log.Sequence(checkpoint, 9, old_checkpoint), since) == "incomplete since");
  CHECK(Outcome(log.Sequence(checkpoint), since) == "incomplete meta_consistency");
  CHECK(Outcome(log.Sequence(checkpoint, 0, checkpoint), since) == "tampered meta_consistency");
  CHECK(Outcome(log.Lines(checkpoint, {9}, old_checkpoint), since) == "ok");
  CHECK(Outcome(log.Lines(checkpoint, {9}), since) == "incomplete since");
  CHECK(Outcome(log.Lines(checkpoint, {9}, checkpoint), since) == "tampered since");
  CHECK(Outcome(log.Sequence(checkpoint), Since(checkpoint)) == "ok");
  CHECK(Outcome(log.Lines(checkpoint, {9}), Since(checkpoint)) == "ok");
}

TEST_CASE("A log that went back is stale", "[audit][unit]") {
  const TwoCheckpoints known;
  const auto& [log, old_checkpoint, checkpoint] = known;

  CHECK(Outcome(log.Sequence(old_checkpoint), Since(checkpoint)) == "stale since");
  CHECK(Outcome(log.Lines(old_checkpoint, {3}), Since(checkpoint)) == "stale since");
  CHECK(Outcome(log.Sequence(old_checkpoint), Reaching(checkpoint)) == "stale head");
  CHECK(Outcome(log.Sequence(checkpoint), Reaching(old_checkpoint)) == "ok");
  CHECK(Outcome(log.Sequence(checkpoint, 9), Reaching(old_checkpoint)) == "incomplete head");
  CHECK(Outcome(log.Lines(checkpoint, {3}), Reaching(checkpoint)) == "ok");
  CHECK(Outcome(log.Lines(checkpoint, {3}), Reaching(old_checkpoint)) == "incomplete head");

  // The clinic's log may stand still while the log of all clinics goes on, and not back.
  TestLog quiet = log;
  const ClinicCheckpoint later = quiet.Seal();
  CHECK(Outcome(quiet.Sequence(checkpoint), Since(later)) == "stale meta_consistency");
  CHECK(Outcome(quiet.Sequence(later, 0, checkpoint), Since(checkpoint)) == "ok");
}

TEST_CASE("A log that was forked is told from the one that was known", "[audit][unit]") {
  TwoCheckpoints known;
  TestLog fork;
  fork.Append(8);
  fork.leaves()[2].outcome = "DENIED";
  ClinicCheckpoint short_fork = fork.Seal();
  fork.Append(12);
  const ClinicCheckpoint checkpoint = fork.Seal();

  CHECK(Outcome(fork.Sequence(checkpoint)) == "ok");
  CHECK(Outcome(fork.Sequence(checkpoint, 0, short_fork), Since(known.old_checkpoint)) ==
        "tampered since");
  CHECK(Outcome(fork.Lines(checkpoint, {9}, short_fork), Since(known.old_checkpoint)) ==
        "tampered since");
  CHECK(Outcome(fork.Sequence(short_fork), Since(known.old_checkpoint)) == "tampered since");
  CHECK(Outcome(fork.Sequence(checkpoint), Reaching(known.checkpoint)) == "tampered head");

  // The clinic's own log is the same, the log around it is another.
  TestLog around;
  around.AppendStranger();
  around.Append(20);
  const ClinicCheckpoint elsewhere = around.Seal();
  for (int i = 0; i < 2; ++i) around.AppendStranger();
  const ClinicCheckpoint larger = around.Seal();
  CHECK(Outcome(around.Sequence(larger, 0, elsewhere), Since(known.old_checkpoint)) ==
        "tampered meta_consistency");
}

TEST_CASE("A known checkpoint is not believed unseen", "[audit][unit]") {
  const TwoCheckpoints known;
  const std::string bytes = known.log.Sequence(known.checkpoint);
  VerifyOptions rubbish = TestLog::Options();
  rubbish.since = "{}";
  ClinicCheckpoint longer = known.checkpoint;
  longer.tree_size += 1;

  CHECK(Outcome(bytes, rubbish) == "tampered since");
  CHECK(Outcome(bytes, Since(longer)) == "tampered since");
  CHECK(Outcome(bytes, Since(TestLog::SignedByAnother(known.checkpoint))) == "tampered since");
  CHECK(Outcome(bytes, Reaching(longer)) == "tampered head");
}

TEST_CASE("Without a sign of life for too long, a log is stale", "[audit][unit]") {
  TestLog log;
  log.Append(4);
  const absl::Time newest = TestLeaf(3).recorded_at;
  const ClinicCheckpoint unwitnessed = log.Seal(0);
  const ClinicCheckpoint witnessed = log.Seal(1, TestLog::SealedAt());
  VerifyOptions options = TestLog::Options(0);
  options.age_max = absl::Hours(1);
  options.now = newest + absl::Hours(1);

  CHECK(Outcome(log.Sequence(unwitnessed), options) == "ok");
  CHECK(Outcome(log.Lines(unwitnessed, {3}), options) == "ok");
  CHECK(Outcome(log.Lines(unwitnessed, {2}), options) == "stale age");
  options.now += absl::Microseconds(1);
  CHECK(Outcome(log.Sequence(unwitnessed), options) == "stale age");
  // Witnesses state whole seconds.
  options.now = TestLog::SealedAt() + absl::Hours(1);
  CHECK(Outcome(log.Sequence(witnessed), options) == "ok");
  options.now += absl::Microseconds(1);
  CHECK(Outcome(log.Sequence(witnessed), options) == "stale age");
}

TEST_CASE("Sizes and frontiers of a liar are refused", "[audit][unit]") {
  TestLog log;
  log.Append(5);
  const ClinicCheckpoint checkpoint = log.Seal();
  const std::string events =
      log.Sequence(checkpoint).substr(ExportHead(TestClinic(), merkle::Frontier()).size());
  const auto with_head = [&](std::uint64_t first, std::vector<merkle::Hash> peaks) {
    return Outcome(ExportHead(TestClinic(), *merkle::Frontier::FromPeaks(first, std::move(peaks))) +
                   events);
  };
  ClinicCheckpoint empty = checkpoint;
  empty.tree_size = 0;
  empty.root = merkle::EmptyRoot();
  ClinicCheckpoint huge = checkpoint;
  huge.tree_size = merkle::kTreeSizeMax;

  CHECK(with_head(0, {}) == "ok");
  CHECK(with_head(1, {merkle::EmptyRoot()}) == "tampered size");
  CHECK(with_head(merkle::kTreeSizeMax - 1, std::vector<merkle::Hash>(62)) ==
        "tampered size 9223372036854775807");
  CHECK(Outcome(ExportHead(TestClinic(), {}) + ExportEnd(empty, std::nullopt)) ==
        "tampered meta_inclusion");
  CHECK(Outcome(ExportHead(TestClinic(), {}) + ExportEnd(huge, std::nullopt)) == "incomplete size");
  CHECK(Outcome(LinesHead(huge, {}) + LinesEnd(0)) == "tampered meta_inclusion");
}

}  // namespace
}  // namespace clinicd::audit
