// Reads comma-separated values (RFC 4180) that anybody may have made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/server/import/byte_source.h"

namespace clinicd::importer {

inline constexpr std::size_t kCsvFieldBytesMax = std::size_t{64} * 1024;
inline constexpr std::size_t kCsvRowBytesMax = std::size_t{1024} * 1024;
inline constexpr std::size_t kCsvColumnsMax = 1000;

enum class CsvFault {
  kNone,
  kFieldTooLong,
  // Of too many bytes or too many fields.
  kRowTooLong,
  kNul,
  // A quote inside a field that does not begin with one, or text behind a closing quote.
  kQuoteMisplaced,
  // The file ends inside a quoted field.
  kQuoteUnterminated,
};

struct CsvRow {
  // Line of the file on which the row begins, from 1.
  std::int64_t line = 0;
  // Bytes as in the file, quotes taken off.
  std::vector<std::string> fields = {};
  // kNone unless the row is damaged; then `fields` is empty.
  CsvFault fault = CsvFault::kNone;
  // The field, from 1, in which the fault is; 0 without a fault.
  std::size_t fault_column = 0;
  // False if the file ends at the row's last field, without a line end: the field may be cut off.
  bool terminated = true;
};

// Reads a file row by row, in memory bounded by the limits above whatever the file holds.
//
// Lines end with LF, CR LF or CR; lines without a character are skipped. After a damaged row,
// reading goes on at the line behind the one on which that row begins, so that a quote that is
// never closed costs one row, not the rest of the file. Not thread-safe.
class CsvReader final {
 public:
  // Reads from `begin`, which is on line 1. `source` must outlive the reader.
  explicit CsvReader(ByteSource& source, std::uint64_t begin = 0);

  // The next row; nothing at the end of the file. Errors are those of the source.
  absl::StatusOr<std::optional<CsvRow>> Next();

 private:
  static constexpr int kEnd = -1;

  absl::StatusOr<int> Peek();
  void Skip() { ++position_; }
  std::uint64_t offset() const { return block_begin_ + position_; }
  // Goes back to an offset that was passed before.
  void ReturnTo(std::uint64_t earlier);
  // Takes the line end at the current position, if there is one.
  absl::StatusOr<bool> TakeLineEnd();
  absl::Status SkipToNextLine();
  // Reads the row's fields until its end or a fault.
  absl::Status ReadRow(CsvRow& row);
  // Each reads one field, up to the comma or line end behind it.
  absl::StatusOr<CsvFault> ReadPlainField(std::string& field);
  absl::StatusOr<CsvFault> ReadQuotedField(std::string& field);
  CsvFault Append(int character, std::string& field) const;

  ByteSource& source_;
  std::vector<char> block_;
  std::uint64_t block_begin_;
  std::size_t block_size_ = 0;
  std::size_t position_ = 0;
  std::int64_t line_ = 1;
  std::uint64_t row_begin_ = 0;
};

}  // namespace clinicd::importer
