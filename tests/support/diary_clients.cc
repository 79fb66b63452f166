#include "tests/support/diary_clients.h"

#include <algorithm>
#include <iterator>
#include <ranges>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "common/rpc/etag.h"
#include "services/appointments/appointment_rules.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Allocation;
using appointments::v1::Appointment;
using appointments::v1::AppointmentService;

// So many that most of a day is taken, and few enough for one page of a list.
constexpr int kCallsPerDay = 300;
constexpr int kPageSize = 500;
constexpr absl::CivilDay kFirstDay(2031, 1, 1);
constexpr int kOpensAt = 8 * 60;
constexpr int kQuarters = 48;

// The word for the kind of a resource in errors.
std::string_view KindOf(int number) {
  if (number < DiaryScene::kFirstChair) return "practitioner";
  return number < DiaryScene::kFirstPatient ? "chair" : "patient";
}

// Those of `resources` that are of one of `kinds`, a list with commas.
std::vector<int> OfKinds(const std::vector<int>& resources, const std::string& kinds) {
  const std::vector<std::string> words = absl::StrSplit(kinds, ',', absl::SkipEmpty());
  std::vector<int> chosen;
  std::ranges::copy_if(resources, std::back_inserter(chosen), [&words](int number) {
    return std::ranges::find(words, KindOf(number)) != words.end();
  });
  return chosen;
}

bool SamePlace(VisitPlace one, VisitPlace other) {
  std::ranges::sort(one.resources);
  std::ranges::sort(other.resources);
  return one == other;
}

}  // namespace

void DiaryBoard::Record(DiaryCall call) {
  const absl::MutexLock lock(&mutex_);
  history_.push_back(std::move(call));
}

void DiaryBoard::Learn(const Known& known) {
  const absl::MutexLock lock(&mutex_);
  Known& newest = known_[known.visit];
  if (known.version > newest.version) newest = known;
}

void DiaryBoard::Wonder(std::string what) {
  const absl::MutexLock lock(&mutex_);
  surprises_.push_back(std::move(what));
}

int DiaryBoard::calls() const {
  const absl::MutexLock lock(&mutex_);
  return static_cast<int>(history_.size());
}

bool DiaryBoard::AwaitCalls(int calls) const {
  const absl::MutexLock lock(&mutex_);
  const auto reached = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return static_cast<int>(history_.size()) >= calls;
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&reached), absl::Minutes(5));
}

int DiaryBoard::day() const { return calls() / kCallsPerDay; }

std::optional<DiaryBoard::Known> DiaryBoard::Pick(std::mt19937& engine) const {
  const int today = day();
  const absl::MutexLock lock(&mutex_);
  std::vector<const Known*> choice;
  // The newest visits have the highest numbers.
  for (const auto& [number, known] : std::views::reverse(known_)) {
    if (known.place.day >= today - 1) choice.push_back(&known);
    if (choice.size() >= kCallsPerDay || number < visits_ - 2 * kCallsPerDay) break;
  }
  if (choice.empty()) return std::nullopt;
  return *choice[std::uniform_int_distribution<std::size_t>(0, choice.size() - 1)(engine)];
}

std::vector<DiaryCall> DiaryBoard::TakeHistory() {
  const absl::MutexLock lock(&mutex_);
  return std::move(history_);
}

std::vector<std::string> DiaryBoard::surprises() const {
  const absl::MutexLock lock(&mutex_);
  return surprises_;
}

DiaryClient::DiaryClient(Connect connect, const DiaryScene& scene, DiaryBoard& board, unsigned seed)
    : connect_(std::move(connect)),
      scene_(scene),
      board_(board),
      engine_(seed),
      ids_(clock_, random_),
      numbers_(scene.Numbers()) {}

bool DiaryClient::Chance(int percent) { return Below(100) < percent; }

int DiaryClient::Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(engine_); }

void DiaryClient::Reconnect() {
  client_.emplace(connect_());
  connected_on_ = board_.day();
}

