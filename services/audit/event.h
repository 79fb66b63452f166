// One thing that somebody did or tried to do.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::audit {

enum class Action { kRead, kChange, kRefused };

// Texts are empty where there is none.
struct Event {
  Uuid id = {};
  absl::Time occurred_at = {};
  Action action = Action::kRead;
  std::string method = {};
  // "OK", or the reason of the error.
  std::string outcome = {};
  std::optional<UserId> actor = {};
  // Names, separated by commas.
  std::string actor_roles = {};
  std::optional<SessionId> session = {};
  std::optional<PatientId> patient = {};
  std::string entity_type = {};
  std::optional<Uuid> entity_id = {};
  // JSON objects.
  std::string before_json = {};
  std::string after_json = {};
  std::string request_id = {};
  std::string client_address = {};
  std::string user_agent = {};
};

// Which events to list.
struct EventFilter {
  std::optional<PatientId> patient = {};
  std::optional<UserId> actor = {};
  absl::Time start = absl::InfinitePast();
  // Exclusive.
  absl::Time end = absl::InfiniteFuture();
};

}  // namespace clinicd::audit
