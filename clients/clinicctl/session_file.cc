#include "clients/clinicctl/session_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/config/secret_file.h"

namespace clinicd::clinicctl {
namespace {

using Json = nlohmann::json;

std::string TextOf(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

absl::Time TimeOf(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_number_integer()
             ? absl::FromUnixSeconds(member->get<std::int64_t>())
             : absl::InfinitePast();
}

std::string ToJson(const StoredSession& session) {
  const Json json = {{"url", session.url},
                     {"ca", session.ca_file},
                     {"clinic", session.clinic},
                     {"email", session.email},
                     {"access_token", session.tokens.access_token},
                     {"access_expire", absl::ToUnixSeconds(session.tokens.access_expire_time)},
                     {"refresh_token", session.tokens.refresh_token},
                     {"refresh_expire", absl::ToUnixSeconds(session.tokens.refresh_expire_time)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
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

absl::Status MakeDirectoryOf(const std::string& path) {
  std::error_code error;
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  std::filesystem::create_directories(directory.parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("Cannot make ", directory.string()));
  }
  return absl::OkStatus();
}

// Holds the lock beside the session's file.
class FileLock final {
 public:
  static absl::StatusOr<FileLock> Take(const std::string& path) {
    CLINICD_RETURN_IF_ERROR(MakeDirectoryOf(path));
    const std::string name = absl::StrCat(path, ".lock");
    const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("Cannot open ", name));
    while (::flock(descriptor, LOCK_EX) != 0) {
      if (errno == EINTR) continue;
      const absl::Status status = absl::ErrnoToStatus(errno, absl::StrCat("Cannot lock ", name));
      ::close(descriptor);
      return status;
    }
    return FileLock(descriptor);
  }
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace

absl::StatusOr<std::string> SessionFile::DefaultPath() {
  // NOLINTBEGIN(concurrency-mt-unsafe): nothing changes the environment.
  const char* const state = std::getenv("XDG_STATE_HOME");
  const char* const home = std::getenv("HOME");
  // NOLINTEND(concurrency-mt-unsafe)
  if (state != nullptr && *state == '/') return absl::StrCat(state, "/clinicctl/session.json");
  if (home != nullptr && *home == '/') {
    return absl::StrCat(home, "/.local/state/clinicctl/session.json");
  }
  return absl::FailedPreconditionError(
      "There is no place for the session: set HOME, or XDG_STATE_HOME, to a directory.");
}

absl::StatusOr<StoredSession> SessionFile::Read() const {
  const absl::StatusOr<std::string> text = config::ReadSecretFile(path_);
  if (absl::IsNotFound(text.status())) return absl::NotFoundError("Nobody is signed in.");
  if (!text.ok()) return text.status();
  const Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || TextOf(json, "url").empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path_, " holds no session; remove it and sign in."));
  }
  return StoredSession{.url = TextOf(json, "url"),
                       .ca_file = TextOf(json, "ca"),
                       .clinic = TextOf(json, "clinic"),
                       .email = TextOf(json, "email"),
                       .tokens = {.access_token = TextOf(json, "access_token"),
                                  .access_expire_time = TimeOf(json, "access_expire"),
                                  .refresh_token = TextOf(json, "refresh_token"),
                                  .refresh_expire_time = TimeOf(json, "refresh_expire")}};
}

absl::Status SessionFile::Write(const StoredSession& session) const {
  CLINICD_ASSIGN_OR_RETURN(const FileLock lock, FileLock::Take(path_));
  return Replace(session);
}

absl::Status SessionFile::Remove() const {
  CLINICD_ASSIGN_OR_RETURN(const FileLock lock, FileLock::Take(path_));
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) {
    return absl::ErrnoToStatus(errno, absl::StrCat("Cannot remove ", path_));
  }
  return absl::OkStatus();
}

absl::StatusOr<sdk::Tokens> SessionFile::Load() {
  CLINICD_ASSIGN_OR_RETURN(const StoredSession session, Read());
  return session.tokens;
}

absl::StatusOr<sdk::Tokens> SessionFile::Update(
    const std::function<absl::StatusOr<sdk::Tokens>(const sdk::Tokens&)>& change) {
  CLINICD_ASSIGN_OR_RETURN(const FileLock lock, FileLock::Take(path_));
  CLINICD_ASSIGN_OR_RETURN(StoredSession session, Read());
  CLINICD_ASSIGN_OR_RETURN(const sdk::Tokens changed, change(session.tokens));
  if (changed.refresh_token == session.tokens.refresh_token) return changed;
  session.tokens = changed;
  CLINICD_RETURN_IF_ERROR(Replace(session));
  return changed;
}

absl::Status SessionFile::Replace(const StoredSession& session) const {
  const std::string fresh = absl::StrCat(path_, ".new");
  const int descriptor =
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("Cannot write ", fresh));
  const absl::Cleanup close_file = [descriptor] { ::close(descriptor); };
  // The file may be left from an earlier run, with another mode.
  if (::fchmod(descriptor, 0600) != 0) return absl::ErrnoToStatus(errno, fresh);
  CLINICD_RETURN_IF_ERROR(WriteAll(descriptor, ToJson(session)));
  if (std::rename(fresh.c_str(), path_.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("Cannot write ", path_));
  }
  return absl::OkStatus();
}

}  // namespace clinicd::clinicctl
