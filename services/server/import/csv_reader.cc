#include "services/server/import/csv_reader.h"

#include <cstring>
#include <utility>

#include "common/base/try.h"

namespace clinicd::importer {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;

bool EndsLine(int character) { return character == '\n' || character == '\r'; }

}  // namespace

CsvReader::CsvReader(ByteSource& source, std::uint64_t begin)
    : source_(source), block_(kBlockBytes), block_begin_(begin) {}

absl::StatusOr<int> CsvReader::Peek() {
  if (position_ == block_size_) {
    block_begin_ += block_size_;
    position_ = 0;
    block_size_ = 0;
    CLINICD_ASSIGN_OR_RETURN(block_size_, source_.ReadAt(block_begin_, block_));
    if (block_size_ == 0) return kEnd;
  }
  return static_cast<unsigned char>(block_[position_]);
}

void CsvReader::ReturnTo(std::uint64_t earlier) {
  if (earlier >= block_begin_) {
    position_ = static_cast<std::size_t>(earlier - block_begin_);
    return;
  }
  block_begin_ = earlier;
  block_size_ = 0;
  position_ = 0;
}

absl::StatusOr<bool> CsvReader::TakeLineEnd() {
  CLINICD_ASSIGN_OR_RETURN(const int character, Peek());
  if (!EndsLine(character)) return false;
  Skip();
  ++line_;
  if (character == '\r') {
    CLINICD_ASSIGN_OR_RETURN(const int next, Peek());
    if (next == '\n') Skip();
  }
  return true;
}

absl::Status CsvReader::SkipToNextLine() {
  for (;;) {
    CLINICD_ASSIGN_OR_RETURN(const int character, Peek());
    if (character == kEnd) return absl::OkStatus();
    CLINICD_ASSIGN_OR_RETURN(const bool ended, TakeLineEnd());
    if (ended) return absl::OkStatus();
    const char* const begin = block_.data() + position_;
    const void* const line_feed = std::memchr(begin, '\n', block_size_ - position_);
    std::size_t count = line_feed == nullptr
                            ? block_size_ - position_
                            : static_cast<std::size_t>(static_cast<const char*>(line_feed) - begin);
    const void* const carriage_return = std::memchr(begin, '\r', count);
    if (carriage_return != nullptr) {
      count = static_cast<std::size_t>(static_cast<const char*>(carriage_return) - begin);
    }
    position_ += count;
  }
}

CsvFault CsvReader::Append(int character, std::string& field) const {
  if (character == 0) return CsvFault::kNul;
  if (field.size() == kCsvFieldBytesMax) return CsvFault::kFieldTooLong;
  if (offset() - row_begin_ >= kCsvRowBytesMax) return CsvFault::kRowTooLong;
  field.push_back(static_cast<char>(character));
  return CsvFault::kNone;
}

absl::StatusOr<CsvFault> CsvReader::ReadPlainField(std::string& field) {
  for (;;) {
    CLINICD_ASSIGN_OR_RETURN(const int character, Peek());
    if (character == kEnd || character == ',' || EndsLine(character)) return CsvFault::kNone;
    if (character == '"') return CsvFault::kQuoteMisplaced;
    if (const CsvFault fault = Append(character, field); fault != CsvFault::kNone) return fault;
    Skip();
  }
}

absl::StatusOr<CsvFault> CsvReader::ReadQuotedField(std::string& field) {
  Skip();
  for (;;) {
    CLINICD_ASSIGN_OR_RETURN(const int character, Peek());
    if (character == kEnd) return CsvFault::kQuoteUnterminated;
    if (character == '"') {
      Skip();
      CLINICD_ASSIGN_OR_RETURN(const int next, Peek());
      if (next == kEnd || next == ',' || EndsLine(next)) return CsvFault::kNone;
      if (next != '"') return CsvFault::kQuoteMisplaced;
    }
    if (const CsvFault fault = Append(character, field); fault != CsvFault::kNone) return fault;
    Skip();
    if (character == '\n') ++line_;
    if (character == '\r') {
      CLINICD_ASSIGN_OR_RETURN(const int next, Peek());
      if (next != '\n') ++line_;
    }
  }
}

absl::Status CsvReader::ReadRow(CsvRow& row) {
  for (;;) {
    CLINICD_ASSIGN_OR_RETURN(const int first, Peek());
    std::string field;
    CLINICD_ASSIGN_OR_RETURN(row.fault,
                             first == '"' ? ReadQuotedField(field) : ReadPlainField(field));
    // Empty fields take memory as well.
    if (row.fields.size() == kCsvColumnsMax) row.fault = CsvFault::kRowTooLong;
    if (row.fault != CsvFault::kNone) {
      row.fault_column = row.fields.size() + 1;
      row.fields.clear();
      return absl::OkStatus();
    }
    row.fields.push_back(std::move(field));
    CLINICD_ASSIGN_OR_RETURN(const int next, Peek());
    row.terminated = next != kEnd;
    if (next != ',') return TakeLineEnd().status();
    Skip();
  }
}

absl::StatusOr<std::optional<CsvRow>> CsvReader::Next() {
  for (;;) {
    CLINICD_ASSIGN_OR_RETURN(const bool empty, TakeLineEnd());
    if (!empty) break;
  }
  CLINICD_ASSIGN_OR_RETURN(const int first, Peek());
  if (first == kEnd) return std::nullopt;
  row_begin_ = offset();
  CsvRow row;
  row.line = line_;
  CLINICD_RETURN_IF_ERROR(ReadRow(row));
  if (row.fault != CsvFault::kNone) {
    ReturnTo(row_begin_);
    line_ = row.line;
    CLINICD_RETURN_IF_ERROR(SkipToNextLine());
  }
  return row;
}

}  // namespace clinicd::importer
