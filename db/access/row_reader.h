// Reads one row of a result, column by column.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

struct pg_result;

namespace clinicd::db {

// One row. Columns are read by name, fastest in the order of the statement. Reading a column that
// the statement does not return, a NULL where none is allowed, or a value of another type is a
// defect of ours: it makes the reader bad, and the statement that was read fails with INTERNAL.
class RowReader final {
 public:
  RowReader(const pg_result* result, int row) : result_(result), row_(row) {}

  // text, varchar, jsonb, and anything that the statement cast to text.
  std::string Text(std::string_view column) const;
  // Empty for NULL.
  std::string TextOrEmpty(std::string_view column) const;
  std::optional<std::string> OptionalText(std::string_view column) const;
  // smallint, integer, bigint.
  std::int64_t Int(std::string_view column) const;
  std::optional<std::int64_t> OptionalInt(std::string_view column) const;
  std::int32_t Int32(std::string_view column) const;
  std::optional<std::int32_t> OptionalInt32(std::string_view column) const;
  bool Bool(std::string_view column) const;
  // timestamptz.
  absl::Time Time(std::string_view column) const;
  std::optional<absl::Time> OptionalTime(std::string_view column) const;
  // timestamp without time zone.
  absl::CivilSecond Local(std::string_view column) const;
  absl::CivilDay Date(std::string_view column) const;
  std::optional<absl::CivilDay> OptionalDate(std::string_view column) const;
  Uuid UuidValue(std::string_view column) const;
  std::optional<Uuid> OptionalUuid(std::string_view column) const;
  // bytea.
  std::string BytesValue(std::string_view column) const;
  // Empty for NULL.
  std::string BytesOrEmpty(std::string_view column) const;

  template <typename IdType>
  IdType Id(std::string_view column) const {
    return IdType(UuidValue(column));
  }
  template <typename IdType>
  std::optional<IdType> OptionalId(std::string_view column) const {
    const std::optional<Uuid> uuid = OptionalUuid(column);
    return uuid ? std::optional<IdType>(IdType(*uuid)) : std::nullopt;
  }

  bool good() const { return good_; }

 private:
  // The bytes of the column; nullopt for NULL or, having made the reader bad, for no such column.
  std::optional<std::string_view> Raw(std::string_view column) const;
  // Whether the column is NULL; what reads it next finds it at once.
  bool IsNull(std::string_view column) const;
  // The same as Raw() where NULL or another length makes the reader bad.
  std::string_view Required(std::string_view column, std::size_t size) const;

  const pg_result* result_;
  int row_;
  // Where the next column is expected.
  mutable int next_ = 0;
  mutable bool good_ = true;
};

}  // namespace clinicd::db
