#include "services/appointments/waitlist_rules.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"
#include "common/rpc/civil.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "services/appointments/schedule_rules.h"
#include "services/appointments/waitlist_convert.h"
#include "services/appointments/waitlist_errors.h"

namespace clinicd::appointments {
namespace {

template <typename Value>
struct Named {
  Value value;
  std::string_view name;
};

constexpr std::array<Named<Urgency>, 3> kUrgencies = {
    {{Urgency::kRoutine, "routine"}, {Urgency::kSoon, "soon"}, {Urgency::kUrgent, "urgent"}}};
constexpr std::array<Named<EntryState>, 4> kEntryStates = {{{EntryState::kWaiting, "waiting"},
                                                            {EntryState::kBooked, "booked"},
                                                            {EntryState::kWithdrawn, "withdrawn"},
                                                            {EntryState::kExpired, "expired"}}};
constexpr std::array<Named<OfferState>, 6> kOfferStates = {{{OfferState::kOpen, "open"},
                                                            {OfferState::kAccepted, "accepted"},
                                                            {OfferState::kDeclined, "declined"},
                                                            {OfferState::kExpired, "expired"},
                                                            {OfferState::kWithdrawn, "withdrawn"},
                                                            {OfferState::kTaken, "taken"}}};

template <typename Value, std::size_t kSize>
std::string_view NameIn(const std::array<Named<Value>, kSize>& all, Value value) {
  const auto* const found = std::ranges::find(all, value, &Named<Value>::value);
  return found == all.end() ? std::string_view() : found->name;
}

template <typename Value, std::size_t kSize>
Value ValueIn(const std::array<Named<Value>, kSize>& all, std::string_view name) {
  const auto* const found = std::ranges::find(all, name, &Named<Value>::name);
  return found == all.end() ? all.front().value : found->value;
}

ComingWindow CheckedWindow(const v1::PreferredWindow& form, const std::string& path,
                           status::ErrorBuilder& wrong) {
  ComingWindow window{.weekdays = {form.weekdays().begin(), form.weekdays().end()},
                      .span = CheckedSpan(form.local_from(), form.local_to(), path, wrong)};
  std::vector<std::int32_t>& weekdays = window.weekdays;
  if (weekdays.empty()) weekdays = {1, 2, 3, 4, 5, 6, 7};
  std::ranges::sort(weekdays);
  weekdays.erase(std::unique(weekdays.begin(), weekdays.end()), weekdays.end());
  return window;
}

std::optional<absl::CivilDay> CheckedDay(bool given, const google::type::Date& form,
                                         std::string_view field, status::ErrorBuilder& wrong) {
  if (!given) return std::nullopt;
  const std::optional<absl::CivilDay> day = rpc::FromDate(form);
  if (!day) wrong.Field(field, "must be a real date");
  return day;
}

std::optional<std::int32_t> UnlessZero(std::int32_t minutes) {
  return minutes == 0 ? std::nullopt : std::optional(minutes);
}

// The numbers of each part of a text, of which others are left out than those with `count`.
std::vector<std::vector<std::int64_t>> ParseNumbers(const std::string& text, std::size_t count) {
  std::vector<std::vector<std::int64_t>> parts;
  for (const auto& part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    std::vector<std::int64_t> numbers;
    for (const auto& field : absl::StrSplit(part, ' ')) {
      std::int64_t number = 0;
      if (absl::SimpleAtoi(field, &number)) numbers.push_back(number);
    }
    if (numbers.size() == count) parts.push_back(std::move(numbers));
  }
  return parts;
}

}  // namespace

absl::StatusOr<WaitlistEntry> ParseEntry(const v1::WaitlistEntry& form) {
  status::ErrorBuilder wrong = status::Invalid();
  WaitlistEntry entry{.patient_id = PatientId::Parse(form.patient_id()).value_or(PatientId()),
                      .visit_type = VisitTypeId::Parse(form.visit_type_id()),
                      .duration_minutes = UnlessZero(form.duration_minutes()),
                      .practitioner = PractitionerId::Parse(form.practitioner_id()),
                      .location = LocationId::Parse(form.location_id()),
                      .main_site = form.main_site(),
                      .urgency = FromProto(form.urgency()),
                      .short_notice_minutes = UnlessZero(form.short_notice_minutes()),
                      .earliest_day = CheckedDay(form.has_earliest_date(), form.earliest_date(),
                                                 "entry.earliest_date", wrong),
                      .latest_day = CheckedDay(form.has_latest_date(), form.latest_date(),
                                               "entry.latest_date", wrong),
                      .note = form.note()};
  if (entry.visit_type.has_value() == entry.duration_minutes.has_value()) {
    wrong.Field("entry.visit_type_id",
                "must be given without duration_minutes, or that without it");
  }
  if (entry.main_site && entry.location) {
    wrong.Field("entry.main_site", "must be false with location_id");
  }
  if (entry.earliest_day && entry.latest_day && *entry.latest_day < *entry.earliest_day) {
    wrong.Field("entry.latest_date", "must not be before earliest_date");
  }
  for (int i = 0; i < form.windows_size(); ++i) {
    entry.windows.push_back(
        CheckedWindow(form.windows(i), absl::StrCat("entry.windows[", i, "]."), wrong));
  }
  if (wrong.has_fields()) return wrong.ToStatus();
  return entry;
}

const std::vector<std::string_view>& UpdatableEntryFields() {
  static const std::vector<std::string_view> fields = {
      "visit_type_id", "duration_minutes",     "practitioner_id", "location_id", "main_site",
      "urgency",       "short_notice_minutes", "earliest_date",   "latest_date", "windows",
      "note"};
  return fields;
}

EntryState StateOn(const WaitlistEntry& entry, absl::CivilDay today) {
  const bool over = entry.latest_day && *entry.latest_day < today;
  return over && entry.state == EntryState::kWaiting ? EntryState::kExpired : entry.state;
}

OfferState StateAt(OfferState stored, absl::Time expires_at, absl::Time now) {
  return stored == OfferState::kOpen && expires_at <= now ? OfferState::kExpired : stored;
}

std::optional<absl::Time> OfferExpiry(absl::Time now, absl::Duration life, absl::Time starts_at) {
  if (starts_at <= now) return std::nullopt;
  return std::min(now + life, starts_at);
}

absl::Status CheckOpen(const WaitlistOffer& offer, absl::Time now) {
  const OfferState state = StateAt(offer.state, offer.expires_at, now);
  return state == OfferState::kOpen ? absl::OkStatus() : WaitlistOfferOver(state);
}

absl::Status CheckChangeable(const WaitlistEntry& entry, std::optional<std::int64_t> version) {
  if (version && *version != entry.row_version) return rpc::EtagMismatch();
  return entry.state == EntryState::kWaiting ? absl::OkStatus() : WaitlistEntryOver(entry.state);
}

absl::Status CheckWaiting(const WaitlistEntry& entry, absl::CivilDay today) {
  const EntryState state = StateOn(entry, today);
  return state == EntryState::kWaiting ? absl::OkStatus() : WaitlistEntryOver(state);
}

std::int32_t RankOf(Urgency urgency) { return static_cast<std::int32_t>(urgency) + 1; }

WaitPosition PositionOf(const WaitlistEntry& entry) {
  return {
      .urgency_rank = RankOf(entry.urgency), .created_at = entry.created_at, .id = entry.id.uuid()};
}

std::int32_t WaitingDays(const WaitlistEntry& entry, absl::Time now) {
  return static_cast<std::int32_t>(
      std::max(absl::ToInt64Hours(now - entry.created_at) / 24, std::int64_t{0}));
}

std::string_view NameOf(Urgency urgency) { return NameIn(kUrgencies, urgency); }
Urgency UrgencyOf(std::string_view name) { return ValueIn(kUrgencies, name); }
std::string_view NameOf(EntryState state) { return NameIn(kEntryStates, state); }
EntryState EntryStateOf(std::string_view name) { return ValueIn(kEntryStates, name); }
std::string_view NameOf(OfferState state) { return NameIn(kOfferStates, state); }
OfferState OfferStateOf(std::string_view name) { return ValueIn(kOfferStates, name); }

std::string FormatWindows(const std::vector<ComingWindow>& windows) {
  return absl::StrJoin(windows, ",", [](std::string* out, const ComingWindow& window) {
    absl::StrAppend(out, absl::StrJoin(window.weekdays, ""), " ", window.span.from_minute, " ",
                    window.span.to_minute);
  });
}

std::vector<ComingWindow> ParseWindows(const std::string& text) {
  std::vector<ComingWindow> windows;
  for (const std::vector<std::int64_t>& numbers : ParseNumbers(text, 3)) {
    ComingWindow window{.span = {.from_minute = static_cast<std::int32_t>(numbers[1]),
                                 .to_minute = static_cast<std::int32_t>(numbers[2])}};
    for (const char digit : std::to_string(numbers[0])) window.weekdays.push_back(digit - '0');
    windows.push_back(std::move(window));
  }
  return windows;
}

std::vector<TimeRange> ParseRanges(const std::string& text) {
  std::vector<TimeRange> ranges;
  for (const std::vector<std::int64_t>& numbers : ParseNumbers(text, 2)) {
    ranges.push_back({absl::FromUnixSeconds(numbers[0]), absl::FromUnixSeconds(numbers[1])});
  }
  return ranges;
}

}  // namespace clinicd::appointments
