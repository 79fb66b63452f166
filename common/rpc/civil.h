// Instants and dates between messages and the types that the server calculates with.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"

namespace clinicd::rpc {

// Whole microseconds, as PostgreSQL keeps them.
google::protobuf::Timestamp ToTimestamp(absl::Time time);

// nullopt for what is outside of 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
std::optional<absl::Time> FromTimestamp(const google::protobuf::Timestamp& timestamp);

google::type::Date ToDate(absl::CivilDay day);

// nullopt unless year, month and day are all given and the calendar has such a day.
std::optional<absl::CivilDay> FromDate(const google::type::Date& date);

}  // namespace clinicd::rpc
