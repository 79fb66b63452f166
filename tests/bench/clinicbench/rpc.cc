#include "tests/bench/clinicbench/rpc.h"

#include <grpcpp/support/status_code_enum.h>

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "clinicd/appointments/v1/diary_service.pb.h"
#include "clinicd/appointments/v1/schedule_service.pb.h"
#include "clinicd/identity/v1/session_service.pb.h"
#include "clinicd/patients/v1/patient_service.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace clinicd::bench {
namespace {

namespace appointments = appointments::v1;
namespace patients = patients::v1;

constexpr int kSlotsOfSearch = 20;
constexpr int kDaysOfSearch = 28;

void SetDate(absl::CivilDay day, google::type::Date& date) {
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
}

RpcRequest Request(std::string_view service, const google::protobuf::Message& message) {
  return {absl::StrCat("/clinicd.", absl::string_view(service.data(), service.size())),
          message.SerializeAsString()};
}

RpcRequest Book(const Operation& operation) {
  appointments::CreateAppointmentRequest request;
  appointments::Appointment& form = *request.mutable_appointment();
  form.set_patient_id(PatientIdOf(operation.patient));
  form.set_practitioner_id(PractitionerIdOf(operation.practitioner));
  form.set_local_start(absl::FormatTime("%Y-%m-%dT%H:%M", operation.starts_at, ZoneOfClinics()));
  form.set_duration_minutes(kBookingMinutes);
  request.set_request_id(RequestIdOf(operation));
  return Request("appointments.v1.AppointmentService/CreateAppointment", request);
}

RpcRequest FindSlots(const Operation& operation, const Dataset& dataset) {
  appointments::FindSlotsRequest request;
  request.set_duration_minutes(30);
  for (int i = 1; i <= operation.practitioner; ++i) {
    request.add_practitioner_ids(PractitionerIdOf(i));
  }
  const absl::CivilDay first = dataset.first_day + dataset.days / 2 + 1;
  SetDate(first, *request.mutable_first_date());
  SetDate(first + kDaysOfSearch - 1, *request.mutable_last_date());
  request.set_limit(kSlotsOfSearch);
  return Request("appointments.v1.ScheduleService/FindSlots", request);
}

RpcRequest GetDiary(const Operation& operation, const Dataset& dataset) {
  appointments::GetDiaryRequest request;
  SetDate(dataset.first_day + (dataset.days - kBigDays) / 2 + operation.day,
          *request.mutable_first_date());
  request.set_grouping(appointments::GetDiaryRequest::GROUPING_PRACTITIONER);
  return Request("appointments.v1.DiaryService/GetDiary", request);
}

Judgement Wrong(std::string note) { return {Verdict::kWrong, std::move(note)}; }

bool OfClinic(const std::string& given_name, int clinic) {
  return absl::EndsWith(given_name, absl::StrCat("c", clinic));
}

Judgement JudgePatient(const Operation& operation, std::string_view bytes) {
  patients::Patient patient;
  if (!patient.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Wrong("not a patient");
  }
  if (patient.id() != PatientIdOf(operation.patient)) return Wrong("another patient");
  if (patient.given_name() != GivenNameOf(operation.patient, operation.clinic)) {
    return Wrong("a patient of another clinic");
  }
  return {};
}

Judgement JudgeDay(const Operation& operation, std::string_view bytes) {
  appointments::ListAppointmentsResponse response;
  if (!response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Wrong("not a list");
  }
  if (response.appointments_size() != kVisitsOfDay) {
    return Wrong(absl::StrCat(response.appointments_size(), " visits"));
  }
  const std::string practitioner = PractitionerIdOf(operation.practitioner);
  for (const appointments::Appointment& visit : response.appointments()) {
    if (visit.practitioner_id() != practitioner) return Wrong("another practitioner");
    if (!OfClinic(visit.patient_given_name(), operation.clinic)) return Wrong("another clinic");
  }
  return {};
}

Judgement JudgeSearch(const Operation& operation, std::string_view bytes) {
  patients::SearchPatientsResponse response;
  if (!response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Wrong("not a list");
  }
  if (response.patients_size() != kPageRows) {
    return Wrong(absl::StrCat(response.patients_size(), " patients"));
  }
  const std::string family = FamilyNameOf(FamilyOf(operation.patient));
  for (const patients::Patient& patient : response.patients()) {
    if (patient.family_name() != family) return Wrong("another family");
    if (!OfClinic(patient.given_name(), operation.clinic)) return Wrong("another clinic");
  }
  return {};
}

Judgement JudgeVisit(const Operation& operation, std::string_view bytes) {
  appointments::Appointment visit;
  if (!visit.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Wrong("not a visit");
  }
  if (visit.patient_id() != PatientIdOf(operation.patient) ||
      visit.practitioner_id() != PractitionerIdOf(operation.practitioner) ||
      visit.patient_given_name() != GivenNameOf(operation.patient, operation.clinic)) {
    return Wrong("another visit");
  }
  if (operation.workload == Workload::kCheckIn) {
    const bool arrived = visit.id() == ArrivalIdOf(operation.arrival) &&
                         visit.state() == appointments::Appointment::STATE_ARRIVED;
    return arrived ? Judgement() : Wrong("not arrived");
  }
  if (operation.conflict == true) return Wrong("booked what was taken");
  return {};
}

Judgement JudgeDiary(const Operation& operation, std::string_view bytes) {
  appointments::Diary diary;
  if (!diary.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Wrong("not a diary");
  }
  if (diary.columns_size() != kBigPractitioners ||
      diary.visits_size() != kBigPractitioners * kBigVisitsOfDay) {
    return Wrong(absl::StrCat(diary.columns_size(), " columns, ", diary.visits_size(), " visits"));
  }
  for (const appointments::DiaryVisit& visit : diary.visits()) {
    if (!OfClinic(visit.appointment().patient_given_name(), operation.clinic)) {
      return Wrong("another clinic");
    }
  }
  return {};
}

Judgement JudgeSlots(std::string_view bytes) {
  appointments::FindSlotsResponse response;
  if (!response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Wrong("not a list");
  }
  if (response.openings_size() != kSlotsOfSearch) {
    return Wrong(absl::StrCat(response.openings_size(), " openings"));
  }
  return {};
}

std::string ReasonOf(std::string_view details) {
  google::rpc::Status status;
  if (!status.ParseFromArray(details.data(), static_cast<int>(details.size()))) return {};
  google::rpc::ErrorInfo info;
  for (const google::protobuf::Any& detail : status.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return {};
}

Judgement JudgeError(const Operation& operation, const RpcAnswer& answer) {
  const std::string reason = ReasonOf(answer.details);
  if (operation.workload == Workload::kEmpty && answer.code == grpc::StatusCode::UNAUTHENTICATED &&
      reason == "REFRESH_TOKEN_INVALID") {
    return {};
  }
  const std::string note = absl::StrCat("code ", answer.code, " ", reason);
  if (operation.conflict != false && answer.code == grpc::StatusCode::FAILED_PRECONDITION &&
      reason == "APPOINTMENT_SLOT_TAKEN") {
    return {Verdict::kTaken, note};
  }
  if (answer.code == grpc::StatusCode::RESOURCE_EXHAUSTED ||
      answer.code == grpc::StatusCode::UNAVAILABLE ||
      answer.code == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return {Verdict::kRefused, note};
  }
  return Wrong(note);
}

}  // namespace

std::string RequestIdOf(const Operation& operation) {
  return absl::StrFormat("0190b0b0-%04x-7%03x-8%03x-%012x", operation.random >> 48,
                         (operation.random >> 36) & 0xfff, (operation.random >> 24) & 0xfff,
                         operation.random & 0xffffffffffff);
}

RpcRequest Encode(const Operation& operation, const Dataset& dataset) {
  switch (operation.workload) {
    case Workload::kEmpty: {
      identity::v1::RefreshRequest request;
      request.set_refresh_token("none");
      return Request("identity.v1.SessionService/Refresh", request);
    }
    case Workload::kListDay: {
      appointments::ListAppointmentsRequest request;
      SetDate(dataset.first_day + operation.day, *request.mutable_date());
      request.set_practitioner_id(PractitionerIdOf(operation.practitioner));
      return Request("appointments.v1.AppointmentService/ListAppointments", request);
    }
    case Workload::kSearchPatients: {
      patients::SearchPatientsRequest request;
      request.set_query(FamilyNameOf(FamilyOf(operation.patient)));
      return Request("patients.v1.PatientService/SearchPatients", request);
    }
    case Workload::kBook:
    case Workload::kHotDay:
    case Workload::kMakeKeys:
      return Book(operation);
    case Workload::kCheckIn: {
      appointments::CheckInAppointmentRequest request;
      request.set_id(ArrivalIdOf(operation.arrival));
      request.set_request_id(RequestIdOf(operation));
      return Request("appointments.v1.AppointmentService/CheckInAppointment", request);
    }
    case Workload::kDiary:
      return GetDiary(operation, dataset);
    case Workload::kFindSlots:
      return FindSlots(operation, dataset);
    case Workload::kGetPatient:
    case Workload::kMix:
      break;
  }
  patients::GetPatientRequest request;
  request.set_id(PatientIdOf(operation.patient));
  return Request("patients.v1.PatientService/GetPatient", request);
}

Judgement Judge(const Operation& operation, const RpcAnswer& answer) {
  if (answer.code != grpc::StatusCode::OK) return JudgeError(operation, answer);
  switch (operation.workload) {
    case Workload::kEmpty:
      return Wrong("a session for nothing");
    case Workload::kListDay:
      return JudgeDay(operation, answer.message);
    case Workload::kSearchPatients:
      return JudgeSearch(operation, answer.message);
    case Workload::kBook:
    case Workload::kHotDay:
    case Workload::kMakeKeys:
    case Workload::kCheckIn:
      return JudgeVisit(operation, answer.message);
    case Workload::kDiary:
      return JudgeDiary(operation, answer.message);
    case Workload::kFindSlots:
      return JudgeSlots(answer.message);
    case Workload::kGetPatient:
    case Workload::kMix:
      break;
  }
  return JudgePatient(operation, answer.message);
}

}  // namespace clinicd::bench
