// What keeps clinics apart inside the database, as its catalog has it: row-level security,
// policies, grants, functions and roles.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "db/admin/admin_connection.h"
#include "db/isolation/breach.h"

namespace clinicd::db {

// One fact.
struct Guard {
  // The same in every database of a release. Partitions, which differ, go by their table's name.
  std::string line;
  // What it is about, as people look for it: "table patients", "partition audit_events_2027_01".
  std::string object;
};

// All of them, by line. Any role may read them. Errors are those of the connection.
absl::StatusOr<std::vector<Guard>> ReadGuards(AdminConnection& connection);

// A line a guard, sorted: what guards.txt holds.
std::string GuardText(const std::vector<Guard>& guards);

// What the two differ in: GUARD_MISSING for a line of `expected` that is not there, GUARD_UNKNOWN
// for one that nobody shipped.
Breaches CompareGuards(const std::vector<Guard>& guards, std::string_view expected);

}  // namespace clinicd::db
