// One thing that somebody did or tried to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::audit {

// As the table has it. Texts are empty where there is none.
struct Event {
  Uuid id = {};
  absl::Time occurred_at = {};
  absl::Time recorded_at = {};
  // "record", "sign_in", "permission", "export", "erasure", "key" or "operation".
  std::string category = {};
  // "create", "read", "update", "delete" or "execute".
  std::string action = {};
  std::string method = {};
  // "OK", or the reason of the error.
  std::string outcome = {};
  std::optional<UserId> actor = {};
  // Names, separated by commas.
  std::string actor_roles = {};
  std::optional<UserId> acting_for = {};
  std::string purpose = {};
  std::optional<SessionId> session = {};
  std::optional<PatientId> patient = {};
  std::string entity_type = {};
  std::optional<Uuid> entity_id = {};
  std::optional<std::int64_t> entity_version = {};
  // Names, separated by commas.
  std::string changed_fields = {};
  // As db::FieldSealer made them.
  std::string before_sealed = {};
  std::string after_sealed = {};
  std::string request_id = {};
  std::string client_address = {};
  std::string user_agent = {};
  std::string node = {};
  std::string build = {};
};

// What a thing was like, as JSON objects; empty where there is none.
struct OpenedSnapshots {
  std::string before_json = {};
  std::string after_json = {};
  // Whether there were some whose key was destroyed.
  bool erased = false;
};

// Which events to list. Texts are empty where all are meant.
struct EventFilter {
  std::optional<PatientId> patient = {};
  std::optional<UserId> actor = {};
  std::optional<Uuid> entity_id = {};
  std::string category = {};
  std::string action = {};
  // Whether they did what was asked.
  std::optional<bool> succeeded = {};
  absl::Time start = absl::InfinitePast();
  // Exclusive.
  absl::Time end = absl::InfiniteFuture();
};

// What one user did in one set of roles with the record of one patient.
struct PatientAccess {
  std::optional<UserId> actor = {};
  // As it is today; empty where the actor is no user.
  std::string actor_name = {};
  std::string actor_roles = {};
  std::int64_t reads = 0;
  std::int64_t changes = 0;
  std::int64_t refusals = 0;
  absl::Time first_at = {};
  absl::Time last_at = {};
};

}  // namespace clinicd::audit
