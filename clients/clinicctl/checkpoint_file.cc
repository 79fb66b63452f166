#include "clients/clinicctl/checkpoint_file.h"

#include <google/protobuf/util/json_util.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/durable_file.h"
#include "common/base/try.h"

namespace clinicd::clinicctl {
namespace {

using audit::v1::Checkpoint;

constexpr std::size_t kFileBytesMax = 1024 * 1024;

// A file's name in which the server and the clinic can be read.
std::string NameFor(const std::string& url, const std::string& slug) {
  std::string name = absl::StrCat(url, "/", slug);
  for (char& c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  }
  return absl::StrCat("checkpoint-", name);
}

// When the log was sealed proves nothing, and `clinicd audit verify` takes no more than what does.
absl::StatusOr<std::string> ToJson(Checkpoint checkpoint) {
  checkpoint.clear_seal_time();
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  if (!google::protobuf::util::MessageToJsonString(checkpoint, &json, options).ok()) {
    return absl::InternalError("The checkpoint cannot be written as JSON.");
  }
  return absl::StrCat(json, "\n");
}

// As evidence's names are told apart.
std::string Stamp() {
  return absl::FormatTime("%Y%m%dT%H%M%E6SZ", absl::Now(), absl::UTCTimeZone());
}

}  // namespace

CheckpointFile::CheckpointFile(const std::string& session_path, const std::string& url,
                               const std::string& slug)
    : path_(absl::StrCat(std::filesystem::path(session_path).parent_path().string(), "/",
                         NameFor(url, slug), ".json")) {}

absl::StatusOr<std::optional<Checkpoint>> CheckpointFile::Load() {
  const absl::StatusOr<std::string> text = ReadWholeFile(path_, kFileBytesMax);
  if (absl::IsNotFound(text.status())) return std::optional<Checkpoint>();
  if (!text.ok()) return text.status();
  Checkpoint checkpoint;
  if (!google::protobuf::util::JsonStringToMessage(*text, &checkpoint).ok()) {
    // One that says nothing is refused as one that cannot be believed.
    return std::optional<Checkpoint>(Checkpoint());
  }
  return std::optional<Checkpoint>(std::move(checkpoint));
}

absl::Status CheckpointFile::Save(const Checkpoint& checkpoint) {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Checkpoint> kept, Load());
  if (kept && kept->tree_size() > checkpoint.tree_size()) return absl::OkStatus();
  CLINICD_ASSIGN_OR_RETURN(const std::string json, ToJson(checkpoint));
  return ReplaceDurably(path_, json);
}

absl::StatusOr<std::string> CheckpointFile::KeepRefused(const Checkpoint& checkpoint) const {
  const std::string path = absl::StrCat(path_, ".refused-", Stamp());
  CLINICD_ASSIGN_OR_RETURN(const std::string json, ToJson(checkpoint));
  CLINICD_RETURN_IF_ERROR(ReplaceDurably(path, json));
  return path;
}

absl::Status CheckpointFile::SetAside() const {
  const std::string aside = absl::StrCat(path_, ".replaced-", Stamp());
  if (std::rename(path_.c_str(), aside.c_str()) != 0 && errno != ENOENT) {
    return absl::ErrnoToStatus(errno, absl::StrCat("Cannot put aside ", path_));
  }
  return absl::OkStatus();
}

}  // namespace clinicd::clinicctl
