#include "services/server/import/csv_reader.h"

#include <sys/resource.h>

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "tests/unit/services/import/import_fixture.h"

namespace clinicd::importer {
namespace {

using testing::LongSource;
using testing::RowsOf;
using Fields = std::vector<std::string>;
using namespace std::string_literals;
using namespace std::string_view_literals;

TEST_CASE("CsvReader takes quotes off and keeps what is between them", "[import][unit]") {
  const auto rows = RowsOf("a,\"b,\"\"c\"\"\",\"d\ne\"\n\"\",,f\n");

  REQUIRE(rows.size() == 2);
  CHECK(rows[0].fields == Fields{"a", "b,\"c\"", "d\ne"});
  CHECK(rows[1].fields == Fields{"", "", "f"});
  CHECK(rows[1].line == 3);
}

TEST_CASE("CsvReader ends lines at LF, CR LF and CR and skips empty ones", "[import][unit]") {
  const auto rows = RowsOf("a\r\nb\rc\n\n\r\nd");

  REQUIRE(rows.size() == 4);
  CHECK(rows[0].line == 1);
  CHECK(rows[1].line == 2);
  CHECK(rows[2].line == 3);
  CHECK(rows[3].fields == Fields{"d"});
  CHECK(rows[3].line == 6);
}

TEST_CASE("CsvReader says whether the last line has an end", "[import][unit]") {
  CHECK(RowsOf("a,b\n").back().terminated);
  CHECK_FALSE(RowsOf("a,b").back().terminated);
  CHECK_FALSE(RowsOf("a,\"b\"").back().terminated);
}

TEST_CASE("CsvReader names the fault and goes on at the next line", "[import][unit]") {
  struct Case {
    std::string_view text;
    CsvFault fault;
    std::size_t column;
  };
  const auto wrong = GENERATE(values<Case>({
      {"x,a\"b\ny,z\n", CsvFault::kQuoteMisplaced, 2},
      {"\"a\"b,x\ny,z\n", CsvFault::kQuoteMisplaced, 1},
      // Not the rest of the file, though the quote is never closed.
      {"x,x,\"a\ny,z\n", CsvFault::kQuoteUnterminated, 3},
      {"x,a\0b\ny,z\n"sv, CsvFault::kNul, 2},
      {"\"a\0\",x\ny,z\n"sv, CsvFault::kNul, 1},
  }));

  const auto rows = RowsOf(wrong.text);

  REQUIRE(rows.size() == 2);
  CHECK(rows[0].fault == wrong.fault);
  CHECK(rows[0].fault_column == wrong.column);
  CHECK(rows[0].fields.empty());
  CHECK(rows[1].fault == CsvFault::kNone);
  CHECK(rows[1].fields == Fields{"y", "z"});
  CHECK(rows[1].line == 2);
}

TEST_CASE("CsvReader refuses a last line that ends inside quotes", "[import][unit]") {
  const auto rows = RowsOf("a,b\nc,\"d");

  REQUIRE(rows.size() == 2);
  CHECK(rows[1].fault == CsvFault::kQuoteUnterminated);
}

TEST_CASE("CsvReader takes a field of 64 KiB and refuses a longer one", "[import][unit]") {
  const std::string longest(kCsvFieldBytesMax, 'x');

  CHECK(RowsOf("a," + longest + "\n").front().fields.back() == longest);
  CHECK(RowsOf("a," + longest + "x\nb\n").front().fault == CsvFault::kFieldTooLong);
  CHECK(RowsOf("a,\"" + longest + "\"\n").front().fields.back() == longest);
  CHECK(RowsOf("a,\"" + longest + "x\"\nb\n").front().fault == CsvFault::kFieldTooLong);
}

TEST_CASE("CsvReader refuses a row that is too long or has too many fields", "[import][unit]") {
  const std::string field = std::string(kCsvFieldBytesMax - 1, 'x') + ",";
  std::string row;
  for (std::size_t i = 0; i < kCsvRowBytesMax / field.size(); ++i) row += field;

  CHECK(RowsOf(row.substr(0, row.size() - 1) + "\n").front().fault == CsvFault::kNone);
  CHECK(RowsOf(row + "y\nb\n").front().fault == CsvFault::kRowTooLong);
  CHECK(RowsOf(std::string(kCsvColumnsMax - 1, ',') + "\n").front().fields.size() ==
        kCsvColumnsMax);
  CHECK(RowsOf(std::string(kCsvColumnsMax, ',') + "\nb\n").front().fault == CsvFault::kRowTooLong);
}

TEST_CASE("CsvReader passes a line of 1 GB in little memory", "[import][unit]") {
  // Two of them are shorter, because they only differ in where the fault is noticed.
  const auto [character, count] = GENERATE(table<char, std::uint64_t>(
      {{'x', 1'000'000'000}, {'"', 1'000'000'000}, {',', 10'000'000}, {'\0', 10'000'000}}));
  LongSource source("a,b\n", character, count, "\nc,d\n");
  struct rusage before = {};
  getrusage(RUSAGE_SELF, &before);

  const auto rows = RowsOf(source);

  struct rusage after = {};
  getrusage(RUSAGE_SELF, &after);
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].fault != CsvFault::kNone);
  CHECK(rows[2].fields == Fields{"c", "d"});
  CHECK(rows[2].line == 3);
  CHECK(after.ru_maxrss - before.ru_maxrss < 8 * 1024);
}

TEST_CASE("CsvReader reads what a writer wrote, whatever it was", "[import][unit]") {
  rc::prop("fields come back", [] {
    const auto rows = *rc::gen::nonEmpty(rc::gen::container<std::vector<Fields>>(rc::gen::nonEmpty(
        rc::gen::container<Fields>(rc::gen::container<std::string>(rc::gen::distinctFrom('\0'))))));
    std::string text;
    for (const Fields& row : rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        text += i == 0 ? "\"" : ",\"";
        for (const char c : row[i]) text += c == '"' ? "\"\""s : std::string(1, c);
        text += '"';
      }
      text += '\n';
    }

    const auto read = RowsOf(text);

    RC_ASSERT(read.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) RC_ASSERT(read[i].fields == rows[i]);
  });
}

TEST_CASE("CsvReader loses no good line behind whatever bytes", "[import][unit]") {
  rc::prop("the last line comes back", [] {
    const auto noise = *rc::gen::container<std::string>(rc::gen::elementOf("a,\"\r\n\0\xC3"s));
    const auto rows = RowsOf(noise + "\nfirst,second\n");

    RC_ASSERT(!rows.empty());
    // A quote that the noise leaves open cannot end behind it.
    RC_ASSERT(rows.back().fields == (Fields{"first", "second"}));
  });
}

}  // namespace
}  // namespace clinicd::importer
