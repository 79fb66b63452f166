#include "tests/support/desk_clients.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/etag.h"
#include "services/appointments/appointment_rules.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Allocation;
using appointments::v1::Appointment;
using appointments::v1::AppointmentService;
using Stub = AppointmentService::Stub;

constexpr std::int64_t kTokenUse = 5 * 60;
// By the machine's clock; the server's is some days ahead of it.
constexpr absl::Duration kPatience = absl::Hours(60 * 24);
// After so many without an answer there is something wrong.
constexpr int kTriesMax = 50;
// What is booked begins this many minutes around now, so that much of it is taken, can be changed
// now, or only soon.
constexpr int kEarliest = -60;
constexpr int kLatest = 240;
constexpr int kStep = 15;

struct Weight {
  DeskVerb verb;
  int weight;
};
constexpr std::array<Weight, kDeskVerbs> kWeights = {{{DeskVerb::kBook, 20},
                                                      {DeskVerb::kOverbook, 8},
                                                      {DeskVerb::kBookHeld, 10},
                                                      {DeskVerb::kMove, 12},
                                                      {DeskVerb::kConfirm, 5},
                                                      {DeskVerb::kArrive, 9},
                                                      {DeskVerb::kSeat, 5},
                                                      {DeskVerb::kComplete, 4},
                                                      {DeskVerb::kReopen, 2},
                                                      {DeskVerb::kNoShow, 5},
                                                      {DeskVerb::kCancel, 6},
                                                      {DeskVerb::kEnterInError, 2},
                                                      {DeskVerb::kRead, 5},
                                                      {DeskVerb::kHold, 11},
                                                      {DeskVerb::kRelease, 4}}};

// As the database names it.
std::string NameOf(Appointment::State state) {
  const std::string name = Appointment::State_Name(state);
  return absl::AsciiStrToLower(name.substr(sizeof "STATE_" - 1));
}

// Nullopt: nothing explains it.
std::optional<DeskOutcome> OutcomeOf(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::APPOINTMENT_SLOT_TAKEN:
      return DeskOutcome::kTaken;
    case ErrorReason::OVERBOOKING_LIMIT_REACHED:
      return DeskOutcome::kNoLane;
    case ErrorReason::ETAG_MISMATCH:
      return DeskOutcome::kStale;
    case ErrorReason::APPOINTMENT_ILLEGAL_TRANSITION:
      return DeskOutcome::kIllegal;
    case ErrorReason::APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW:
    case ErrorReason::APPOINTMENT_TRANSITION_NOT_NOW:
      return DeskOutcome::kNotNow;
    case ErrorReason::HOLD_NOT_FOUND:
      return DeskOutcome::kNoHold;
    default:
      return std::nullopt;
  }
}

}  // namespace

DeskClient::DeskClient(Member member, const DiaryScene& scene, DeskBoard& board, unsigned seed)
    : member_(std::move(member)),
      scene_(scene),
      board_(board),
      engine_(seed),
      ids_(clock_, random_),
      numbers_(scene.Numbers()) {}

DeskVerb DeskClient::AnyVerb() {
  int sum = 0;
  for (const Weight& each : kWeights) sum += each.weight;
  int left = Below(sum);
  for (const Weight& each : kWeights) {
    left -= each.weight;
    if (left < 0) return each.verb;
  }
  return DeskVerb::kBook;
}

DeskWish DeskClient::AnyWish() {
  const int now = static_cast<int>(board_.Seconds() / 60);
  const int first = (now + kEarliest) / kStep;
  const int begin = kStep * (first + Below((kLatest - kEarliest) / kStep));
  DeskWish wish{.practitioner = Below(DiaryScene::kPractitioners),
                .patient = DiaryScene::kFirstPatient + Below(DiaryScene::kPatients),
                .minutes = {begin, begin + kStep * (1 + Below(3))},
                .chair_offset = Chance(30) ? 5 : 0,
                .buffer = Chance(30) ? 5 : 0};
  if (Chance(66)) wish.chair = DiaryScene::kFirstChair + Below(DiaryScene::kChairs);
  return wish;
}

Appointment DeskClient::FormOf(const DeskWish& wish, int visit) const {
  Appointment form;
  form.set_patient_id(scene_.IdOf(wish.patient));
  form.set_practitioner_id(scene_.IdOf(wish.practitioner));
  form.set_local_start(LocalStartOf(board_.first_day(), wish.minutes.begin));
  form.set_duration_minutes(wish.minutes.end - wish.minutes.begin);
  form.set_buffer_before_minutes(wish.buffer);
  form.set_buffer_after_minutes(wish.buffer);
  form.set_reason(ReasonOfVisit(visit));
  *form.add_allocations() = scene_.AllocationOf(wish.practitioner);
  if (wish.chair) *form.add_allocations() = scene_.AllocationOf(*wish.chair, wish.chair_offset);
  return form;
}

