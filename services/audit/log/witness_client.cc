#include "services/audit/log/witness_client.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/crypto/base64.h"
#include "common/crypto/base64url.h"
#include "common/merkle/note.h"

namespace clinicd::audit {
namespace {

constexpr int kOk = 200;
constexpr int kConflict = 409;
constexpr int kServerErrors = 500;

absl::Status NotAsAgreed(const WitnessEndpoint& endpoint, std::string_view what) {
  return absl::UnavailableError(
      absl::StrCat("witness ", endpoint.key.name(), " answers ", ToAbsl(what)));
}

std::optional<std::uint64_t> ParseSize(const http::HttpAnswer& answer) {
  std::uint64_t size = 0;
  if (answer.content_type != "text/x.tlog.size" || !answer.body.ends_with('\n') ||
      !absl::SimpleAtoi(answer.body, &size) || size > merkle::kTreeSizeMax) {
    return std::nullopt;
  }
  return size;
}

// The line of the witness's key, if it is there and true.
std::optional<std::string> FindCosignature(const std::string& note, const std::string& lines,
                                           const merkle::NoteVerifier& key) {
  const absl::StatusOr<merkle::Note> checkpoint = merkle::ParseNote(note);
  if (!checkpoint.ok()) return std::nullopt;
  const absl::StatusOr<merkle::Note> cosigned =
      merkle::ParseNote(absl::StrCat(checkpoint->text, "\n", lines));
  if (!cosigned.ok()) return std::nullopt;
  for (const merkle::NoteSignature& signature : cosigned->signatures) {
    if (signature.name != key.name() || signature.key_id != key.key_id()) continue;
    if (key.Verify(cosigned->text, signature.signature)) return FormatSignature(signature);
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<WitnessEndpoint> ParseWitnessEndpoint(std::string_view text) {
  const std::size_t space = text.find(' ');
  const std::string_view url = text.substr(0, space);
  if (space == std::string_view::npos || !http::IsHttpUrl(url)) {
    return absl::InvalidArgumentError(
        absl::StrCat("audit.witnesses: '", ToAbsl(text),
                     "' must be an address of HTTP, a space, and the key of the witness"));
  }
  absl::StatusOr<merkle::NoteVerifier> key = merkle::NoteVerifier::Parse(text.substr(space + 1));
  if (!key.ok() || key->kind() != merkle::KeyKind::kCosignature) {
    return absl::InvalidArgumentError(
        absl::StrCat("audit.witnesses: what follows ", ToAbsl(url),
                     " is no key of a witness; `clinicd-witness keys` prints it"));
  }
  return WitnessEndpoint{.url = std::string(url), .key = *std::move(key)};
}

absl::StatusOr<WitnessClient> WitnessClient::Create(WitnessEndpoint endpoint,
                                                    http::HttpClientOptions options) {
  CLINICD_ASSIGN_OR_RETURN(http::HttpClient http,
                           http::HttpClient::Create(endpoint.url, std::move(options)));
  return WitnessClient(std::move(endpoint), std::move(http));
}

absl::StatusOr<WitnessAnswer> WitnessClient::Add(std::uint64_t old_size,
                                                 const std::vector<merkle::Hash>& proof,
                                                 const std::string& note) {
  std::string body = absl::StrCat("old ", old_size, "\n");
  for (const merkle::Hash& hash : proof) {
    absl::StrAppend(&body, crypto::Base64Encode(merkle::AsView(hash)), "\n");
  }
  absl::StrAppend(&body, "\n", note);
  CLINICD_ASSIGN_OR_RETURN(const http::HttpAnswer answer,
                           http_.Post("/add-checkpoint", "text/plain", body));
  if (answer.status >= kServerErrors) return NotAsAgreed(endpoint_, absl::StrCat(answer.status));
  WitnessAnswer told{.status = answer.status};
  if (answer.status == kOk) {
    const std::optional<std::string> line = FindCosignature(note, answer.body, endpoint_.key);
    if (!line) return NotAsAgreed(endpoint_, "without a signature of its key");
    told.line = *line;
  } else if (answer.status == kConflict) {
    told.size = ParseSize(answer);
  }
  return told;
}

absl::StatusOr<std::optional<std::string>> WitnessClient::Newest(const std::string& log) {
  CLINICD_ASSIGN_OR_RETURN(
      http::HttpAnswer answer,
      http_.Get(absl::StrCat("/newest-checkpoint/", crypto::Base64UrlEncode(log))));
  if (answer.status >= kServerErrors) return NotAsAgreed(endpoint_, absl::StrCat(answer.status));
  if (answer.status != kOk) return std::nullopt;
  return std::move(answer.body);
}

}  // namespace clinicd::audit
