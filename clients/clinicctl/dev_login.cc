#include "clients/clinicctl/dev_login.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace clinicd::clinicctl {
namespace {

using Json = nlohmann::json;

std::string TextOf(const Json& object, const char* name) {
  if (!object.is_object()) return "";
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

}  // namespace

absl::StatusOr<DevLogin> ReadDevLogin(const std::string& directory, const std::string& clinic,
                                      const std::string& role) {
  const std::string path = absl::StrCat(directory, "/dev.json");
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) {
    return absl::NotFoundError(
        absl::StrCat("Cannot read ", path, "; `clinicd dev` writes it while it runs."));
  }
  const Json dev = Json::parse(text.str(), nullptr, /*allow_exceptions=*/false);
  const std::string url = TextOf(dev, "url");
  if (url.empty() || !dev.contains("logins") || !dev["logins"].is_array()) {
    return absl::FailedPreconditionError(absl::StrCat(path, " names no server."));
  }
  for (const Json& login : dev["logins"]) {
    if (TextOf(login, "role") != role) continue;
    if (!clinic.empty() && TextOf(login, "clinic") != clinic) continue;
    return DevLogin{.url = url,
                    .ca_file = TextOf(dev, "ca"),
                    .credentials = {.clinic_slug = TextOf(login, "clinic"),
                                    .email = TextOf(login, "email"),
                                    .password = TextOf(login, "password")}};
  }
  return absl::NotFoundError(absl::StrCat(
      path, " has no ", role, " of ",
      clinic.empty() ? "any clinic" : absl::StrCat("clinic ", clinic), "; it lists those it has."));
}

}  // namespace clinicd::clinicctl
