// Address and logins of a development server, from the dev.json of `clinicd dev`.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "clinicd/sdk/session.h"

namespace clinicd::clinicctl {

struct DevLogin {
  std::string url = {};
  std::string ca_file = {};
  sdk::Credentials credentials = {};
};

// The login of `role` ("receptionist") in `clinic`, or in the first clinic if that is empty, from
// `directory`/dev.json.
absl::StatusOr<DevLogin> ReadDevLogin(const std::string& directory, const std::string& clinic,
                                      const std::string& role);

}  // namespace clinicd::clinicctl
