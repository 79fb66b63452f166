// Every file of tests/fuzz/csv is imported as patients.csv.
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <sstream>

#include "services/server/import/importer.h"
#include "tests/support/fakes.h"
#include "tests/support/source_directory.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/services/import/fake_target.h"

namespace clinicd::importer {
namespace {

struct CorpusCase {
  std::string_view name;
  // "line:column:REASON" of each refusal of the file.
  std::string_view refused;
  std::int64_t created = 2;
};

constexpr CorpusCase kCorpus[] = {
    {"bad_dates",
     "3:2:DATE_INVALID 4:2:DATE_INVALID 5:2:DATE_INVALID 6:2:VALUE_MISSING 7:2:DATE_INVALID "
     "8:2:DATE_INVALID 9:2:DATE_OUT_OF_RANGE 10:2:DATE_OUT_OF_RANGE 11:2:DATE_INVALID"},
    {"binary", "0:1:NUL_BYTE", 0},
    {"bom_crlf", ""},
    {"control_characters", "3:3:CONTROL_CHARACTER"},
    {"empty_values", "3:1:VALUE_MISSING 4:3:VALUE_MISSING 5:4:VALUE_MISSING"},
    {"line_end_in_name", ""},
    {"long_field", "3:6:FIELD_TOO_LONG"},
    {"long_values", "3:3:VALUE_TOO_LONG"},
    {"no_line_ends", "0:10:COLUMN_REPEATED", 0},
    {"nul_byte", "3:3:NUL_BYTE"},
    {"only_commas_and_blank_lines", "4:1:VALUE_MISSING"},
    {"quote_misplaced", "3:3:QUOTE_MISPLACED"},
    {"quote_unterminated", "3:3:QUOTE_UNTERMINATED"},
    {"repeated_id", "3:1:ID_REPEATED"},
    {"too_few_fields", "3:0:COLUMN_COUNT"},
    {"too_many_fields", "3:0:COLUMN_COUNT"},
    {"truncated_in_last_field", "4:9:LINE_UNTERMINATED"},
    {"truncated_in_quotes", "4:3:QUOTE_UNTERMINATED"},
    {"truncated_in_row", "4:0:COLUMN_COUNT"},
    {"unknown_gender", "3:5:VALUE_UNKNOWN"},
    {"utf8_damaged", "3:3:TEXT_NOT_UTF8"},
    {"utf8_surrogate", "3:3:TEXT_NOT_UTF8"},
    {"windows_1252", ""},
    {"windows_1252_undefined", "4:3:TEXT_NOT_WINDOWS_1252"},
};

std::filesystem::path CorpusDirectory() {
  return clinicd::testing::SourceDirectory() / "tests/fuzz/csv";
}

ImportResult ImportAsPatients(std::string_view name, testing::FakeTarget& target) {
  const clinicd::testing::TemporaryDirectory directory;
  directory.Write("organizations.csv", "Id\n");
  directory.Write("providers.csv", "Id,ORGANIZATION,NAME\n");
  directory.Write("encounters.csv", "Id,START,STOP,PATIENT,PROVIDER\n");
  std::filesystem::copy_file(CorpusDirectory() / (std::string(name) + ".csv"),
                             directory.path("patients.csv"));
  const clinicd::testing::FakeClock clock(
      absl::FromCivil(absl::CivilDay(2024, 6, 1), absl::UTCTimeZone()));
  std::ostringstream out;
  Progress progress(out, Progress::Style::kNone, clock);
  return ImportSynthea({.directory = directory.path()}, target, clock, progress);
}

TEST_CASE("ImportSynthea takes the good rows of a damaged file and names the others",
          "[import][unit]") {
  for (const CorpusCase& expected : kCorpus) {
    CAPTURE(expected.name);
    testing::FakeTarget target;

    const ImportResult result = ImportAsPatients(expected.name, target);

    std::string refused;
    for (const RefusedRow& row : result.report.refused) {
      absl::StrAppend(&refused, refused.empty() ? "" : " ", row.line, ":", row.refusal.column, ":",
                      row.refusal.reason);
    }
    CHECK(refused == expected.refused);
    CHECK(result.report.CountsOf(SyntheaFile::kPatients).created == expected.created);
    for (const auto& [id, patient] : target.patients()) CHECK(id.starts_with("synthea:good-"));
  }
}

TEST_CASE("ImportSynthea reads the accents of a Windows-1252 file", "[import][unit]") {
  testing::FakeTarget target;

  const ImportResult result = ImportAsPatients("windows_1252", target);

  REQUIRE(target.patients().count("synthea:good-2") == 1);
  CHECK(target.patients().at("synthea:good-2").given_name() == "Noemí");
  CHECK(target.patients().at("synthea:good-2").family_name() == "Ñíguez €");
  CHECK(result.report.notes.size() == 1);
}

TEST_CASE("ImportSynthea keeps the accents of a UTF-8 file with one damaged row",
          "[import][unit]") {
  testing::FakeTarget target;

  ImportAsPatients("utf8_damaged", target);

  REQUIRE(target.patients().count("synthea:good-1") == 1);
  CHECK(target.patients().at("synthea:good-1").family_name() == "Núñez");
}

TEST_CASE("Every file of the corpus has its expectation", "[import][unit]") {
  std::set<std::string> expected;
  for (const CorpusCase& one : kCorpus) expected.insert(std::string(one.name) + ".csv");
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(CorpusDirectory())) {
    found.insert(entry.path().filename().string());
  }

  CHECK(found == expected);
}

}  // namespace
}  // namespace clinicd::importer
