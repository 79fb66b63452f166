// Values bound to the named parameters of a query.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::db {

// Bytes for a bytea column, as opposed to text.
struct Bytes {
  std::string_view value;
};

// Named values. Names are string literals and must outlive the object. `clinic_id` is refused: the
// transaction binds it.
class Params final {
 public:
  Params& Set(std::string_view name, std::string_view text);
  Params& Set(std::string_view name, const std::string& text) {
    return Set(name, std::string_view(text));
  }
  Params& Set(std::string_view name, const char* text) { return Set(name, std::string_view(text)); }
  Params& Set(std::string_view name, std::int64_t number);
  Params& Set(std::string_view name, std::int32_t number) {
    return Set(name, static_cast<std::int64_t>(number));
  }
  Params& Set(std::string_view name, bool flag);
  Params& Set(std::string_view name, absl::Time instant);
  Params& Set(std::string_view name, absl::CivilDay date);
  // A wall-clock time, without zone.
  Params& Set(std::string_view name, absl::CivilMinute local);
  Params& Set(std::string_view name, const Uuid& uuid);
  Params& Set(std::string_view name, Bytes bytes);
  Params& SetNull(std::string_view name);

  template <typename Tag>
  Params& Set(std::string_view name, const Id<Tag>& id) {
    return Set(name, id.uuid());
  }
  // nullopt is NULL.
  template <typename T>
  Params& Set(std::string_view name, const std::optional<T>& value) {
    return value ? Set(name, *value) : SetNull(name);
  }
  // Empty text is NULL.
  Params& SetOrNull(std::string_view name, std::string_view text) {
    return text.empty() ? SetNull(name) : Set(name, text);
  }

  struct Entry {
    std::string_view name;
    std::optional<std::string> value;
  };
  const std::vector<Entry>& entries() const { return entries_; }
  // The value of `name`; null pointer when it was not set.
  const Entry* Find(std::string_view name) const;

 private:
  Params& Put(std::string_view name, std::optional<std::string> value);

  std::vector<Entry> entries_;
};

}  // namespace clinicd::db
