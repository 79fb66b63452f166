#include "services/witness/witness.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/crypto/base64.h"
#include "common/merkle/epoch.h"
#include "common/merkle/note.h"
#include "common/merkle/proof.h"

namespace clinicd::witness {
namespace {

constexpr int kBadRequest = 400;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;
constexpr int kUnprocessable = 422;
constexpr int kServerError = 500;

Answer Refuse(int status, std::string_view why) {
  return {.status = status, .body = absl::StrCat(ToAbsl(why), "\n")};
}

Answer Conflict(std::uint64_t size) {
  return {
      .status = kConflict, .content_type = "text/x.tlog.size", .body = absl::StrCat(size, "\n")};
}

// The next line of `rest`, without its end, which it must have.
std::optional<std::string_view> TakeLine(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> ParseOldSize(std::string_view line) {
  constexpr std::string_view kOld = "old ";
  if (!line.starts_with(kOld)) return std::nullopt;
  line.remove_prefix(kOld.size());
  std::uint64_t size = 0;
  const bool read = absl::SimpleAtoi(ToAbsl(line), &size) && absl::StrCat(size) == ToAbsl(line);
  return read && size <= merkle::kTreeSizeMax ? std::optional(size) : std::nullopt;
}

std::optional<merkle::Hash> ParseHash(std::string_view line) {
  const std::optional<std::string> bytes = crypto::Base64Decode(line);
  return bytes ? merkle::ToHash(*bytes) : std::nullopt;
}

}  // namespace

struct Witness::Request {
  std::uint64_t old_size = 0;
  std::vector<merkle::Hash> proof;
  std::string note;
};

bool Witness::Parse(std::string_view body, Request& request) {
  const std::optional<std::string_view> first = TakeLine(body);
  const std::optional<std::uint64_t> old_size = first ? ParseOldSize(*first) : std::nullopt;
  if (!old_size) return false;
  request.old_size = *old_size;
  while (true) {
    const std::optional<std::string_view> line = TakeLine(body);
    if (!line) return false;
    if (line->empty()) break;
    const std::optional<merkle::Hash> hash = ParseHash(*line);
    if (!hash || request.proof.size() == kProofLinesMax) return false;
    request.proof.push_back(*hash);
  }
  request.note = std::string(body);
  return true;
}

std::string Witness::LogOf(std::string_view origin) const {
  for (const merkle::NoteVerifier& key : parts_.log_keys) {
    if (merkle::EpochOf(key.name(), origin)) return key.name();
  }
  return "";
}

Answer Witness::AddCheckpoint(std::string_view body) {
  Request request;
  if (!Parse(body, request)) return Refuse(kBadRequest, "not a request to add a checkpoint");
  const absl::StatusOr<merkle::Note> note = merkle::ParseNote(request.note);
  if (!note.ok()) return Refuse(kBadRequest, "not a note");
  const absl::StatusOr<merkle::TreeHead> head = merkle::ParseTreeHead(note->text);
  if (!head.ok()) return Refuse(kBadRequest, "not a checkpoint");
  const std::string log = LogOf(head->origin);
  if (log.empty()) return Refuse(kNotFound, "no log of that origin is known");
  merkle::TrustPolicy policy{.origin = head->origin, .log_keys = {}, .witnesses = {}};
  for (const merkle::NoteVerifier& key : parts_.log_keys) {
    if (key.name() == log) policy.log_keys.push_back(key);
  }
  if (!merkle::OpenCheckpoint(request.note, policy).ok()) {
    return Refuse(kForbidden, "not signed by the log");
  }
  if (request.old_size > head->size) return Refuse(kBadRequest, "the old size is the larger one");
  const absl::MutexLock lock(&mutex_);
  Answer refusal = Judge(request, *head);
  return refusal.status == 200 ? Cosign(note->text) : std::move(refusal);
}

Answer Witness::Judge(const Request& request, const merkle::TreeHead& head) {
  const absl::StatusOr<std::optional<Witnessed>> found = parts_.state.Find(head.origin);
  if (!found.ok()) return Refuse(kServerError, "what was witnessed cannot be read");
  const std::uint64_t known = *found ? (*found)->head.size : 0;
  if (request.old_size != known) return Conflict(known);
  const merkle::Hash root = *found ? (*found)->head.root : merkle::EmptyRoot();
  if (head.size == known) {
    if (head.root != root) return Conflict(known);
    if (!request.proof.empty()) return Refuse(kUnprocessable, "nothing is to be proven");
  } else if (known == 0) {
    // Everything continues the empty tree.
    if (!request.proof.empty()) return Refuse(kUnprocessable, "nothing is to be proven");
  } else if (!merkle::ConsistencyHolds(known, merkle::AsView(root), head.size,
                                       merkle::AsView(head.root), request.proof)) {
    return Refuse(kUnprocessable, "it does not continue what was witnessed");
  }
  if (*found && head.size == known) return {};
  if (!parts_.state.Store({.head = head, .note = request.note}).ok()) {
    return Refuse(kServerError, "what is witnessed cannot be kept");
  }
  return {};
}

Answer Witness::Cosign(const std::string& text) const {
  Answer answer;
  for (const merkle::NoteSigner& signer : parts_.signers) {
    const absl::StatusOr<std::string> line = signer.SignatureLine(text, parts_.clock.Now());
    if (!line.ok()) return Refuse(kServerError, "cannot sign");
    answer.body += *line;
  }
  return answer;
}

Answer Witness::NewestCheckpoint(std::string_view log) {
  const absl::MutexLock lock(&mutex_);
  absl::StatusOr<std::vector<Witnessed>> all = parts_.state.List();
  if (!all.ok()) return Refuse(kServerError, "what was witnessed cannot be read");
  std::optional<std::uint32_t> newest;
  Answer answer = Refuse(kNotFound, "nothing was witnessed of that log");
  for (Witnessed& witnessed : *all) {
    const std::optional<std::uint32_t> epoch = merkle::EpochOf(log, witnessed.head.origin);
    if (!epoch || (newest && *epoch < *newest)) continue;
    newest = epoch;
    answer = {.status = 200, .body = std::move(witnessed.note)};
  }
  return answer;
}

}  // namespace clinicd::witness
