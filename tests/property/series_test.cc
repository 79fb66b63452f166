// Series and single appointments, changed in any order, against a model.
#include <rapidcheck/catch.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <ostream>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/crypto/sealed_box.h"
#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/series_handlers.h"
#include "tests/support/fakes.h"
#include "tests/support/scratch_clinics.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;
using testing::ScratchClinics;

constexpr std::size_t kPractitioners = 2;
constexpr std::size_t kPatients = 2;
constexpr char kZone[] = "Europe/Madrid";
// A week before clocks go forward, so that series get over it.
const absl::CivilDay kFirstDay(2027, 3, 22);

enum class Verb { kCreate, kUpdate, kCancel, kMoveOne, kCancelOne, kWait };

struct Step {
  Verb verb;
  std::size_t practitioner;
  std::size_t patient;
  // Of the series, or of the appointments, that there are.
  std::size_t which;
  std::size_t from;
  int day;
  // Half hours after 01:00: around those that clocks jump over.
  int time;
  int duration;
  int count;
  int interval;
  bool weekly;
  // UNTIL instead of COUNT.
  bool until;
  bool following;
  bool skip;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << "verb " << static_cast<int>(step.verb) << " which " << step.which << " from "
             << step.from << " practitioner " << step.practitioner << " patient " << step.patient
             << " day " << step.day << " time " << step.time << " duration " << step.duration
             << " count " << step.count << " interval " << step.interval << " weekly "
             << step.weekly << " until " << step.until << " following " << step.following
             << " skip " << step.skip;
}

rc::Gen<Step> AnyStep() {
  using rc::gen::inRange;
  using rc::gen::set;
  return rc::gen::build<Step>(
      set(&Step::verb, rc::gen::weightedElement<Verb>({{5, Verb::kCreate},
                                                       {6, Verb::kUpdate},
                                                       {2, Verb::kCancel},
                                                       {3, Verb::kMoveOne},
                                                       {2, Verb::kCancelOne},
                                                       {1, Verb::kWait}})),
      set(&Step::practitioner, inRange<std::size_t>(0, kPractitioners)),
      set(&Step::patient, inRange<std::size_t>(0, kPatients)),
      set(&Step::which, inRange<std::size_t>(0, 12)), set(&Step::from, inRange<std::size_t>(0, 6)),
      set(&Step::day, inRange(0, 6)), set(&Step::time, inRange(0, 10)),
      set(&Step::duration, rc::gen::element(30, 30, 45, 60)), set(&Step::count, inRange(1, 7)),
      set(&Step::interval, inRange(1, 3)), set(&Step::weekly, rc::gen::arbitrary<bool>()),
      set(&Step::until, rc::gen::arbitrary<bool>()),
      set(&Step::following, rc::gen::arbitrary<bool>()),
      set(&Step::skip, rc::gen::arbitrary<bool>()));
}

absl::TimeZone Zone() {
  absl::TimeZone zone;
  RC_ASSERT(absl::LoadTimeZone(kZone, &zone));
  return zone;
}

absl::CivilMinute LocalOf(absl::CivilDay day, int time) {
  return absl::CivilMinute(day.year(), day.month(), day.day(), 1) + 30 * time;
}

struct Visit {
  PatientId patient = {};
  PractitionerId practitioner = {};
  absl::Time starts_at = {};
  int duration = 0;
  bool cancelled = false;
  std::optional<SeriesId> series = {};
  int ordinal = 0;
  bool exception = false;
  int events = 1;

  bool Overlaps(const Visit& other) const {
    return starts_at < other.starts_at + absl::Minutes(other.duration) &&
           other.starts_at < starts_at + absl::Minutes(duration) &&
           (patient == other.patient || practitioner == other.practitioner);
  }
  bool ToCome(absl::Time now) const { return !cancelled && starts_at > now; }
};

// What the model knows of a series: its days, by their ordinals, excluded ones, too.
struct Known {
  PatientId patient = {};
  PractitionerId practitioner = {};
  std::vector<absl::CivilDay> days = {};
  int time = 0;
  int duration = 0;
  std::int64_t version = 1;
};

