#include "db/access/params.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace clinicd::db {

Params& Params::Put(std::string_view name, std::optional<std::string> value) {
  if (name == "clinic_id") {
    std::fputs("clinicd: a caller bound clinic_id, which the transaction binds\n", stderr);
    std::abort();
  }
  entries_.push_back(Entry{name, std::move(value)});
  return *this;
}

Params& Params::Set(std::string_view name, std::string_view text) {
  return Put(name, std::string(text));
}

Params& Params::Set(std::string_view name, std::int64_t number) {
  return Put(name, absl::StrCat(number));
}

Params& Params::Set(std::string_view name, bool flag) { return Put(name, flag ? "t" : "f"); }

Params& Params::Set(std::string_view name, absl::Time instant) {
  if (instant == absl::InfiniteFuture()) return Put(name, "infinity");
  if (instant == absl::InfinitePast()) return Put(name, "-infinity");
  const absl::CivilSecond second = absl::ToCivilSecond(instant, absl::UTCTimeZone());
  const std::int64_t micros = absl::ToInt64Microseconds(
      instant - absl::FromCivil(second, absl::UTCTimeZone()));
  return Put(name, absl::StrFormat("%04d-%02d-%02d %02d:%02d:%02d.%06d+00", second.year(),
                                   second.month(), second.day(), second.hour(), second.minute(),
                                   second.second(), micros));
}

Params& Params::Set(std::string_view name, absl::CivilDay date) {
  return Put(name, absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day()));
}

Params& Params::Set(std::string_view name, absl::CivilMinute local) {
  return Put(name, absl::StrFormat("%04d-%02d-%02d %02d:%02d:00", local.year(), local.month(),
                                   local.day(), local.hour(), local.minute()));
}

Params& Params::Set(std::string_view name, const Uuid& uuid) { return Put(name, uuid.ToString()); }

Params& Params::Set(std::string_view name, Bytes bytes) {
  return Put(name, absl::StrCat("\\x", absl::BytesToHexString(absl::string_view(
                                           bytes.value.data(), bytes.value.size()))));
}

Params& Params::SetNull(std::string_view name) { return Put(name, std::nullopt); }

const Params::Entry* Params::Find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [name](const Entry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace clinicd::db