VisitPlace DiaryClient::AnyPlace() {
  const int begin = kOpensAt + 15 * Below(kQuarters);
  VisitPlace place{.day = board_.day(), .minutes = {begin, begin + 15 * (1 + Below(4))}};
  place.resources.push_back(Below(DiaryScene::kPractitioners));
  if (Chance(66)) {
    place.resources.push_back(DiaryScene::kFirstChair + Below(DiaryScene::kChairs));
  }
  place.resources.push_back(DiaryScene::kFirstPatient + Below(DiaryScene::kPatients));
  return place;
}

std::optional<DiaryBoard::Known> DiaryClient::Understand(const Appointment& appointment) {
  DiaryBoard::Known known{.id = appointment.id(), .etag = appointment.etag()};
  const auto visit = VisitOf(appointment.reason());
  const auto version = rpc::ParseEtag(appointment.etag());
  const auto start = appointments::ParseLocal(appointment.local_start());
  if (!visit || !version || !start) return std::nullopt;
  known.visit = *visit;
  known.version = *version;
  known.cancelled = appointment.state() == Appointment::STATE_CANCELLED;
  known.place.day = static_cast<int>(absl::CivilDay(*start) - kFirstDay);
  const int begin = static_cast<int>(*start - absl::CivilMinute(kFirstDay + known.place.day));
  known.place.minutes = {begin, begin + appointment.duration_minutes()};
  for (const Allocation& part : appointment.allocations()) {
    known.place.resources.push_back(numbers_.at(part.resource_id()));
  }
  known.place.resources.push_back(numbers_.at(appointment.patient_id()));
  return known;
}

void DiaryClient::FillAllocations(const VisitPlace& place,
                                  google::protobuf::RepeatedPtrField<Allocation>& parts) {
  for (const int number : place.resources) {
    if (number < DiaryScene::kFirstPatient) *parts.Add() = scene_.AllocationOf(number);
  }
}

void DiaryClient::TakeRefusal(const Reply<Appointment>& reply, DiaryCall& call) {
  switch (reply.reason()) {
    case ErrorReason::APPOINTMENT_SLOT_TAKEN:
      call.outcome = DiaryOutcome::kTaken;
      call.taken = OfKinds(call.to->resources, reply.metadata("taken"));
      return;
    case ErrorReason::ETAG_MISMATCH:
      call.outcome = DiaryOutcome::kStale;
      return;
    case ErrorReason::APPOINTMENT_ILLEGAL_TRANSITION:
      call.outcome = DiaryOutcome::kCancelled;
      return;
    default:
      call.outcome = DiaryOutcome::kUnknown;
      call.responded = kNever;
      board_.Wonder(absl::StrCat(reply.code(), " ", type::v1::ErrorReason_Name(reply.reason()), " ",
                                 reply.status.error_message()));
  }
}

void DiaryClient::TakeAnswer(const Reply<Appointment>& reply, DiaryCall call) {
  call.responded = board_.Tick();
  if (!reply.ok()) {
    TakeRefusal(reply, call);
  } else if (const auto known = Understand(reply.response)) {
    const bool as_asked = known->visit == call.visit && known->version == call.version + 1 &&
                          (!call.to || SamePlace(known->place, *call.to));
    if (!as_asked) {
      board_.Wonder(absl::StrCat("not what was asked for: ", reply.response.ShortDebugString()));
    }
    board_.Learn(*known);
    if (Chance(5)) old_ = *known;
  } else {
    board_.Wonder("an answer without sense");
  }
  board_.Record(std::move(call));
}

template <typename Request>
void DiaryClient::Send(grpc::Status (AppointmentService::Stub::*method)(grpc::ClientContext*,
                                                                        const Request&,
                                                                        Appointment*),
                       Request request, DiaryCall call) {
  request.set_request_id(ids_.NewUuid().ToString());
  call.invoked = board_.Tick();
  while (true) {
    const Reply<Appointment> reply =
        client_->Call(client_->appointments(), method, request, absl::Seconds(10));
    if (!HadNoAnswer(reply.code())) return TakeAnswer(reply, std::move(call));
    client_->channel()->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    if (!Chance(25)) continue;
    call.outcome = DiaryOutcome::kUnknown;
    return board_.Record(std::move(call));
  }
}

