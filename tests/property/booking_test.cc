#include <rapidcheck/catch.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <ostream>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/error.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/appointment_states.h"
#include "services/appointments/appointment_store.h"
#include "tests/support/long_tests.h"
#include "tests/support/scratch_clinics.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;
using testing::ScratchClinics;

constexpr std::size_t kPractitioners = 2;
constexpr std::size_t kChairs = 2;
constexpr std::size_t kPatients = 3;
constexpr absl::Time kBegin = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kHoldLife = absl::Hours(1);
// Days are worked on at the same time, each by one thread with a database of its own.
constexpr std::size_t kThreads = 2;
// Of a case, and steps of a day at most; half of that on average.
constexpr std::size_t kDays = 8;
constexpr int kSteps = 200;
constexpr std::int64_t kStepsPerCase = std::int64_t{kDays} * kSteps / 2;

// Minutes after the start of the day that everything happens on.
struct Wish {
  std::size_t practitioner;
  // kChairs: none yet.
  std::size_t chair;
  std::size_t patient;
  int start;
  int duration;
  // The chair is needed from this minute of the visit on.
  int chair_offset;
  int buffer;
};

enum class Verb { kBook, kOverbook, kHold, kRelease, kExpire, kMove, kChange };

struct Step {
  Verb verb;
  Wish wish;
  // Which of the appointments or holds there are.
  std::size_t which;
  EventKind kind;
};

std::ostream& operator<<(std::ostream& out, const Wish& wish) {
  return out << "practitioner " << wish.practitioner << ", chair " << wish.chair << " after "
             << wish.chair_offset << ", patient " << wish.patient << " at " << wish.start << " for "
             << wish.duration << " and " << wish.buffer;
}

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << "verb " << static_cast<int>(step.verb) << " of " << step.which << " ("
             << NameOf(step.kind) << "): " << step.wish;
}

rc::Gen<Step> AnyStep() {
  const auto wish = rc::gen::build<Wish>(
      rc::gen::set(&Wish::practitioner, rc::gen::inRange<std::size_t>(0, kPractitioners)),
      rc::gen::set(&Wish::chair, rc::gen::inRange<std::size_t>(0, kChairs + 1)),
      rc::gen::set(&Wish::patient, rc::gen::inRange<std::size_t>(0, kPatients)),
      rc::gen::set(&Wish::start, rc::gen::inRange(0, 90)),
      rc::gen::set(&Wish::duration, rc::gen::inRange(1, 40)),
      rc::gen::set(&Wish::chair_offset, rc::gen::inRange(0, 3)),
      rc::gen::set(&Wish::buffer, rc::gen::element(0, 0, 5)));
  return rc::gen::build<Step>(
      rc::gen::set(&Step::verb, rc::gen::weightedElement<Verb>({{6, Verb::kBook},
                                                                {2, Verb::kOverbook},
                                                                {2, Verb::kHold},
                                                                {1, Verb::kRelease},
                                                                {1, Verb::kExpire},
                                                                {4, Verb::kMove},
                                                                {4, Verb::kChange}})),
      rc::gen::set(&Step::wish, wish),
      rc::gen::set(&Step::which, rc::gen::inRange<std::size_t>(0, 20)),
      rc::gen::set(&Step::kind,
                   rc::gen::element(EventKind::kConfirmed, EventKind::kArrived, EventKind::kSeated,
                                    EventKind::kCompleted, EventKind::kReopened, EventKind::kNoShow,
                                    EventKind::kCancelled, EventKind::kEnteredInError)));
}

// A part of a resource's time, in minutes.
struct Taken {
  Uuid resource;
  int lane;
  int begin;
  int end;

  bool Clashes(const Taken& other) const {
    return resource == other.resource && lane == other.lane && begin < other.end &&
           other.begin < end;
  }
};

// A day of a new clinic, and what it should look like.
class Day final {
 public:
  explicit Day(ScratchClinics& clinics) : clinics_(clinics), clinic_(clinics.AddClinic()) {
    for (std::size_t i = 0; i < kPractitioners; ++i) {
      practitioners_.push_back(clinics.AddPractitioner(clinic_));
    }
    for (std::size_t i = 0; i < kChairs; ++i) chairs_.push_back(clinics.AddChair(clinic_));
    for (std::size_t i = 0; i < kPatients; ++i) patients_.push_back(clinics.AddPatient(clinic_));
    member_ = clinics.AddMember(clinic_);
  }

