#include "db/access/row_reader.h"

#include <libpq-fe.h>

#include <algorithm>
#include <limits>

namespace clinicd::db {
namespace {

// PostgreSQL counts from 2000-01-01 00:00 UTC.
constexpr std::int64_t kEpochUnixSeconds = 946'684'800;
constexpr absl::CivilDay kEpochDay(2000, 1, 1);

std::uint64_t BigEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
  return value;
}

std::int64_t Signed(std::string_view bytes) {
  const std::uint64_t value = BigEndian(bytes);
  if (bytes.size() == 2) return static_cast<std::int16_t>(value);
  if (bytes.size() == 4) return static_cast<std::int32_t>(value);
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::optional<std::string_view> RowReader::Raw(std::string_view column) const {
  const int columns = PQnfields(result_);
  int index = -1;
  for (int i = 0; i < columns && index < 0; ++i) {
    const int candidate = (next_ + i) % columns;
    if (column == PQfname(result_, candidate)) index = candidate;
  }
  if (index < 0) {
    good_ = false;
    return std::nullopt;
  }
  next_ = index + 1;
  if (PQgetisnull(result_, row_, index) != 0) return std::nullopt;
  return std::string_view(PQgetvalue(result_, row_, index),
                          static_cast<std::size_t>(PQgetlength(result_, row_, index)));
}

bool RowReader::IsNull(std::string_view column) const {
  const int found_before = next_;
  const bool is_null = !Raw(column);
  next_ = is_null ? next_ : found_before;
  return is_null;
}

std::string_view RowReader::Required(std::string_view column, std::size_t size) const {
  const std::optional<std::string_view> raw = Raw(column);
  if (!raw || (size != 0 && raw->size() != size)) {
    good_ = false;
    return {};
  }
  return *raw;
}

std::string RowReader::Text(std::string_view column) const {
  return std::string(Required(column, 0));
}

std::string RowReader::TextOrEmpty(std::string_view column) const {
  return std::string(Raw(column).value_or(std::string_view()));
}

std::optional<std::string> RowReader::OptionalText(std::string_view column) const {
  const std::optional<std::string_view> raw = Raw(column);
  return raw ? std::optional<std::string>(std::string(*raw)) : std::nullopt;
}

std::int64_t RowReader::Int(std::string_view column) const {
  const std::string_view raw = Required(column, 0);
  if (raw.size() != 2 && raw.size() != 4 && raw.size() != 8) {
    good_ = false;
    return 0;
  }
  return Signed(raw);
}

std::int32_t RowReader::Int32(std::string_view column) const {
  const std::int64_t value = Int(column);
  if (value < std::numeric_limits<std::int32_t>::min() ||
      value > std::numeric_limits<std::int32_t>::max()) {
    good_ = false;
    return 0;
  }
  return static_cast<std::int32_t>(value);
}

std::optional<std::int64_t> RowReader::OptionalInt(std::string_view column) const {
  return IsNull(column) ? std::nullopt : std::optional(Int(column));
}

std::optional<std::int32_t> RowReader::OptionalInt32(std::string_view column) const {
  return IsNull(column) ? std::nullopt : std::optional(Int32(column));
}

bool RowReader::Bool(std::string_view column) const {
  const std::string_view raw = Required(column, 1);
  return !raw.empty() && raw[0] != 0;
}

absl::Time RowReader::Time(std::string_view column) const {
  const std::string_view raw = Required(column, 8);
  if (raw.empty()) return absl::UnixEpoch();
  return absl::FromUnixSeconds(kEpochUnixSeconds) + absl::Microseconds(Signed(raw));
}

std::optional<absl::Time> RowReader::OptionalTime(std::string_view column) const {
  const std::optional<std::string_view> raw = Raw(column);
  if (!raw) return std::nullopt;
  if (raw->size() != 8) {
    good_ = false;
    return std::nullopt;
  }
  return absl::FromUnixSeconds(kEpochUnixSeconds) + absl::Microseconds(Signed(*raw));
}

absl::CivilSecond RowReader::Local(std::string_view column) const {
  return absl::ToCivilSecond(Time(column), absl::UTCTimeZone());
}

absl::CivilDay RowReader::Date(std::string_view column) const {
  const std::string_view raw = Required(column, 4);
  return raw.empty() ? absl::CivilDay() : kEpochDay + Signed(raw);
}

std::optional<absl::CivilDay> RowReader::OptionalDate(std::string_view column) const {
  return IsNull(column) ? std::nullopt : std::optional(Date(column));
}

Uuid RowReader::UuidValue(std::string_view column) const {
  const std::optional<Uuid> uuid = OptionalUuid(column);
  if (!uuid) good_ = false;
  return uuid.value_or(Uuid());
}

std::optional<Uuid> RowReader::OptionalUuid(std::string_view column) const {
  const std::optional<std::string_view> raw = Raw(column);
  if (!raw) return std::nullopt;
  Uuid::Bytes bytes{};
  if (raw->size() != bytes.size()) {
    good_ = false;
    return std::nullopt;
  }
  std::copy(raw->begin(), raw->end(), bytes.begin());
  return Uuid(bytes);
}

std::string RowReader::BytesValue(std::string_view column) const {
  return std::string(Required(column, 0));
}

std::string RowReader::BytesOrEmpty(std::string_view column) const {
  return IsNull(column) ? std::string() : BytesValue(column);
}

}  // namespace clinicd::db
