#include "services/server/import/synthea_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"

namespace clinicd::importer {
namespace {

Refusal RefusalOf(CsvFault fault, std::size_t column) {
  switch (fault) {
    case CsvFault::kNone:
      break;
    case CsvFault::kFieldTooLong:
      return {
          .column = column, .reason = "FIELD_TOO_LONG", .message = "A field has more than 64 KiB."};
    case CsvFault::kRowTooLong:
      return {.column = column,
              .reason = "ROW_TOO_LONG",
              .message = "The row has more than 1 MiB or more than 1,000 fields."};
    case CsvFault::kNul:
      return {.column = column, .reason = "NUL_BYTE", .message = "A field has a NUL byte."};
    case CsvFault::kQuoteMisplaced:
      return {.column = column,
              .reason = "QUOTE_MISPLACED",
              .message = "A quote stands inside a field; write it twice, in a field in quotes."};
    case CsvFault::kQuoteUnterminated:
      return {.column = column,
              .reason = "QUOTE_UNTERMINATED",
              .message = "A field begins with a quote, and no other quote ends it."};
  }
  return {};
}

bool IsColumn(std::string_view header, std::string_view name) {
  return absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(ToAbsl(header)), ToAbsl(name));
}

}  // namespace

SyntheaTable::SyntheaTable(std::unique_ptr<ByteSource> source, const TextSurvey& survey,
                           std::span<const ColumnSpec> specs)
    : source_(std::move(source)),
      survey_(survey),
      specs_(specs),
      reader_(std::make_unique<CsvReader>(*source_, survey.begin)),
      places_(specs.size(), 0) {}

std::variant<SyntheaTable, Refusal> SyntheaTable::Open(std::unique_ptr<ByteSource> source,
                                                       std::span<const ColumnSpec> specs) {
  const absl::StatusOr<TextSurvey> survey = SurveyText(*source);
  if (!survey.ok()) {
    const bool encoding = absl::IsInvalidArgument(survey.status());
    return Refusal{.reason = encoding ? "ENCODING_UNSUPPORTED" : "FILE_UNREADABLE",
                   .message = encoding ? "The file is UTF-16 or UTF-32; save it as UTF-8."
                                       : std::string(FromAbsl(survey.status().message()))};
  }
  SyntheaTable table(std::move(source), *survey, specs);
  if (std::optional<Refusal> refusal = table.ReadHeader()) return *std::move(refusal);
  return table;
}

std::optional<Refusal> SyntheaTable::ReadHeader() {
  absl::StatusOr<std::optional<CsvRow>> header = reader_->Next();
  if (!header.ok()) {
    return Refusal{.reason = "FILE_UNREADABLE",
                   .message = std::string(FromAbsl(header.status().message()))};
  }
  if (!header->has_value()) {
    return Refusal{.reason = "FILE_EMPTY", .message = "The file has no header line."};
  }
  const CsvRow& row = **header;
  if (row.fault != CsvFault::kNone) return RefusalOf(row.fault, row.fault_column);
  width_ = row.fields.size();
  for (std::size_t spec = 0; spec < specs_.size(); ++spec) {
    const std::string_view name = specs_[spec].name;
    for (std::size_t column = 0; column < width_; ++column) {
      if (!IsColumn(row.fields[column], name)) continue;
      if (places_[spec] != 0) {
        return Refusal{
            .column = column + 1,
            .field = std::string(name),
            .reason = "COLUMN_REPEATED",
            .message = absl::StrCat("The header has the column ", ToAbsl(name), " twice.")};
      }
      places_[spec] = column + 1;
    }
    if (places_[spec] == 0 && specs_[spec].required) {
      return Refusal{.field = std::string(name),
                     .reason = "COLUMN_MISSING",
                     .message = absl::StrCat("The header has no column ", ToAbsl(name), ".")};
    }
  }
  return std::nullopt;
}

Refusal SyntheaTable::RefusalAt(std::size_t spec, std::string_view reason,
                                std::string_view message) const {
  return {.column = places_[spec],
          .field = std::string(specs_[spec].name),
          .reason = std::string(reason),
          .message = std::string(message)};
}

std::variant<SyntheaRow, Refusal> SyntheaTable::Check(CsvRow row) const {
  if (row.fault != CsvFault::kNone) return RefusalOf(row.fault, row.fault_column);
  if (row.fields.size() != width_) {
    return Refusal{.reason = "COLUMN_COUNT",
                   .message = absl::StrCat("The row has ", row.fields.size(),
                                           " fields, the header ", width_, ".")};
  }
  SyntheaRow result{.line = row.line, .values = std::vector<std::string>(specs_.size())};
  for (std::size_t spec = 0; spec < specs_.size(); ++spec) {
    if (places_[spec] == 0) continue;
    std::string& bytes = row.fields[places_[spec] - 1];
    if (!row.terminated && places_[spec] == width_) {
      return RefusalAt(spec, "LINE_UNTERMINATED",
                       "The file ends in this field without a line end; it may be cut off.");
    }
    if (survey_.encoding == Encoding::kUtf8) {
      if (!IsUtf8(bytes)) return RefusalAt(spec, "TEXT_NOT_UTF8", "The text is not valid UTF-8.");
      result.values[spec] = std::move(bytes);
    } else if (!AppendWindows1252(bytes, result.values[spec])) {
      return RefusalAt(spec, "TEXT_NOT_WINDOWS_1252", "The text is not valid Windows-1252.");
    }
  }
  return result;
}

absl::StatusOr<std::optional<std::variant<SyntheaRow, DamagedRow>>> SyntheaTable::Next() {
  using Row = std::variant<SyntheaRow, DamagedRow>;
  CLINICD_ASSIGN_OR_RETURN(std::optional<CsvRow> row, reader_->Next());
  if (!row) return std::nullopt;
  const std::int64_t line = row->line;
  std::variant<SyntheaRow, Refusal> checked = Check(*std::move(row));
  if (auto* refusal = std::get_if<Refusal>(&checked)) {
    return Row(DamagedRow{.line = line, .refusal = std::move(*refusal)});
  }
  return Row(std::get<SyntheaRow>(std::move(checked)));
}

}  // namespace clinicd::importer
