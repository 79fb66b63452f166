#include "services/audit/proof/leaf_json.h"

#include <string>

#include "common/base/text.h"
#include "services/audit/proof/strict_json.h"

namespace clinicd::audit {
namespace {

using nlohmann::ordered_json;

constexpr const char* kTimeFormat = "%E4Y-%m-%dT%H:%M:%E6SZ";
constexpr std::size_t kTimeLength = std::string_view("2026-01-01T00:00:00.000000Z").size();

std::string TimeText(absl::Time time) {
  return absl::FormatTime(kTimeFormat, time, absl::UTCTimeZone());
}

template <typename Value, typename Format>
ordered_json OrNull(const std::optional<Value>& value, Format format) {
  return value ? ordered_json(format(*value)) : ordered_json();
}

std::string UuidText(const Uuid& uuid) { return uuid.ToString(); }
std::string HashText(const merkle::Hash& hash) { return crypto::ToHex(merkle::AsView(hash)); }

// The members of a leaf, read with MemberReader; wrong instants are remembered.
class LeafReader final {
 public:
  explicit LeafReader(const nlohmann::json& json) : members_(json) {}

  std::string Text(const char* name) { return members_.Text(name); }
  Uuid Id(const char* name) { return members_.Id(name); }

  absl::Time Time(const char* name) {
    const std::string text = members_.Text(name);
    absl::Time time;
    // What formats to the same text has the usual form; "infinite-future" does as well.
    const bool has_form = text.size() == kTimeLength && !text.starts_with("0000");
    if (!has_form || !absl::ParseTime(absl::RFC3339_full, text, &time, nullptr) ||
        TimeText(time) != text) {
      times_ok_ = false;
    }
    return time;
  }
  std::optional<Uuid> MaybeId(const char* name) {
    if (members_.TakeNull(name)) return std::nullopt;
    return members_.Id(name);
  }
  std::optional<std::string> MaybeText(const char* name) {
    if (members_.TakeNull(name)) return std::nullopt;
    return members_.Text(name);
  }
  std::optional<std::int64_t> MaybeInt(const char* name) {
    if (members_.TakeNull(name)) return std::nullopt;
    return members_.Int(name);
  }
  std::optional<merkle::Hash> MaybeHash(const char* name) {
    if (members_.TakeNull(name)) return std::nullopt;
    return members_.HexHash(name);
  }

  bool ok() const { return times_ok_ && members_.ok(); }

 private:
  MemberReader members_;
  bool times_ok_ = true;
};

}  // namespace

ordered_json LeafToJson(const Leaf& leaf) {
  const auto same = [](const auto& value) { return value; };
  return {{"clinic_id", leaf.clinic_id.ToString()},
          {"id", leaf.id.ToString()},
          {"occurred_at", TimeText(leaf.occurred_at)},
          {"recorded_at", TimeText(leaf.recorded_at)},
          {"category", leaf.category},
          {"action", leaf.action},
          {"method", leaf.method},
          {"outcome", leaf.outcome},
          {"actor_id", OrNull(leaf.actor_id, UuidText)},
          {"actor_roles", leaf.actor_roles},
          {"acting_for", OrNull(leaf.acting_for, UuidText)},
          {"purpose", leaf.purpose},
          {"session_id", OrNull(leaf.session_id, UuidText)},
          {"patient_id", OrNull(leaf.patient_id, UuidText)},
          {"entity_type", OrNull(leaf.entity_type, same)},
          {"entity_id", OrNull(leaf.entity_id, UuidText)},
          {"entity_version", OrNull(leaf.entity_version, same)},
          {"changed_fields", leaf.changed_fields},
          {"before_hash", OrNull(leaf.before_hash, HashText)},
          {"after_hash", OrNull(leaf.after_hash, HashText)},
          {"request_id", OrNull(leaf.request_id, same)},
          {"client_address", leaf.client_address},
          {"user_agent", leaf.user_agent},
          {"node", leaf.node},
          {"build", leaf.build}};
}

std::optional<Leaf> LeafFromJson(const nlohmann::json& json) {
  LeafReader reader(json);
  Leaf leaf{.clinic_id = ClinicId(reader.Id("clinic_id")),
            .id = reader.Id("id"),
            .occurred_at = reader.Time("occurred_at"),
            .recorded_at = reader.Time("recorded_at"),
            .category = reader.Text("category"),
            .action = reader.Text("action"),
            .method = reader.Text("method"),
            .outcome = reader.Text("outcome"),
            .actor_id = reader.MaybeId("actor_id"),
            .actor_roles = reader.Text("actor_roles"),
            .acting_for = reader.MaybeId("acting_for"),
            .purpose = reader.Text("purpose"),
            .session_id = reader.MaybeId("session_id"),
            .patient_id = reader.MaybeId("patient_id"),
            .entity_type = reader.MaybeText("entity_type"),
            .entity_id = reader.MaybeId("entity_id"),
            .entity_version = reader.MaybeInt("entity_version"),
            .changed_fields = reader.Text("changed_fields"),
            .before_hash = reader.MaybeHash("before_hash"),
            .after_hash = reader.MaybeHash("after_hash"),
            .request_id = reader.MaybeText("request_id"),
            .client_address = reader.Text("client_address"),
            .user_agent = reader.Text("user_agent"),
            .node = reader.Text("node"),
            .build = reader.Text("build")};
  if (!reader.ok()) return std::nullopt;
  return leaf;
}

}  // namespace clinicd::audit
