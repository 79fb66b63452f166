#include "common/rpc/etag.h"

#include <charconv>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace clinicd::rpc {

std::string Etag(std::int64_t row_version) { return absl::StrCat("\"", row_version, "\""); }

std::optional<std::int64_t> ParseEtag(std::string_view etag) {
  if (etag.size() < 3) return std::nullopt;
  std::int64_t row_version = 0;
  std::from_chars(etag.data() + 1, etag.data() + etag.size() - 1, row_version);
  // Only the one spelling of a version counts.
  return etag == Etag(row_version) ? std::optional(row_version) : std::nullopt;
}

absl::Status EtagMismatch() {
  return status::Error(absl::StatusCode::kAborted, status::ErrorReason::ETAG_MISMATCH,
                       "The resource was changed since it was read; read it again and merge.");
}

}  // namespace clinicd::rpc
