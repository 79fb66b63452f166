// One of the files of a Synthea export, as rows of named values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "services/server/import/csv_reader.h"
#include "services/server/import/import_report.h"
#include "services/server/import/text_encoding.h"

namespace clinicd::importer {

// A column that the import reads. Others may be there too, in any order.
struct ColumnSpec {
  // As in the header, where letter case and spaces around it do not matter.
  std::string_view name;
  bool required = true;
};

// Where each column of a list of specs is in a file, from 1; 0: the file has no such column.
using ColumnPlaces = std::vector<std::size_t>;

// A row that is whole: as many fields as the header, and valid text in those that are read.
struct SyntheaRow {
  std::int64_t line = 0;
  // By index of the list of specs; empty for a column that the file does not have.
  std::vector<std::string> values = {};
};

struct DamagedRow {
  std::int64_t line = 0;
  Refusal refusal = {};
};

// Reads a file whose header has been checked. Not thread-safe.
class SyntheaTable final {
 public:
  // Reads the file once to find its encoding, then its header. `specs` must outlive the table.
  // The error is a Refusal of the file: FILE_UNREADABLE, FILE_EMPTY, ENCODING_UNSUPPORTED,
  // COLUMN_MISSING or COLUMN_REPEATED, the last two with the column's name.
  static std::variant<SyntheaTable, Refusal> Open(std::unique_ptr<ByteSource> source,
                                                  std::span<const ColumnSpec> specs);

  // The next row; nothing at the end. Errors are those of reading the file.
  absl::StatusOr<std::optional<std::variant<SyntheaRow, DamagedRow>>> Next();

  const ColumnPlaces& places() const { return places_; }
  Encoding encoding() const { return survey_.encoding; }
  // Lines behind the header: about as many as rows.
  std::int64_t line_count() const { return survey_.lines > 0 ? survey_.lines - 1 : 0; }

 private:
  SyntheaTable(std::unique_ptr<ByteSource> source, const TextSurvey& survey,
               std::span<const ColumnSpec> specs);

  std::optional<Refusal> ReadHeader();
  std::variant<SyntheaRow, Refusal> Check(CsvRow row) const;
  Refusal RefusalAt(std::size_t spec, std::string_view reason, std::string_view message) const;

  // A pointer, because the reader keeps a reference to it while the table moves.
  std::unique_ptr<ByteSource> source_;
  TextSurvey survey_;
  std::span<const ColumnSpec> specs_;
  std::unique_ptr<CsvReader> reader_;
  ColumnPlaces places_;
  std::size_t width_ = 0;
};

}  // namespace clinicd::importer
