#include "services/server/demo/dev_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"

namespace clinicd::demo {
namespace {

using Json = nlohmann::ordered_json;

// The member `name` of an object if it is a text, else empty. nlohmann's own accessors throw.
std::string TextOf(const Json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) return "";
  return member->get<std::string>();
}

// The elements of the member `name` if it is an array of objects.
std::vector<Json> ObjectsOf(const Json& object, const char* name) {
  std::vector<Json> elements;
  const auto member = object.find(name);
  if (member == object.end() || !member->is_array()) return elements;
  for (const Json& element : *member) {
    if (element.is_object()) elements.push_back(element);
  }
  return elements;
}

absl::Status WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::ErrnoToStatus(errno, "write");
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(descriptor) != 0) return absl::ErrnoToStatus(errno, "fsync");
  return absl::OkStatus();
}

}  // namespace

std::string ToJson(const DevFile& file) {
  Json json = {{"url", file.url},
               {"ca", file.ca},
               {"grpc", file.grpc},
               {"database", file.database},
               {"database_owner", file.database_owner},
               {"logins", Json::array()}};
  for (const DevLogin& login : file.logins) {
    Json entry = {{"clinic", login.clinic_slug},
                  {"email", login.email},
                  {"password", login.password},
                  {"role", login.role}};
    if (!login.totp_secret.empty()) entry["totp_secret"] = login.totp_secret;
    json["logins"].push_back(std::move(entry));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<DevFile> ParseDevFile(std::string_view json) {
  const Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return absl::InvalidArgumentError("It is not a JSON object.");
  DevFile file{.url = TextOf(object, "url"),
               .ca = TextOf(object, "ca"),
               .grpc = TextOf(object, "grpc"),
               .database = TextOf(object, "database"),
               .database_owner = TextOf(object, "database_owner")};
  for (const Json& login : ObjectsOf(object, "logins")) {
    file.logins.push_back({.clinic_slug = TextOf(login, "clinic"),
                           .email = TextOf(login, "email"),
                           .password = TextOf(login, "password"),
                           .role = TextOf(login, "role"),
                           .totp_secret = TextOf(login, "totp_secret")});
  }
  if (file.url.empty() && file.grpc.empty()) {
    return absl::InvalidArgumentError("It names neither url nor grpc.");
  }
  return file;
}

absl::Status WriteDevFile(const std::string& path, const DevFile& file) {
  const std::string temporary = absl::StrCat(path, ".new");
  const int descriptor =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("Cannot write ", temporary));
  // The file may be left from an earlier run, with another mode.
  ::fchmod(descriptor, 0600);
  const absl::Status written = WriteAll(descriptor, ToJson(file));
  ::close(descriptor);
  CLINICD_RETURN_IF_ERROR(written);
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("Cannot write ", path));
  }
  return absl::OkStatus();
}

absl::StatusOr<DevFile> ReadDevFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    return absl::NotFoundError(
        absl::StrCat("Cannot read ", path, "; `clinicd dev` writes it while it runs."));
  }
  std::ostringstream text;
  text << stream.rdbuf();
  absl::StatusOr<DevFile> file = ParseDevFile(text.str());
  if (file.ok()) return file;
  return absl::Status(file.status().code(), absl::StrCat("Cannot use ", path, ": ",
                                                         std::string(file.status().message())));
}

std::optional<DevLogin> FindLogin(const DevFile& file, std::string_view clinic_slug,
                                  std::string_view role) {
  for (const DevLogin& login : file.logins) {
    if (login.clinic_slug == clinic_slug && login.role == role) return login;
  }
  return std::nullopt;
}

}  // namespace clinicd::demo