  void Take(const Step& step) {
    switch (step.verb) {
      case Verb::kBook:
        return Book(step.wish, /*over=*/false);
      case Verb::kOverbook:
        return Book(step.wish, /*over=*/true);
      case Verb::kHold:
        return HoldTime(step.wish);
      case Verb::kRelease:
        return Release(step.which);
      case Verb::kExpire:
        return LetHoldsExpire();
      case Verb::kMove:
        return Move(step.which, step.wish);
      case Verb::kChange:
        return Change(step.which, step.kind);
    }
  }

  // The day in the database is the day in the model.
  void Check() const {
    db::TenantTx tx = clinics_.Transaction(clinic_);
    const auto listed = store_.List(tx, {.after = {.starts_at = kBegin - absl::Hours(1)},
                                         .before = absl::InfiniteFuture(),
                                         .show_cancelled = true,
                                         .limit = 1000});
    RC_ASSERT(listed.ok());
    RC_ASSERT(listed->size() == visits_.size());
    for (const Appointment& found : *listed) {
      const Visit& visit = visits_.at(found.id);
      RC_ASSERT(found.progress.state == visit.state);
      RC_ASSERT(found.booking.lane == visit.lane);
      RC_ASSERT(found.booking.plan.slot == visit.plan.slot);
      RC_ASSERT(found.booking.plan.allocations == visit.plan.allocations);
    }
    CheckHistory(tx);
  }

 private:
  struct Visit {
    PatientId patient;
    Plan plan;
    int lane = 0;
    bool overbooked = false;
    State state = State::kBooked;
    std::size_t events = 1;
  };

  // Each change has left its event.
  void CheckHistory(db::TenantTx& tx) const {
    for (const auto& [id, visit] : visits_) {
      const auto events = store_.ListEvents(tx, id);
      RC_ASSERT(events.ok());
      RC_ASSERT(events->size() == visit.events);
      RC_ASSERT(events->back().state == visit.state);
      CheckPath(*events);
    }
  }

  // Every state follows from the one before by what happened.
  static void CheckPath(const std::vector<AppointmentEvent>& events) {
    RC_ASSERT(events.front().kind == EventKind::kBooked);
    for (std::size_t i = 1; i < events.size(); ++i) {
      const auto transition = TransitionFrom(events[i - 1].state, events[i].kind);
      RC_ASSERT(transition.has_value());
      const bool stays_as_it_is =
          events[i].kind == EventKind::kRescheduled && events[i].state == events[i - 1].state;
      RC_ASSERT(events[i].state == transition->to || stays_as_it_is);
    }
  }

  Plan PlanOf(const Wish& wish) const {
    Plan plan{.practitioner_id = practitioners_[wish.practitioner],
              .buffers = {.before_minutes = wish.buffer, .after_minutes = wish.buffer}};
    plan.slot.starts_at = kBegin + absl::Minutes(wish.start);
    plan.slot.ends_at = plan.slot.starts_at + absl::Minutes(wish.duration);
    plan.slot.duration_minutes = wish.duration;
    plan.slot.local_start = absl::ToCivilMinute(plan.slot.starts_at, absl::UTCTimeZone());
    plan.slot.time_zone = "UTC";
    plan.allocations.push_back({.kind = ResourceKind::kPractitioner,
                                .resource = plan.practitioner_id.uuid(),
                                .offset_minutes = 0,
                                .duration_minutes = wish.duration});
    if (wish.chair < kChairs && wish.chair_offset < wish.duration) {
      plan.allocations.push_back({.kind = ResourceKind::kChair,
                                  .resource = chairs_[wish.chair].uuid(),
                                  .offset_minutes = wish.chair_offset,
                                  .duration_minutes = wish.duration - wish.chair_offset});
    }
    return plan;
  }

  // What the plan takes, its patient aside.
  static std::vector<Taken> PartsOf(const Plan& plan, int lane) {
    const int start = static_cast<int>(absl::ToInt64Minutes(plan.slot.starts_at - kBegin));
    std::vector<Taken> parts;
    for (const Allocation& part : plan.allocations) {
      const int begin = start + part.offset_minutes;
      const int end = begin + part.duration_minutes;
      parts.push_back(
          {.resource = part.resource,
           .lane = lane,
           .begin = part.offset_minutes == 0 ? begin - plan.buffers.before_minutes : begin,
           .end =
               end == start + plan.slot.duration_minutes ? end + plan.buffers.after_minutes : end});
    }
    return parts;
  }

  static Taken PatientPart(PatientId patient, const Plan& plan) {
    const int start = static_cast<int>(absl::ToInt64Minutes(plan.slot.starts_at - kBegin));
    return {.resource = patient.uuid(),
            .lane = 0,
            .begin = start,
            .end = start + plan.slot.duration_minutes};
  }

