#include "services/audit/export/csv_table.h"

#include <catch2/catch.hpp>

#include "tests/support/audit_leaf.h"

namespace clinicd::audit {
namespace {

TEST_CASE("A cell that a spreadsheet would run begins with an apostrophe", "[audit][unit]") {
  for (const std::string start : {"=", "+", "-", "@", "\t"}) {
    CHECK(CsvCell(start + "1") == "'" + start + "1");
    CHECK(CsvCell("1" + start + "1") == "1" + start + "1");
  }
  CHECK(CsvCell("\r1") == "\"'\r1\"");
  CHECK(CsvCell("=HYPERLINK(\"http://x\",\"y\")") == "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
  CHECK(CsvCell("").empty());
  CHECK(CsvCell("'=1") == "'=1");
}

TEST_CASE("A cell is quoted where it has to be, and quotes in it are doubled", "[audit][unit]") {
  CHECK(CsvCell("plain text") == "plain text");
  CHECK(CsvCell("a,b") == "\"a,b\"");
  CHECK(CsvCell("a\nb") == "\"a\nb\"");
  CHECK(CsvCell("say \"a\"") == "\"say \"\"a\"\"\"");
}

std::size_t Cells(const std::string& line) {
  bool quoted = false;
  std::size_t cells = 1;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) ++cells;
  }
  return cells;
}

TEST_CASE("Every row has a cell for each name, whatever the event says", "[audit][unit]") {
  Leaf leaf = TestLeaf(1);
  leaf.user_agent = "=cmd|'/c calc',\"\r\nx";

  const std::string head = CsvHead();
  const std::string line = CsvLine(7, leaf);

  CHECK(head.starts_with("leaf_index,clinic_id,id,occurred_at,"));
  CHECK(head.ends_with(",build\r\n"));
  CHECK(line.starts_with("7," + TestClinic().ToString() + ","));
  CHECK(line.ends_with(",1.0.0\r\n"));
  CHECK(Cells(head) == 26);
  CHECK(Cells(line) == Cells(head));
  CHECK(line.find(",\"'=cmd|'/c calc',\"\"\r\nx\",") != std::string::npos);
}

TEST_CASE("What an event lacks is an empty cell", "[audit][unit]") {
  const std::string line = CsvLine(2, TestLeaf(2));

  CHECK(line.find("null") == std::string::npos);
  CHECK(line.find(",SIGN_IN_FAILED,,,,") != std::string::npos);
}

}  // namespace
}  // namespace clinicd::audit