// A diary, and what it should look like.
class Diary final {
 public:
  explicit Diary(ScratchClinics& clinics)
      : clinics_(clinics),
        clinic_(clinics.AddClinic()),
        random_(1),
        keys_(*crypto::SealingKeys::Create(OneKey())),
        page_tokens_(keys_, random_),
        handlers_(page_tokens_) {
    for (std::size_t i = 0; i < kPractitioners; ++i) {
      practitioners_.push_back(clinics.AddPractitioner(clinic_));
    }
    for (std::size_t i = 0; i < kPatients; ++i) patients_.push_back(clinics.AddPatient(clinic_));
    info_.identity.clinic = clinic_;
    info_.identity.user = clinics.AddMember(clinic_);
    info_.identity.time_zone = kZone;
    info_.start = absl::FromCivil(kFirstDay, zone_);
  }

  void Take(const Step& step) {
    switch (step.verb) {
      case Verb::kCreate:
        return Create(step);
      case Verb::kUpdate:
        return Update(step);
      case Verb::kCancel:
        return Cancel(step);
      case Verb::kMoveOne:
        return MoveOne(step);
      case Verb::kCancelOne:
        return CancelOne(step);
      case Verb::kWait:
        info_.start += absl::Hours(17 * step.count);
        return;
    }
  }

  // The diary in the database is the one in the model; nobody is in two places.
  void Check() const {
    db::TenantTx tx = clinics_.Transaction(clinic_);
    const auto listed = store_.List(tx, {.after = {.starts_at = absl::UnixEpoch()},
                                         .before = absl::InfiniteFuture(),
                                         .show_cancelled = true,
                                         .limit = 10000});
    RC_ASSERT(listed.ok());
    RC_ASSERT(listed->size() == visits_.size());
    for (const Appointment& found : *listed) {
      const Visit& visit = visits_.at(found.id);
      const Plan& plan = found.booking.plan;
      RC_ASSERT((found.progress.state == State::kCancelled) == visit.cancelled);
      RC_ASSERT(plan.slot.starts_at == visit.starts_at);
      RC_ASSERT(plan.slot.local_start == absl::ToCivilMinute(visit.starts_at, zone_));
      RC_ASSERT(plan.slot.duration_minutes == visit.duration);
      RC_ASSERT(plan.practitioner_id == visit.practitioner);
      RC_ASSERT(plan.allocations.size() == 1U);
      RC_ASSERT(plan.allocations[0].resource == visit.practitioner.uuid());
      RC_ASSERT(plan.allocations[0].duration_minutes == visit.duration);
      RC_ASSERT(found.place.series == visit.series);
      RC_ASSERT(found.place.ordinal == visit.ordinal);
      RC_ASSERT(found.place.exception == visit.exception);
      RC_ASSERT(found.row_version == visit.events);
    }
    for (auto one = visits_.begin(); one != visits_.end(); ++one) {
      for (auto other = std::next(one); other != visits_.end(); ++other) {
        RC_ASSERT(one->second.cancelled || other->second.cancelled ||
                  !one->second.Overlaps(other->second));
      }
    }
  }

 private:
  static std::vector<crypto::NumberedKey> OneKey() {
    std::vector<crypto::NumberedKey> keys;
    keys.push_back({1, crypto::SecretBytes(std::string(32, 'p'))});
    return keys;
  }

