// Every bit of an export, of its proofs and of a checkpoint that was kept has a meaning: whichever
// is changed, the verifier says so.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/audit/cases.h"
#include "tests/support/bits.h"
#include "tests/support/long_tests.h"

namespace clinicd::audit {
namespace {

struct Exports {
  ClinicCheckpoint since;
  std::string sequence;
  std::string lines;
};

// Of a log whose every signature is a known key's: nobody can vouch for bits of other signatures.
Exports SmallExports(std::size_t events) {
  TestLog log;
  log.Append(events / 2);
  Exports exports{.since = log.Seal(2), .sequence = {}, .lines = {}};
  Leaf odd = TestLeaf(events / 2);
  odd.user_agent = "\x1b\x1f\"\\/\xf0\x9f\xa6\xb7";
  log.Append(odd);
  log.Append(events - events / 2);
  log.Redact(0);
  const ClinicCheckpoint end = log.Seal(2);
  exports.sequence = log.Sequence(end, 0, exports.since);
  exports.lines = log.Lines(end, {0, events / 2, events}, exports.since);
  return exports;
}

VerifyOptions Strict(const ClinicCheckpoint& since) {
  VerifyOptions options = TestLog::Options(2);
  options.since = FormatClinicCheckpoint(since);
  return options;
}

bool IsNoticed(std::string_view bytes, const Verifier& verifier) {
  return Verify(bytes, verifier).verdict() != Verdict::kOk;
}

TEST_CASE("Every single bit of a small export of all events matters", "[audit][property]") {
  const Exports exports = SmallExports(3);
  const Verifier verifier(Strict(exports.since));
  REQUIRE_FALSE(IsNoticed(exports.sequence, verifier));
  std::size_t unnoticed = 0;
  for (std::size_t bit = 0; bit < exports.sequence.size() * 8; ++bit) {
    if (!IsNoticed(merkle::WithBitFlipped(exports.sequence, bit), verifier)) ++unnoticed;
  }
  CHECK(unnoticed == 0);
}

TEST_CASE("Every single bit of events with their proofs matters", "[audit][property]") {
  const Exports exports = SmallExports(3);
  const Verifier verifier(Strict(exports.since));
  REQUIRE_FALSE(IsNoticed(exports.lines, verifier));
  std::size_t unnoticed = 0;
  // Each takes several signatures to judge.
  const std::size_t step = testing::LongTests() ? 1 : 7;
  for (std::size_t bit = 0; bit < exports.lines.size() * 8; bit += step) {
    if (!IsNoticed(merkle::WithBitFlipped(exports.lines, bit), verifier)) ++unnoticed;
  }
  CHECK(unnoticed == 0);
}

TEST_CASE("Every single bit of a checkpoint that was kept matters", "[audit][property]") {
  const Exports exports = SmallExports(3);
  VerifyOptions options = Strict(exports.since);
  const std::string known = *options.since;
  std::size_t unnoticed = 0;
  for (std::size_t bit = 0; bit < known.size() * 8; ++bit) {
    options.since = merkle::WithBitFlipped(known, bit);
    // The witnesses' names there do not matter: what was kept may be older than their signatures.
    if (IsNoticed(exports.sequence, Verifier(options))) continue;
    const auto bent = ParseClinicCheckpoint(*options.since);
    const auto note = merkle::ParseNote(bent->note);
    if (note->text != merkle::ParseNote(exports.since.note)->text ||
        note->signatures[0] != merkle::ParseNote(exports.since.note)->signatures[0]) {
      ++unnoticed;
    }
  }
  CHECK(unnoticed == 0);
}

// A checkpoint as a client keeps it before witnesses have signed it; what it keeps of theirs need
// not be believed (see the case above).
std::string Unwitnessed(ClinicCheckpoint checkpoint) {
  merkle::Note note = *merkle::ParseNote(checkpoint.note);
  note.signatures.resize(1);
  checkpoint.note = merkle::FormatNote(note);
  return FormatClinicCheckpoint(checkpoint);
}

// What came of bits that were changed, each alone.
struct Tally {
  std::size_t in_sequences = 0;
  std::size_t in_lines = 0;
  std::size_t in_kept_checkpoints = 0;
  // What was believed all the same, and what was not although nothing had been changed.
  std::vector<std::string> unnoticed;
  std::vector<std::string> refused;

  void Add(const Tally& other) {
    in_sequences += other.in_sequences;
    in_lines += other.in_lines;
    in_kept_checkpoints += other.in_kept_checkpoints;
    unnoticed.insert(unnoticed.end(), other.unnoticed.begin(), other.unnoticed.end());
    refused.insert(refused.end(), other.refused.begin(), other.refused.end());
  }
};

// Changes `count` bits of the exports of one log, and of the checkpoint that was kept before.
Tally ChangeBits(Random random, int count) {
  Tally tally;
  const Exports exports = SmallExports(2 + Below(random, 12));
  VerifyOptions options = Strict(exports.since);
  options.since = Unwitnessed(exports.since);
  const std::string kept = *options.since;
  const Verifier verifier(options);
  for (const std::string& bytes : {exports.sequence, exports.lines}) {
    if (IsNoticed(bytes, verifier)) tally.refused.push_back(bytes);
  }
  const auto bent = [&random](const std::string& bytes) {
    return merkle::WithBitFlipped(bytes, Below(random, bytes.size() * 8));
  };
  for (int i = 0; i < count; ++i) {
    const bool is_kept = i % 10 == 0;
    const bool is_line = i % 4 == 1;
    const std::string bytes = bent(is_kept ? kept : is_line ? exports.lines : exports.sequence);
    if (is_kept) options.since = bytes;
    const bool is_noticed =
        is_kept ? IsNoticed(exports.sequence, Verifier(options)) : IsNoticed(bytes, verifier);
    if (!is_noticed) tally.unnoticed.push_back(bytes);
    ++(is_kept ? tally.in_kept_checkpoints : is_line ? tally.in_lines : tally.in_sequences);
  }
  return tally;
}

// Changes bits of many logs, with as many threads as there are processors.
Tally ChangeBitsOfLogs(std::uint64_t seed, int logs, int bits_per_log) {
  std::atomic<int> next = 0;
  std::vector<Tally> tallies(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> threads;
  for (Tally& tally : tallies) {
    threads.emplace_back([&, seed] {
      for (int log = next++; log < logs; log = next++) {
        tally.Add(ChangeBits(Random(seed + static_cast<std::uint64_t>(log)), bits_per_log));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Tally all;
  for (const Tally& tally : tallies) all.Add(tally);
  return all;
}

// A million take minutes, and are changed with CLINICD_LONG_TESTS=1.
TEST_CASE("No random bit of random exports is without meaning", "[audit][property]") {
  const int logs = testing::LongTests() ? 500 : 5;
  const std::uint64_t seed = testing::LongTests() ? std::random_device()() : 7;
  CAPTURE(seed);

  const Tally tally = ChangeBitsOfLogs(seed, logs, 2'000);

  const std::size_t tried = tally.in_sequences + tally.in_lines + tally.in_kept_checkpoints;
  CHECK(tried == static_cast<std::size_t>(logs) * 2'000);
  CHECK(tally.refused == std::vector<std::string>());
  CHECK(tally.unnoticed == std::vector<std::string>());
  if (!testing::LongTests()) return;
  WARN(tried << " single bits changed: " << tally.in_sequences << " of exports of all events, "
             << tally.in_lines << " of events with their proofs, " << tally.in_kept_checkpoints
             << " of kept checkpoints; " << tally.unnoticed.size() << " unnoticed");
}

}  // namespace
}  // namespace clinicd::audit