std::optional<DeskBoard::Visit> DeskClient::Understand(const Appointment& told,
                                                       DeskCall& call) const {
  const auto number = VisitOf(told.reason());
  const auto version = rpc::ParseEtag(told.etag());
  const auto start = appointments::ParseLocal(told.local_start());
  if (number != call.visit || !version || !start) return std::nullopt;
  const int begin = static_cast<int>(*start - absl::CivilMinute(board_.first_day()));
  const Minutes minutes{begin, begin + told.duration_minutes()};
  call.version = *version;
  call.state = NameOf(told.state());
  call.lane = told.lane();
  call.place = {.minutes = minutes};
  for (const Allocation& part : told.allocations()) {
    const int part_begin = begin + part.offset_minutes();
    call.place.parts.push_back(PartOf(numbers_.at(part.resource_id()), minutes,
                                      {part_begin, part_begin + part.duration_minutes()},
                                      told.buffer_before_minutes()));
  }
  std::ranges::sort(call.place.parts, {}, &DeskPart::resource);
  const int patient = numbers_.at(told.patient_id());
  call.place.parts.push_back({.resource = patient, .minutes = minutes, .patient = true});
  return DeskBoard::Visit{.number = call.visit,
                          .id = told.id(),
                          .etag = told.etag(),
                          .version = *version,
                          .state = call.state,
                          .patient = patient,
                          .buffer = told.buffer_before_minutes(),
                          .minutes = minutes};
}

void DeskClient::RenewToken() {
  const std::int64_t now = board_.Seconds();
  if (client_ && now < token_until_) return;
  client_.emplace(member_.channel, member_.token());
  token_until_ = now + kTokenUse;
}

template <typename Request, typename Response, typename Take>
void DeskClient::Send(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      Request request, DeskCall call, const Take& take) {
  if constexpr (requires { request.set_request_id(""); }) {
    request.set_request_id(ids_.NewUuid().ToString());
  }
  call.member = member_.number;
  call.clock_begin = board_.Seconds();
  call.invoked = board_.Tick();
  Reply<Response> reply;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    RenewToken();
    reply = client_->Call(client_->appointments(), method, request, kPatience);
    const bool is_old_token = reply.code() == grpc::StatusCode::UNAUTHENTICATED;
    const bool is_to_repeat = reply.reason() == ErrorReason::CONFLICT_RETRY;
    if (!HadNoAnswer(reply.code()) && !is_old_token && !is_to_repeat) break;
    if (is_old_token) client_.reset();
    board_.CountRepeat();
  }
  call.responded = board_.Tick();
  call.clock_end = board_.Seconds();
  const auto outcome = reply.ok() ? std::optional(DeskOutcome::kDone) : OutcomeOf(reply.reason());
  if (!outcome || (reply.ok() && !take(reply.response, call))) {
    return board_.Wonder(absl::StrCat(std::string(NameOf(call.verb)), " ", reply.code(), " ",
                                      type::v1::ErrorReason_Name(reply.reason()), " ",
                                      reply.status.error_message()));
  }
  call.outcome = *outcome;
  board_.Record(std::move(call));
}

template <typename Request>
void DeskClient::SendForVisit(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Appointment*),
                              Request request, DeskCall call) {
  Send(method, std::move(request), std::move(call),
       [this](const Appointment& told, DeskCall& done) {
         const auto visit = Understand(told, done);
         if (!visit) return false;
         board_.Learn(*visit);
         if (Chance(5)) old_ = *visit;
         return true;
       });
}

void DeskClient::Book(DeskVerb verb) {
  const DeskWish wish = AnyWish();
  DeskCall call{.verb = verb, .visit = board_.NewVisit(), .wanted = wish.Place()};
  if (verb == DeskVerb::kOverbook) {
    appointments::v1::OverbookAppointmentRequest request;
    *request.mutable_appointment() = FormOf(wish, call.visit);
    request.set_overbook_reason("in pain");
    return SendForVisit(&Stub::OverbookAppointment, request, std::move(call));
  }
  appointments::v1::CreateAppointmentRequest request;
  *request.mutable_appointment() = FormOf(wish, call.visit);
  SendForVisit(&Stub::CreateAppointment, request, std::move(call));
}

void DeskClient::HoldTime() {
  DeskBoard::Hold hold{.number = board_.NewHold(), .member = member_.number, .wish = AnyWish()};
  const DeskPlace place = hold.wish.Place(/*with_patient=*/false);
  const Appointment form = FormOf(hold.wish, 0);
  appointments::v1::HoldSlotRequest request;
  appointments::v1::Hold& wanted = *request.mutable_hold();
  wanted.set_practitioner_id(form.practitioner_id());
  wanted.set_local_start(form.local_start());
  wanted.set_duration_minutes(form.duration_minutes());
  wanted.set_buffer_before_minutes(form.buffer_before_minutes());
  wanted.set_buffer_after_minutes(form.buffer_after_minutes());
  *wanted.mutable_allocations() = form.allocations();
  request.set_ttl_seconds(10 + Below(200));
  Send(&Stub::HoldSlot, request, {.verb = DeskVerb::kHold, .hold = hold.number, .wanted = place},
       [&](const appointments::v1::Hold& told, DeskCall& call) {
         call.place = place;
         call.expires = board_.SecondsOf(absl::FromUnixSeconds(told.expire_time().seconds()));
         hold.id = told.id();
         board_.Learn(hold);
         return true;
       });
}

