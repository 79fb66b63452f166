#include "services/appointments/day_watch.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_errors.h"

namespace clinicd::appointments {
namespace {

constexpr char kEntity[] = "appointment";
// The change table keeps 24 hours; the rest is for transactions that took their time.
constexpr absl::Duration kTokenAgeMax = absl::Hours(23);
constexpr std::int32_t kSnapshotPart = 200;
// More than this are not told one by one.
constexpr std::int32_t kResumedMax = 500;

std::string BindingName(const rpc::CallInfo& info) {
  return absl::StrCat(info.method->full_name, " of ", info.identity.user.ToString());
}

v1::WatchDayRequest WithoutToken(v1::WatchDayRequest request) {
  request.clear_resume_token();
  return request;
}

AppointmentStore::Watching InStore(const Watched& watched) {
  return {.practitioner = watched.practitioner,
          .begin = watched.range.begin,
          .end = watched.range.end,
          .show_cancelled = watched.show_cancelled};
}

}  // namespace

ResumeTokens::ResumeTokens(const auth::PageTokenCodec& codec, const rpc::CallInfo& info,
                           const v1::WatchDayRequest& request)
    : codec_(codec),
      binding_(info.identity.clinic, BindingName(info), WithoutToken(request)),
      time_zone_(info.identity.time_zone) {}

absl::StatusOr<std::string> ResumeTokens::Make(std::int64_t position, absl::Time now) const {
  type::v1::PageCursor cursor;
  cursor.add_last_key(absl::StrCat(position));
  cursor.add_last_key(absl::StrCat(absl::ToUnixSeconds(now)));
  // The day is another one in another zone.
  cursor.add_last_key(time_zone_);
  return codec_.Encode(cursor, binding_);
}

absl::StatusOr<std::optional<std::int64_t>> ResumeTokens::Read(const std::string& token,
                                                               absl::Time now) const {
  if (token.empty()) return std::nullopt;
  const absl::StatusOr<type::v1::PageCursor> cursor = codec_.Decode(token, binding_);
  std::int64_t position = 0;
  std::int64_t made_at = 0;
  const bool ours = cursor.ok() && cursor->last_key_size() == 3 &&
                    absl::SimpleAtoi(cursor->last_key(0), &position) &&
                    absl::SimpleAtoi(cursor->last_key(1), &made_at);
  if (!ours) return ResumeTokenInvalid();
  const bool good =
      now - absl::FromUnixSeconds(made_at) < kTokenAgeMax && cursor->last_key(2) == time_zone_;
  return good ? std::optional(position) : std::nullopt;
}

db::Interest InterestIn(const Watched& watched, ClinicId clinic) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  return {.clinic = clinic,
          .entity_type = kEntity,
          .first_on = absl::ToCivilDay(watched.range.begin, utc),
          .last_on = absl::ToCivilDay(watched.range.end - absl::Microseconds(1), utc)};
}

DayWatch::DayWatch(Parts parts, const Watched& watched, ClinicId clinic,
                   std::optional<std::int64_t> resume_from, rpc::Wake wake)
    : parts_(std::move(parts)),
      watched_(watched),
      interest_(InterestIn(watched, clinic)),
      mode_(resume_from ? Mode::kResume : Mode::kSnapshot),
      resume_from_(resume_from.value_or(0)),
      resumed_(resume_from.has_value()),
      subscription_(parts_.feed.Subscribe(interest_, std::move(wake))) {}

bool DayWatch::Due() const {
  return mode_ != Mode::kChanges || !in_hand_.empty() || subscription_->QuietPosition() == 0;
}

void DayWatch::TakeNews() {
  const db::ChangeNews news = subscription_->Take();
  position_ = news.position;
  end_ = news.end;
  in_hand_.insert(news.entities.begin(), news.entities.end());
  if (!news.everything) return;
  mode_ = Mode::kSnapshot;
  snapshot_after_.reset();
}

absl::StatusOr<std::vector<v1::WatchDayEvent>> DayWatch::Read(rpc::Call& call) {
  outcome_ = Outcome();
  // The parts of a snapshot belong together: what changes meanwhile comes after them.
  const bool within_snapshot = mode_ == Mode::kSnapshot && snapshot_after_;
  if (!within_snapshot) TakeNews();
  call.AuditListAccess(kEntity);
  switch (mode_) {
    case Mode::kSnapshot:
      return ReadSnapshot(call);
    case Mode::kResume:
      return ReadResumed(call);
    case Mode::kChanges:
      return ReadChanges(call);
  }
  return Events();
}