  // All that is taken, `except` aside.
  std::vector<Taken> AllTaken(AppointmentId except = {}) const {
    std::vector<Taken> taken;
    for (const auto& [id, visit] : visits_) {
      if (id == except || !Occupies(visit.state)) continue;
      for (const Taken& part : PartsOf(visit.plan, visit.lane)) taken.push_back(part);
      taken.push_back(PatientPart(visit.patient, visit.plan));
    }
    for (const auto& [id, plan] : holds_) {
      for (const Taken& part : PartsOf(plan, 0)) taken.push_back(part);
    }
    return taken;
  }

  static bool Free(const std::vector<Taken>& taken, const std::vector<Taken>& parts) {
    return std::none_of(parts.begin(), parts.end(), [&taken](const Taken& part) {
      return std::any_of(taken.begin(), taken.end(),
                         [&part](const Taken& other) { return part.Clashes(other); });
    });
  }

  // The lowest lane in which the plan is free; nullopt if there is none.
  std::optional<int> FreeLane(const Plan& plan, AppointmentId except = {}) const {
    const std::vector<Taken> taken = AllTaken(except);
    for (int lane = 0; lane <= kLaneMax; ++lane) {
      if (Free(taken, PartsOf(plan, lane))) return lane;
    }
    return std::nullopt;
  }

  void Book(const Wish& wish, bool over) {
    Booking booking{.patient_id = patients_[wish.patient], .plan = PlanOf(wish)};
    const auto id = clinics_.ids().New<AppointmentId>();
    db::TenantTx tx = clinics_.Transaction(clinic_);
    if (over) {
      const auto lane = store_.FindFreeLane(tx, booking.plan, id, now_);
      RC_ASSERT(lane.ok());
      RC_ASSERT(*lane == FreeLane(booking.plan));
      if (!*lane) return;
      booking.lane = **lane;
      booking.overbook_reason = "pain";
    }
    std::vector<Taken> parts = PartsOf(booking.plan, booking.lane);
    parts.push_back(PatientPart(booking.patient_id, booking.plan));
    const bool is_free = Free(AllTaken(), parts);

    const auto booked = store_.Insert(tx, id, booking, UserId(), now_);

    RC_ASSERT(booked.ok() == is_free);
    if (!is_free) {
      RC_ASSERT(status::ReasonOf(booked.status()) == ErrorReason::APPOINTMENT_SLOT_TAKEN);
      return;
    }
    RC_ASSERT(tx.Commit().ok());
    visits_.emplace(id, Visit{.patient = booking.patient_id,
                              .plan = booking.plan,
                              .lane = booking.lane,
                              .overbooked = over});
  }

  void HoldTime(const Wish& wish) {
    const Hold hold{
        .id = clinics_.ids().New<HoldId>(), .plan = PlanOf(wish), .expires_at = now_ + kHoldLife};
    const bool is_free = Free(AllTaken(), PartsOf(hold.plan, 0));
    db::TenantTx tx = clinics_.Transaction(clinic_);

    const absl::Status held = store_.InsertHold(tx, hold, member_, now_);

    RC_ASSERT(held.ok() == is_free);
    if (!is_free) return;
    RC_ASSERT(tx.Commit().ok());
    holds_.emplace(hold.id, hold.plan);
  }

  void Release(std::size_t which) {
    if (holds_.empty()) return;
    const auto found =
        std::next(holds_.begin(), static_cast<std::ptrdiff_t>(which % holds_.size()));
    db::TenantTx tx = clinics_.Transaction(clinic_);
    RC_ASSERT(store_.DeleteHold(tx, found->first, member_, now_).ok());
    RC_ASSERT(tx.Commit().ok());
    holds_.erase(found);
  }

  // They stay in the database until somebody wants their time.
  void LetHoldsExpire() {
    now_ += kHoldLife;
    holds_.clear();
  }

  void Move(std::size_t which, const Wish& wish) {
    if (visits_.empty()) return;
    auto& [id, visit] =
        *std::next(visits_.begin(), static_cast<std::ptrdiff_t>(which % visits_.size()));
    if (!TransitionFrom(visit.state, EventKind::kRescheduled)) return;
    Plan plan = PlanOf(wish);
    plan.buffers = visit.plan.buffers;
    const std::optional<int> lane = visit.overbooked ? FreeLane(plan, id) : 0;
    if (!lane) return;
    std::vector<Taken> parts = PartsOf(plan, *lane);
    parts.push_back(PatientPart(visit.patient, plan));
    const bool is_free = Free(AllTaken(id), parts);
    db::TenantTx tx = clinics_.Transaction(clinic_);
    store_.LockDays(tx, DaysOf(plan));
    const auto current = store_.Find(tx, id);
    RC_ASSERT(current.ok() && current->has_value());

    const auto moved = store_.MoveTo(tx, **current, {.plan = plan, .lane = *lane, .now = now_});

    RC_ASSERT(moved.ok() == is_free);
    if (!is_free) return;
    RC_ASSERT(tx.Commit().ok());
    if (plan.slot.starts_at != visit.plan.slot.starts_at) visit.state = State::kBooked;
    visit.plan = plan;
    visit.lane = *lane;
    ++visit.events;
  }