void DiaryClient::Book() {
  const VisitPlace place = AnyPlace();
  const int visit = board_.NewVisit();
  appointments::v1::CreateAppointmentRequest request;
  Appointment& form = *request.mutable_appointment();
  form.set_patient_id(scene_.IdOf(place.resources.back()));
  form.set_practitioner_id(scene_.IdOf(place.resources[0]));
  form.set_local_start(LocalStartOf(kFirstDay + place.day, place.minutes.begin));
  form.set_duration_minutes(place.minutes.end - place.minutes.begin);
  form.set_reason(ReasonOfVisit(visit));
  FillAllocations(place, *form.mutable_allocations());
  Send(&AppointmentService::Stub::CreateAppointment, request,
       {.verb = DiaryVerb::kBook, .visit = visit, .to = place});
}

void DiaryClient::Move(const DiaryBoard::Known& known) {
  VisitPlace place = AnyPlace();
  // The patient stays the same one.
  place.resources.back() = known.place.resources.back();
  appointments::v1::RescheduleAppointmentRequest request;
  request.set_id(known.id);
  request.set_etag(known.etag);
  request.set_local_start(LocalStartOf(kFirstDay + place.day, place.minutes.begin));
  request.set_duration_minutes(place.minutes.end - place.minutes.begin);
  request.set_practitioner_id(scene_.IdOf(place.resources[0]));
  FillAllocations(place, *request.mutable_allocations()->mutable_allocations());
  Send(&AppointmentService::Stub::RescheduleAppointment, request,
       {.verb = DiaryVerb::kMove,
        .visit = known.visit,
        .version = known.version,
        .from = known.place,
        .to = place});
}

void DiaryClient::Cancel(const DiaryBoard::Known& known) {
  appointments::v1::CancelAppointmentRequest request;
  request.set_id(known.id);
  request.set_etag(known.etag);
  request.set_cancelled_by(appointments::v1::CANCELLED_BY_PATIENT);
  request.set_reason("has a cold");
  Send(&AppointmentService::Stub::CancelAppointment, request,
       {.verb = DiaryVerb::kCancel,
        .visit = known.visit,
        .version = known.version,
        .from = known.place});
}

void DiaryClient::Read(int day) {
  if (!client_) Reconnect();
  appointments::v1::ListAppointmentsRequest request;
  const absl::CivilDay date = kFirstDay + day;
  request.mutable_date()->set_year(static_cast<int>(date.year()));
  request.mutable_date()->set_month(date.month());
  request.mutable_date()->set_day(date.day());
  request.set_page_size(kPageSize);
  DiaryCall call{.verb = DiaryVerb::kRead, .day = day};
  for (int number = 0; number < scene_.count(); ++number) call.resources.push_back(number);
  Reply<appointments::v1::ListAppointmentsResponse> reply;
  do {
    call.invoked = board_.Tick();
    reply = client_->Call(client_->appointments(), &AppointmentService::Stub::ListAppointments,
                          request, absl::Seconds(10));
    if (HadNoAnswer(reply.code())) {
      client_->channel()->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    }
  } while (HadNoAnswer(reply.code()));
  call.responded = board_.Tick();
  if (!reply.ok() || !reply.response.next_page_token().empty()) {
    return board_.Wonder(absl::StrCat("no whole day: ", reply.code()));
  }
  for (const Appointment& appointment : reply.response.appointments()) {
    const auto known = Understand(appointment);
    if (!known) return board_.Wonder("a day without sense");
    board_.Learn(*known);
    call.seen.push_back({known->visit, known->version, known->place});
  }
  board_.Record(std::move(call));
}

void DiaryClient::Act() {
  if (!client_ || connected_on_ != board_.day()) Reconnect();
  const int what = Below(100);
  if (what < 10) return Read(board_.day());
  std::optional<DiaryBoard::Known> known = old_ && Chance(10) ? old_ : board_.Pick(engine_);
  // Few try to change what has been cancelled.
  if (known && known->cancelled && Chance(80)) known.reset();
  if (what < 50 || !known) return Book();
  return what < 80 ? Move(*known) : Cancel(*known);
}

}  // namespace clinicd::testing