  // Runs a handler as a call would, and keeps what it did if it succeeds.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Run(absl::StatusOr<Response> (SeriesHandlers::*method)(const Request&,
                                                                                  rpc::Call&) const,
                               const Request& request, std::size_t* announced = nullptr) {
    db::TenantTx tx = clinics_.Transaction(clinic_);
    rpc::Call call(
        info_, clinics_.ids(), tx, [] {}, [](const rpc::ExpectedChange&) {});
    absl::StatusOr<Response> response = (handlers_.*method)(request, call);
    if (!response.ok()) return response;
    RC_ASSERT(tx.Commit().ok());
    if (announced != nullptr) *announced = call.changes().size();
    return response;
  }

  absl::Time StartOf(absl::CivilDay day, int time) const {
    return OccurrenceAt(LocalOf(day, time), zone_).starts_at;
  }

  bool IsFree(const Visit& visit, const std::set<AppointmentId>& except = {}) const {
    return std::none_of(visits_.begin(), visits_.end(), [&](const auto& entry) {
      return !entry.second.cancelled && !except.contains(entry.first) &&
             entry.second.Overlaps(visit);
    });
  }

  std::string RuleOf(const Step& step, const std::vector<absl::CivilDay>& days) const {
    const std::string end =
        step.until ? absl::StrCat("UNTIL=", absl::FormatTime("%Y%m%dT%H%M%SZ",
                                                             StartOf(days.back(), step.time),
                                                             absl::UTCTimeZone()))
                   : absl::StrCat("COUNT=", days.size());
    return absl::StrCat("FREQ=", step.weekly ? "WEEKLY" : "DAILY", ";INTERVAL=", step.interval, ";",
                        end);
  }

  void Create(const Step& step) {
    Known known{.patient = patients_[step.patient],
                .practitioner = practitioners_[step.practitioner],
                .time = step.time,
                .duration = step.duration};
    for (int i = 0; i < step.count; ++i) {
      known.days.push_back(kFirstDay + step.day + i * step.interval * (step.weekly ? 7 : 1));
    }
    std::map<int, Visit> wanted;
    std::size_t taken = 0;
    for (int i = 0; i < step.count; ++i) {
      const Visit visit{.patient = known.patient,
                        .practitioner = known.practitioner,
                        .starts_at = StartOf(known.days[static_cast<std::size_t>(i)], step.time),
                        .duration = step.duration,
                        .ordinal = i + 1};
      if (IsFree(visit)) {
        wanted.emplace(i + 1, visit);
      } else {
        ++taken;
      }
    }
    v1::CreateSeriesRequest request;
    v1::Appointment& form = *request.mutable_series()->mutable_appointment();
    form.set_patient_id(known.patient.ToString());
    form.set_practitioner_id(known.practitioner.ToString());
    form.set_local_start(FormatLocal(LocalOf(known.days.front(), step.time)));
    form.set_duration_minutes(step.duration);
    request.mutable_series()->set_rule(RuleOf(step, known.days));
    if (step.skip) request.set_conflict_policy(v1::SERIES_CONFLICT_POLICY_SKIP);

    std::size_t announced = 0;
    const auto created = Run(&SeriesHandlers::CreateSeries, request, &announced);

    const bool books = taken == 0 || (step.skip && !wanted.empty());
    RC_ASSERT(created.ok() == books);
    if (!books) {
      RC_ASSERT(status::ReasonOf(created.status()) == ErrorReason::APPOINTMENT_SERIES_CONFLICT);
      return;
    }
    RC_ASSERT(announced == wanted.size());
    RC_ASSERT(static_cast<std::size_t>(created->skipped_size()) == taken);
    const SeriesId id = *SeriesId::Parse(created->series().id());
    Learn(id, wanted);
    series_.emplace(id, known);
  }

  // The ids of what was booked, by their places in the series.
  void Learn(SeriesId id, const std::map<int, Visit>& wanted) {
    db::TenantTx tx = clinics_.Transaction(clinic_);
    const auto listed = store_.ListSeries(tx, id, 0, 1000);
    RC_ASSERT(listed.ok());
    RC_ASSERT(listed->size() == wanted.size());
    for (const Appointment& found : *listed) {
      Visit visit = wanted.at(found.place.ordinal);
      visit.series = id;
      visits_.emplace(found.id, visit);
    }
  }

  // The appointments of a series from the ordinal on.
  std::vector<AppointmentId> OfSeries(SeriesId id, int from) const {
    std::vector<AppointmentId> found;
    for (const auto& [visit_id, visit] : visits_) {
      if (visit.series == id && visit.ordinal >= from) found.push_back(visit_id);
    }
    std::ranges::sort(found, {}, [this](AppointmentId each) { return visits_.at(each).ordinal; });
    return found;
  }

  // Picks a series and, where the change is not of all, an appointment in it. False: there is none.
  template <typename Request>
  bool Pick(const Step& step, Request& request, SeriesId& id, int& from) const {
    if (series_.empty()) return false;
    id =
        std::next(series_.begin(), static_cast<std::ptrdiff_t>(step.which % series_.size()))->first;
    const std::vector<AppointmentId> all = OfSeries(id, 1);
    request.set_id(id.ToString());
    request.set_scope(v1::SERIES_SCOPE_ALL_FUTURE);
    from = 1;
    if (!step.following || all.empty()) return true;
    const AppointmentId first = all[step.from % all.size()];
    request.set_scope(v1::SERIES_SCOPE_THIS_AND_FOLLOWING);
    request.set_appointment_id(first.ToString());
    from = visits_.at(first).ordinal;
    return true;
  }

  void Update(const Step& step) {
    v1::UpdateSeriesRequest request;
    SeriesId id;
    int from = 1;
    if (!Pick(step, request, id, from)) return;
    Known& known = series_.at(id);
    request.set_etag(absl::StrCat("\"", known.version, "\""));
    request.set_local_time(absl::FormatTime(
        "%H:%M", absl::FromCivil(LocalOf(kFirstDay, step.time), absl::UTCTimeZone()),
        absl::UTCTimeZone()));
    request.set_duration_minutes(step.duration);
    request.set_practitioner_id(practitioners_[step.practitioner].ToString());
    std::set<AppointmentId> moving;
    for (const AppointmentId each : OfSeries(id, from)) {
      const Visit& visit = visits_.at(each);
      if (visit.ToCome(info_.start) && !visit.exception) moving.insert(each);
    }
    int first = 1000;
    for (const AppointmentId each : moving) first = std::min(first, visits_.at(each).ordinal);
    std::map<AppointmentId, Visit> moved;
    bool is_free = true;
    for (const AppointmentId each : moving) {
      Visit visit = visits_.at(each);
      visit.practitioner = practitioners_[step.practitioner];
      visit.duration = step.duration;
      visit.starts_at =
          StartOf(known.days.at(static_cast<std::size_t>(visit.ordinal) - 1), step.time);
      ++visit.events;
      is_free = is_free && IsFree(visit, moving);
      moved.emplace(each, visit);
    }

    std::size_t announced = 0;
    const auto updated = Run(&SeriesHandlers::UpdateSeries, request, &announced);

    RC_ASSERT(updated.ok() == (is_free && !moving.empty()));
    if (!updated.ok()) {
      RC_ASSERT(
          status::ReasonOf(updated.status()) ==
          (moving.empty() ? ErrorReason::SERIES_OVER : ErrorReason::APPOINTMENT_SERIES_CONFLICT));
      return;
    }
    RC_ASSERT(announced == moved.size());
    for (const auto& [each, visit] : moved) visits_.at(each) = visit;
    const SeriesId now_in = *SeriesId::Parse(updated->series().id());
    const bool cut = step.following && first > 1;
    RC_ASSERT((now_in != id) == cut);
    ++known.version;
    if (cut) {
      Cut(id, now_in, first, moving);
    }
    Known& changed = series_.at(now_in);
    changed.practitioner = practitioners_[step.practitioner];
    changed.time = step.time;
    changed.duration = step.duration;
  }

  // What is to come of a series from an ordinal on belongs to another one.
  void Cut(SeriesId id, SeriesId tail, int first, const std::set<AppointmentId>& moving) {
    Known& known = series_.at(id);
    Known rest = known;
    rest.version = 1;
    rest.days.erase(rest.days.begin(), rest.days.begin() + (first - 1));
    known.days.resize(static_cast<std::size_t>(first) - 1);
    for (const AppointmentId each : OfSeries(id, first)) {
      Visit& visit = visits_.at(each);
      if (!moving.contains(each) && !(visit.exception && visit.ToCome(info_.start))) continue;
      visit.series = tail;
      visit.ordinal -= first - 1;
    }
    series_.emplace(tail, rest);
  }

  void Cancel(const Step& step) {
    v1::CancelSeriesRequest request;
    SeriesId id;
    int from = 1;
    if (!Pick(step, request, id, from)) return;
    request.set_cancelled_by(v1::CANCELLED_BY_CLINIC);
    request.set_reason("closed");
    std::vector<AppointmentId> ending;
    for (const AppointmentId each : OfSeries(id, from)) {
      if (visits_.at(each).ToCome(info_.start)) ending.push_back(each);
    }

    const auto cancelled = Run(&SeriesHandlers::CancelSeries, request);

    RC_ASSERT(cancelled.ok() == !ending.empty());
    if (ending.empty()) return;
    RC_ASSERT(static_cast<std::size_t>(cancelled->cancelled_count()) == ending.size());
    for (const AppointmentId each : ending) {
      visits_.at(each).cancelled = true;
      ++visits_.at(each).events;
    }
    ++series_.at(id).version;
  }

  // Any appointment that is there.
  std::optional<AppointmentId> PickOne(const Step& step) const {
    if (visits_.empty()) return std::nullopt;
    return std::next(visits_.begin(),
                     static_cast<std::ptrdiff_t>((step.which * 6 + step.from) % visits_.size()))
        ->first;
  }

  void MoveOne(const Step& step) {
    const std::optional<AppointmentId> id = PickOne(step);
    if (!id || visits_.at(*id).cancelled) return;
    Visit visit = visits_.at(*id);
    visit.starts_at = StartOf(kFirstDay + step.day, step.time);
    visit.exception = true;
    ++visit.events;
    const bool is_free = IsFree(visit, {*id});
    db::TenantTx tx = clinics_.Transaction(clinic_);
    const auto current = store_.Find(tx, *id);
    RC_ASSERT(current.ok() && current->has_value());
    Plan plan = (*current)->booking.plan;
    plan.slot.starts_at = visit.starts_at;
    plan.slot.ends_at = visit.starts_at + absl::Minutes(visit.duration);
    plan.slot.local_start = absl::ToCivilMinute(visit.starts_at, zone_);
    store_.LockDays(tx, DaysOf(plan));

    const auto moved = store_.MoveTo(tx, **current, {.plan = plan, .now = info_.start});

    RC_ASSERT(moved.ok() == is_free);
    if (!is_free) return;
    RC_ASSERT(tx.Commit().ok());
    visits_.at(*id) = visit;
  }

  void CancelOne(const Step& step) {
    const std::optional<AppointmentId> id = PickOne(step);
    if (!id || visits_.at(*id).cancelled) return;
    db::TenantTx tx = clinics_.Transaction(clinic_);

    const auto changed =
        store_.ChangeState(tx, *id,
                           {.transition = TransitionsOf(EventKind::kCancelled).front(),
                            .reason = "ill",
                            .now = info_.start,
                            .zone = zone_});

    RC_ASSERT(changed.ok() && changed->has_value());
    RC_ASSERT(tx.Commit().ok());
    visits_.at(*id).cancelled = true;
    ++visits_.at(*id).events;
  }

  ScratchClinics& clinics_;
  ClinicId clinic_;
  testing::FakeRandom random_;
  crypto::SealingKeys keys_;
  auth::PageTokenCodec page_tokens_;
  SeriesHandlers handlers_;
  AppointmentStore store_;
  absl::TimeZone zone_ = Zone();
  rpc::CallInfo info_;
  std::vector<PractitionerId> practitioners_;
  std::vector<PatientId> patients_;
  std::map<AppointmentId, Visit> visits_;
  std::map<SeriesId, Known> series_;
};

TEST_CASE("No sequence of changes of series loses an appointment, or takes a time twice",
          "[series][property]") {
  ScratchClinics clinics;

  rc::prop("the diary is that of the model after each step", [&] {
    const auto steps = *rc::gen::container<std::vector<Step>>(AnyStep());
    Diary diary(clinics);
    for (const Step& step : steps) {
      diary.Take(step);
      diary.Check();
    }
  });
}

}  // namespace
}  // namespace clinicd::appointments