  void Change(std::size_t which, EventKind kind) {
    if (visits_.empty()) return;
    auto& [id, visit] =
        *std::next(visits_.begin(), static_cast<std::ptrdiff_t>(which % visits_.size()));
    const std::optional<Transition> transition = TransitionFrom(visit.state, kind);
    const bool returns = transition && !Occupies(visit.state) && Occupies(transition->to);
    std::vector<Taken> parts = PartsOf(visit.plan, visit.lane);
    parts.push_back(PatientPart(visit.patient, visit.plan));
    const bool is_free = !returns || Free(AllTaken(id), parts);
    db::TenantTx tx = clinics_.Transaction(clinic_);

    std::optional<Appointment> after;
    absl::Status failure;
    for (Transition each : TransitionsOf(kind)) {
      // When is not what this is about.
      each.earliest.reset();
      each.latest = Latest::kAlways;
      const auto changed = store_.ChangeState(
          tx, id, {.transition = each, .reason = "-", .now = now_, .zone = absl::UTCTimeZone()});
      if (!changed.ok()) {
        failure = changed.status();
        break;
      }
      if (*changed) {
        RC_ASSERT((*changed)->before.progress.state == visit.state);
        after = (*changed)->after;
        break;
      }
    }

    RC_ASSERT(failure.ok() == is_free);
    RC_ASSERT(after.has_value() == (transition.has_value() && is_free));
    if (!after) return;
    RC_ASSERT(after->progress.state == transition->to);
    RC_ASSERT(tx.Commit().ok());
    visit.state = transition->to;
    ++visit.events;
  }

  ScratchClinics& clinics_;
  ClinicId clinic_;
  UserId member_;
  absl::Time now_ = kBegin;
  std::vector<PatientId> patients_;
  std::vector<PractitionerId> practitioners_;
  std::vector<ResourceId> chairs_;
  AppointmentStore store_;
  std::map<AppointmentId, Visit> visits_;
  std::map<HoldId, Plan> holds_;
};

// Takes every n-th of the days.
void Work(ScratchClinics& clinics, const std::vector<std::vector<Step>>& days, std::size_t first) {
  for (std::size_t i = first; i < days.size(); i += kThreads) {
    Day day(clinics);
    for (const Step& step : days[i]) day.Take(step);
    day.Check();
  }
}

// Takes all days; how many steps that were.
std::int64_t WorkTogether(const std::vector<std::unique_ptr<ScratchClinics>>& databases,
                          const std::vector<std::vector<Step>>& days) {
  std::vector<std::exception_ptr> failures(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      try {
        Work(*databases[i], days, i);
      } catch (...) {  // What RC_ASSERT throws is for the thread that runs the case.
        failures[i] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  std::int64_t steps = 0;
  for (const auto& day : days) steps += static_cast<std::int64_t>(day.size());
  return steps;
}

std::int64_t StepsWanted() { return testing::LongTests() ? 10'000'000 : 100'000; }

TEST_CASE("No sequence of bookings, holds, moves and changes of state takes anything twice",
          "[appointments][property]") {
  std::vector<std::unique_ptr<ScratchClinics>> databases;
  for (std::size_t i = 0; i < kThreads; ++i) {
    databases.push_back(std::make_unique<ScratchClinics>());
  }
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  // Some more cases than that, because days are shorter or longer by chance.
  params.maxSuccess = static_cast<int>(StepsWanted() * 21 / 20 / kStepsPerCase) + 1;
  std::int64_t taken = 0;
  const absl::Time start = absl::Now();

  const rc::detail::TestResult result = rc::detail::checkTestable(
      [&] {
        const auto days =
            *rc::gen::resize(kSteps, rc::gen::container<std::vector<std::vector<Step>>>(
                                         kDays, rc::gen::container<std::vector<Step>>(AnyStep())));
        taken += WorkTogether(databases, days);
      },
      rc::detail::TestMetadata(), params);

  std::cout << taken << " steps in " << absl::FormatDuration(absl::Now() - start) << "\n";
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  INFO(text.str());
  REQUIRE(result.is<rc::detail::SuccessResult>());
  CHECK(taken >= StepsWanted());
}

}  // namespace
}  // namespace clinicd::appointments