void DeskClient::UseHold(DeskVerb verb, const DeskBoard::Hold& hold) {
  if (verb == DeskVerb::kRelease) {
    appointments::v1::ReleaseHoldRequest request;
    request.set_id(hold.id);
    return Send(&Stub::ReleaseHold, request, {.verb = verb, .hold = hold.number},
                [](const appointments::v1::ReleaseHoldResponse&, DeskCall&) { return true; });
  }
  appointments::v1::CreateAppointmentRequest request;
  DeskCall call{
      .verb = verb, .visit = board_.NewVisit(), .hold = hold.number, .wanted = hold.wish.Place()};
  *request.mutable_appointment() = FormOf(hold.wish, call.visit);
  request.set_hold_id(hold.id);
  SendForVisit(&Stub::CreateAppointment, request, std::move(call));
}

void DeskClient::Move(const DeskBoard::Visit& visit) {
  DeskWish wish = AnyWish();
  wish.patient = visit.patient;
  wish.buffer = visit.buffer;
  // A patient who has confirmed a time has not confirmed a chair.
  if (Chance(25)) wish.minutes = visit.minutes;
  const Appointment form = FormOf(wish, visit.number);
  appointments::v1::RescheduleAppointmentRequest request;
  request.set_id(visit.id);
  request.set_etag(visit.etag);
  request.set_local_start(form.local_start());
  request.set_duration_minutes(form.duration_minutes());
  request.set_practitioner_id(form.practitioner_id());
  *request.mutable_allocations()->mutable_allocations() = form.allocations();
  SendForVisit(&Stub::RescheduleAppointment, request,
               {.verb = DeskVerb::kMove,
                .visit = visit.number,
                .expected = visit.version,
                .wanted = wish.Place()});
}

template <typename Request>
void DeskClient::Change(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Appointment*),
                        DeskVerb verb, const DeskBoard::Visit& visit) {
  Request request;
  DeskCall call{.verb = verb, .visit = visit.number};
  request.set_id(visit.id);
  if constexpr (requires { request.set_etag(""); }) {
    if (Chance(50)) {
      request.set_etag(visit.etag);
      call.expected = visit.version;
    }
  }
  if constexpr (requires { request.set_reason(""); }) request.set_reason("as was said");
  if constexpr (requires { request.cancelled_by(); }) {
    request.set_cancelled_by(appointments::v1::CANCELLED_BY_PATIENT);
  }
  SendForVisit(method, request, std::move(call));
}

void DeskClient::Act(DeskVerb verb, const DeskBoard::Visit& visit) {
  switch (verb) {
    case DeskVerb::kMove:
      return Move(visit);
    case DeskVerb::kConfirm:
      return Change(&Stub::ConfirmAppointment, verb, visit);
    case DeskVerb::kArrive:
      return Change(&Stub::CheckInAppointment, verb, visit);
    case DeskVerb::kSeat:
      return Change(&Stub::SeatAppointment, verb, visit);
    case DeskVerb::kComplete:
      return Change(&Stub::CompleteAppointment, verb, visit);
    case DeskVerb::kReopen:
      return Change(&Stub::ReopenAppointment, verb, visit);
    case DeskVerb::kNoShow:
      return Change(&Stub::MarkAppointmentNoShow, verb, visit);
    case DeskVerb::kCancel:
      return Change(&Stub::CancelAppointment, verb, visit);
    case DeskVerb::kEnterInError:
      return Change(&Stub::MarkAppointmentEnteredInError, verb, visit);
    default:
      return Change(&Stub::GetAppointment, DeskVerb::kRead, visit);
  }
}

void DeskClient::Act() {
  const DeskVerb verb = AnyVerb();
  if (verb == DeskVerb::kOverbook || verb == DeskVerb::kBook) return Book(verb);
  if (verb == DeskVerb::kHold) return HoldTime();
  if (EndsHold(verb)) {
    // Few try those of others.
    const auto hold = board_.PickHold(Chance(20) ? 0 : member_.number, engine_);
    return hold ? UseHold(verb, *hold) : HoldTime();
  }
  const auto visit = old_ && Chance(5) ? old_ : board_.PickVisit(verb, engine_);
  return visit ? Act(verb, *visit) : Book(DeskVerb::kBook);
}

}  // namespace clinicd::testing
