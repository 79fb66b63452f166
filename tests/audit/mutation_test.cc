// Every bit of an export, of its proofs and of a checkpoint that was kept has a meaning: whichever
// is changed, the verifier says so.
#include <catch2/catch.hpp>

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

bool IsNoticed(std::string_view bytes, const VerifyOptions& options) {
  return Verify(bytes, options).verdict() != Verdict::kOk;
}

TEST_CASE("Every single bit of a small export of all events matters", "[audit][property]") {
  const Exports exports = SmallExports(3);
  const VerifyOptions options = Strict(exports.since);
  REQUIRE_FALSE(IsNoticed(exports.sequence, options));
  std::size_t unnoticed = 0;
  for (std::size_t bit = 0; bit < exports.sequence.size() * 8; ++bit) {
    if (!IsNoticed(merkle::WithBitFlipped(exports.sequence, bit), options)) ++unnoticed;
  }
  CHECK(unnoticed == 0);
}

TEST_CASE("Every single bit of events with their proofs matters", "[audit][property]") {
  const Exports exports = SmallExports(3);
  const VerifyOptions options = Strict(exports.since);
  REQUIRE_FALSE(IsNoticed(exports.lines, options));
  std::size_t unnoticed = 0;
  // Each takes several signatures to judge.
  const std::size_t step = testing::LongTests() ? 1 : 7;
  for (std::size_t bit = 0; bit < exports.lines.size() * 8; bit += step) {
    if (!IsNoticed(merkle::WithBitFlipped(exports.lines, bit), options)) ++unnoticed;
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
    if (IsNoticed(exports.sequence, options)) continue;
    const auto bent = ParseClinicCheckpoint(*options.since);
    const auto note = merkle::ParseNote(bent->note);
    if (note->text != merkle::ParseNote(exports.since.note)->text ||
        note->signatures[0] != merkle::ParseNote(exports.since.note)->signatures[0]) {
      ++unnoticed;
    }
  }
  CHECK(unnoticed == 0);
}

// A million take minutes, and are run with CLINICD_LONG_TESTS=1.
TEST_CASE("No random bit of random exports is without meaning", "[audit][property]") {
  const int wanted = testing::LongTests() ? 1'000'000 : 10'000;
  Random random(testing::LongTests() ? std::random_device()() : 7);
  std::size_t unnoticed = 0;
  int tried = 0;
  while (tried < wanted) {
    const Exports exports = SmallExports(2 + Below(random, 12));
    const VerifyOptions options = Strict(exports.since);
    REQUIRE_FALSE(IsNoticed(exports.sequence, options));
    REQUIRE_FALSE(IsNoticed(exports.lines, options));
    for (int i = 0; i < 2'000 && tried < wanted; ++i, ++tried) {
      const std::string& bytes = i % 4 == 0 ? exports.lines : exports.sequence;
      const std::size_t bit = Below(random, bytes.size() * 8);
      if (!IsNoticed(merkle::WithBitFlipped(bytes, bit), options)) {
        ++unnoticed;
        WARN("bit " << bit << " of " << bytes);
      }
    }
  }
  if (testing::LongTests()) WARN(tried << " single bits changed, " << unnoticed << " unnoticed");
  CHECK(unnoticed == 0);
}

}  // namespace
}  // namespace clinicd::audit