absl::StatusOr<DayWatch::Events> DayWatch::ReadSnapshot(rpc::Call& call) {
  const bool first = !snapshot_after_;
  // What the first part is read after is in it, or in the parts that follow.
  if (first) in_hand_.clear();
  CLINICD_ASSIGN_OR_RETURN(
      std::vector<Appointment> rows,
      parts_.store.List(call.last_tx(), {.practitioner = watched_.practitioner,
                                         .after = snapshot_after_.value_or(
                                             StartPosition{.starts_at = watched_.range.begin}),
                                         .before = watched_.range.end,
                                         .show_cancelled = watched_.show_cancelled,
                                         .limit = kSnapshotPart + 1}));
  const bool last = rows.size() <= kSnapshotPart;
  if (!last) rows.resize(kSnapshotPart);
  outcome_.forget_known = first;
  if (!last) {
    outcome_.mode = Mode::kSnapshot;
    outcome_.snapshot_after = {rows.back().booking.plan.slot.starts_at, rows.back().id};
  }
  Events events(1);
  v1::DaySnapshot& snapshot = *events.front().mutable_snapshot();
  snapshot.set_first(first);
  snapshot.set_last(last);
  for (const Appointment& row : rows) {
    *snapshot.add_appointments() = ToProto(row);
    outcome_.known[row.id] = row.row_version;
  }
  if (!last) return events;
  return WithToken(std::move(events), call.now());
}

absl::StatusOr<DayWatch::Events> DayWatch::ReadResumed(rpc::Call& call) {
  // A position that has not been reached yet is one of a database that is no more.
  const bool unknown = resume_from_ > end_;
  std::vector<Uuid> changed;
  if (!unknown) {
    CLINICD_ASSIGN_OR_RETURN(
        changed, db::ListChangedEntities(call.tx(), interest_, resume_from_, kResumedMax + 1));
  }
  if (unknown || changed.size() > kResumedMax) {
    mode_ = Mode::kSnapshot;
    return ReadSnapshot(call);
  }
  in_hand_.insert(changed.begin(), changed.end());
  CLINICD_ASSIGN_OR_RETURN(Events events, ReadChanges(call));
  if (!events.empty()) return events;
  // The client learns at once that it goes on.
  events.emplace_back().mutable_heartbeat();
  return WithToken(std::move(events), call.now());
}

absl::StatusOr<DayWatch::Events> DayWatch::ReadChanges(rpc::Call& call) {
  if (in_hand_.empty()) return Events();
  const std::vector<Uuid> ids(in_hand_.begin(), in_hand_.end());
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Appointment> rows,
                           parts_.store.ListWatched(call.last_tx(), InStore(watched_), ids));
  Events events = EventsOf(rows);
  if (events.empty()) return events;
  return WithToken(std::move(events), call.now());
}

DayWatch::Events DayWatch::EventsOf(const std::vector<Appointment>& rows) {
  Events events;
  absl::flat_hash_set<Uuid> within;
  for (const Appointment& row : rows) {
    within.insert(row.id.uuid());
    const auto known = known_.find(row.id);
    if (known != known_.end() && known->second >= row.row_version) continue;
    *events.emplace_back().mutable_upsert() = ToProto(row);
    outcome_.known[row.id] = row.row_version;
  }
  for (const Uuid& id : in_hand_) {
    const AppointmentId appointment(id);
    if (within.contains(id) || (!known_.contains(appointment) && !resumed_)) continue;
    events.emplace_back().mutable_remove()->set_id(appointment.ToString());
    outcome_.gone.push_back(appointment);
  }
  return events;
}

absl::StatusOr<DayWatch::Events> DayWatch::WithToken(Events events, absl::Time now) const {
  CLINICD_ASSIGN_OR_RETURN(*events.back().mutable_resume_token(),
                           parts_.tokens.Make(position_, now));
  return events;
}

void DayWatch::Sent() {
  mode_ = outcome_.mode;
  snapshot_after_ = outcome_.snapshot_after;
  if (outcome_.forget_known) known_.clear();
  for (const auto& [id, version] : outcome_.known) known_[id] = version;
  for (const AppointmentId& id : outcome_.gone) known_.erase(id);
  in_hand_.clear();
}

absl::StatusOr<v1::WatchDayEvent> DayWatch::Heartbeat(absl::Time now) {
  CLINICD_RETURN_IF_ERROR(parts_.feed.Check());
  v1::WatchDayEvent event;
  event.mutable_heartbeat();
  const std::int64_t position = subscription_->QuietPosition();
  const bool complete = mode_ == Mode::kChanges && in_hand_.empty() && position != 0;
  if (complete) {
    CLINICD_ASSIGN_OR_RETURN(*event.mutable_resume_token(), parts_.tokens.Make(position, now));
  }
  return event;
}

}  // namespace clinicd::appointments
