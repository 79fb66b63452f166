#include "services/appointments/calendar_feed.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/text.h"
#include "common/crypto/base64url.h"

namespace clinicd::appointments {
namespace {

constexpr std::string_view kSuffix = ".ics";
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kSecretBytes = 32;
constexpr std::int32_t kDaysBefore = 30;
constexpr std::int32_t kDaysAfter = 180;
constexpr char kPlainSummary[] = "Appointment";

FeedStatus StatusOf(State state) {
  // A booked time is the practitioner's to keep, whether the patient has confirmed it or not.
  return state == State::kCancelled || state == State::kNoShow ? FeedStatus::kCancelled
                                                               : FeedStatus::kConfirmed;
}

FeedEntry EntryOf(const FeedVisit& visit) {
  return {.uid = absl::StrCat(visit.id.ToString(), "@clinicd"),
          .sequence = visit.row_version,
          .stamped_at = visit.updated_at,
          .modified_at = visit.updated_at,
          .zone = visit.zone,
          .starts_at = visit.range.begin,
          .ends_at = visit.range.end,
          .status = StatusOf(visit.state),
          .summary = visit.patient_name.empty() ? kPlainSummary : visit.patient_name};
}

}  // namespace

std::string FormatFeedPath(const FeedAddress& address) {
  const Uuid::Bytes& clinic = address.clinic.uuid().bytes();
  std::string bytes(clinic.begin(), clinic.end());
  bytes.append(address.secret.view());
  std::string path =
      absl::StrCat(ToAbsl(kFeedPathPrefix), crypto::Base64UrlEncode(bytes), ToAbsl(kSuffix));
  crypto::WipeText(bytes);
  return path;
}

std::optional<FeedAddress> ParseFeedPath(std::string_view path) {
  if (!path.starts_with(kFeedPathPrefix) || !path.ends_with(kSuffix)) return std::nullopt;
  if (path.size() < kFeedPathPrefix.size() + kSuffix.size()) return std::nullopt;
  path.remove_prefix(kFeedPathPrefix.size());
  path.remove_suffix(kSuffix.size());
  std::optional<std::string> bytes = crypto::Base64UrlDecode(path);
  if (!bytes || bytes->size() != kIdBytes + kSecretBytes) return std::nullopt;
  Uuid::Bytes clinic{};
  std::transform(bytes->begin(), bytes->begin() + kIdBytes, clinic.begin(),
                 [](char byte) { return static_cast<std::uint8_t>(byte); });
  FeedAddress address{.clinic = ClinicId(Uuid(clinic)),
                      .secret = crypto::SecretBytes(std::string_view(*bytes).substr(kIdBytes))};
  crypto::WipeText(*bytes);
  return address;
}

FeedWindow WindowAt(absl::Time now) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilDay today = absl::ToCivilDay(now, utc);
  const absl::Time begin = absl::FromCivil(today - kDaysBefore, utc);
  return {.range = {begin, absl::FromCivil(today + kDaysAfter + 1, utc)}, .cancelled_since = begin};
}

Feed ToFeed(const FeedContents& contents, const FeedWindow& window) {
  Feed feed{.practitioner_name = contents.practitioner_name,
            .zone = contents.zone,
            .begin = window.range.begin,
            .end = window.range.end};
  for (const FeedVisit& visit : contents.visits) feed.entries.push_back(EntryOf(visit));
  return feed;
}

}  // namespace clinicd::appointments
