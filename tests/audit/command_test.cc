// `clinicd audit verify` on files, and the other verifier on the same: exit codes.
#include <catch2/catch.hpp>

#include "tests/audit/cases.h"
#include "tests/support/run_program.h"
#include "tests/support/source_directory.h"
#include "tests/support/temporary_directory.h"

namespace clinicd::audit {
namespace {

using Arguments = std::vector<std::string>;

// The verdict on a file; both verifiers have to agree on it.
int ExitCode(const Arguments& options) {
  const merkle::TrustPolicy policy = TestLog::Options().policy;
  Arguments common{"--origin", policy.origin, "--key", policy.log_keys.front().ToText()};
  common.insert(common.end(), options.begin(), options.end());
  Arguments own{CLINICD_TEST_BINARY_DIR "/clinicd", "audit", "verify"};
  Arguments other{"/usr/bin/python3", "-B",
                  (testing::SourceDirectory() / "tests" / "audit" / "verify.py").string()};
  own.insert(own.end(), common.begin(), common.end());
  other.insert(other.end(), common.begin(), common.end());
  const testing::ProgramResult result = testing::RunProgram(own);
  INFO(result.output);
  CHECK(testing::RunProgram(other).exit_code == result.exit_code);
  return result.exit_code;
}

// What clinicd says to a command line that it cannot follow.
int UsageCode(const Arguments& options) {
  Arguments own{CLINICD_TEST_BINARY_DIR "/clinicd", "audit", "verify"};
  own.insert(own.end(), options.begin(), options.end());
  return testing::RunProgram(own).exit_code;
}

TEST_CASE("The exit code of audit verify is the verdict", "[audit][property]") {
  const testing::TemporaryDirectory directory;
  TestLog log;
  log.Append(8);
  const ClinicCheckpoint old_checkpoint = log.Seal();
  log.Append(12);
  const ClinicCheckpoint checkpoint = log.Seal();
  const std::string whole = log.Sequence(checkpoint, 0, old_checkpoint);
  const std::string all = directory.Write("all", whole);
  const std::string some = directory.Write("some", log.Lines(checkpoint, {3, 9}, old_checkpoint));
  const std::string old_all = directory.Write("old_all", log.Sequence(old_checkpoint));
  const std::string cut = directory.Write("cut", whole.substr(0, whole.size() - 1));
  const std::string longer = directory.Write("longer", whole + "x");
  const std::string since = directory.Write("since", FormatClinicCheckpoint(old_checkpoint));
  const std::string head = directory.Write("head", FormatClinicCheckpoint(checkpoint));
  const std::string receipts =
      directory.Write("receipts", ReceiptLine(log.leaves()[9]) + ReceiptLine(log.leaves()[3]));
  Leaf otherwise = log.leaves()[3];
  otherwise.outcome = "NOT_OK";
  const std::string changed = directory.Write("changed", ReceiptLine(otherwise));
  const std::string lost = directory.Write("lost", ReceiptLine(TestLeaf(20)));
  const std::string witness = TestLog::Options().policy.witnesses[0].ToText();
  const std::string stranger = TestLog::Options().policy.witnesses[1].ToText();

  CHECK(ExitCode({all}) == 0);
  CHECK(ExitCode({some}) == 0);
  CHECK(ExitCode({"--witness", witness, all}) == 0);
  CHECK(ExitCode({"--witness", witness, "--witness", stranger, "--quorum", "1", all}) == 0);
  CHECK(ExitCode({"--since", since, "--head", head, all}) == 0);
  CHECK(ExitCode({"--since", since, "--head", head, some}) == 0);
  CHECK(ExitCode({"--clinic", TestClinic().ToString(), all}) == 0);
  CHECK(ExitCode({"--clinic", TestUuid(1, 2).ToString(), all}) == 2);
  CHECK(ExitCode({"--clinic", TestUuid(1, 2).ToString(), some}) == 2);
  CHECK(ExitCode({"--receipts", receipts, all}) == 0);
  CHECK(ExitCode({"--receipts", receipts, some}) == 0);
  CHECK(ExitCode({"--receipts", receipts, old_all}) == 3);
  CHECK(ExitCode({"--receipts", lost, all}) == 3);
  CHECK(ExitCode({"--receipts", changed, all}) == 2);
  CHECK(ExitCode({"--receipts", changed, some}) == 2);
  CHECK(ExitCode({"--receipts", all, all}) == 2);
  CHECK(ExitCode({longer}) == 2);
  CHECK(ExitCode({"--since", all, all}) == 2);
  CHECK(ExitCode({cut}) == 3);
  CHECK(ExitCode({"--witness", witness, "--witness", stranger, all}) == 3);
  CHECK(ExitCode({"--since", head, old_all}) == 4);
  CHECK(ExitCode({"--head", head, old_all}) == 4);
}

TEST_CASE("What cannot be checked is no verdict", "[audit][property]") {
  const testing::TemporaryDirectory directory;
  TestLog log;
  const std::string file = directory.Write("all", log.Sequence(log.Seal()));
  const merkle::TrustPolicy policy = TestLog::Options().policy;
  const std::string key = policy.log_keys.front().ToText();
  const std::string witness = policy.witnesses[0].ToText();
  const Arguments named{"--origin", policy.origin, "--key", key};
  const auto with = [&](Arguments more) {
    more.insert(more.begin(), named.begin(), named.end());
    return UsageCode(more);
  };

  REQUIRE(with({file}) == 0);
  CHECK(UsageCode({file}) == 64);
  CHECK(UsageCode({"--origin", policy.origin, file}) == 64);
  CHECK(UsageCode({"--key", key, file}) == 64);
  CHECK(UsageCode({"--origin", policy.origin, "--key", witness, file}) == 64);
  CHECK(with({}) == 64);
  CHECK(with({"--nonsense", file}) == 64);
  CHECK(with({directory.path("missing")}) == 64);
  CHECK(with({directory.path()}) == 64);
  CHECK(with({"--since", directory.path("missing"), file}) == 64);
  CHECK(with({"--receipts", directory.path("missing"), file}) == 64);
  CHECK(with({"--witness", "nobody", file}) == 64);
  CHECK(with({"--witness", witness, "--witness", witness, file}) == 64);
  CHECK(with({"--witness", witness, "--quorum", "2", file}) == 64);
  CHECK(with({"--clinic", "ours", file}) == 64);
  CHECK(with({"--max-age", "soon", file}) == 64);
  CHECK(with({"--at", "soon", file}) == 64);
}

}  // namespace
}  // namespace clinicd::audit
