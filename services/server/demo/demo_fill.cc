#include "services/server/demo/demo_fill.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "clinicd/appointments/v1/appointment_service.grpc.pb.h"
#include "clinicd/appointments/v1/resource_service.grpc.pb.h"
#include "clinicd/appointments/v1/schedule_service.grpc.pb.h"
#include "clinicd/appointments/v1/visit_type_service.grpc.pb.h"
#include "clinicd/identity/v1/practitioner_service.grpc.pb.h"
#include "clinicd/identity/v1/user_service.grpc.pb.h"
#include "clinicd/patients/v1/patient_service.grpc.pb.h"
#include "clinicd/sdk/session.h"
#include "common/base/try.h"
#include "services/server/client/lanes.h"
#include "services/server/client/patience.h"

namespace clinicd::demo {
namespace {

using appointments::v1::AppointmentService;
using appointments::v1::ResourceService;
using appointments::v1::ScheduleService;
using appointments::v1::VisitTypeService;
using identity::v1::PractitionerService;
using identity::v1::UserService;
using patients::v1::PatientService;

constexpr std::size_t kInFlight = 4;

struct Created {
  std::string id;
  bool existed = false;
};

// The id of what was created, or of what was there with the same external id.
template <typename Resource>
absl::StatusOr<Created> CreatedOrThere(const absl::StatusOr<Resource>& reply) {
  if (reply.ok()) return Created{.id = reply->id()};
  const std::string id = sdk::MetadataOf(reply.status(), "id");
  if (!absl::IsAlreadyExists(reply.status()) || id.empty()) return reply.status();
  return Created{.id = id, .existed = true};
}

// The first error of several threads.
class FirstError final {
 public:
  void Add(const absl::Status& status) {
    const absl::MutexLock lock(&mutex_);
    status_.Update(status);
  }
  absl::Status Get() const {
    const absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

// Fills one clinic.
class ClinicFill final {
 public:
  ClinicFill(const DemoClinic& clinic, std::shared_ptr<grpc::Channel> channel, Progress& progress)
      : clinic_(clinic),
        progress_(progress),
        channel_(std::move(channel)),
        practitioners_(PractitionerService::NewStub(channel_)),
        patients_(PatientService::NewStub(channel_)),
        appointments_(AppointmentService::NewStub(channel_)),
        resources_(ResourceService::NewStub(channel_)),
        schedules_(ScheduleService::NewStub(channel_)),
        visit_types_(VisitTypeService::NewStub(channel_)),
        users_(UserService::NewStub(channel_)),
        practitioner_ids_(clinic.practitioners.size()),
        patient_ids_(clinic.patients.size()) {}

  absl::Status Run() {
    const auto total = clinic_.practitioners.size() + clinic_.locations.size() +
                       clinic_.resources.size() + clinic_.visit_types.size() +
                       clinic_.patients.size() + clinic_.appointments.size();
    progress_.Start(clinic_.slug, static_cast<std::int64_t>(total));
    CLINICD_ASSIGN_OR_RETURN(const auto owner, SignIn(identity::v1::ROLE_OWNER));
    CLINICD_RETURN_IF_ERROR(CreatePractitioners(*owner));
    CLINICD_RETURN_IF_ERROR(CreateResources(*owner));
    CLINICD_RETURN_IF_ERROR(CreateVisitTypes(*owner));
    CLINICD_RETURN_IF_ERROR(SetHours(*owner));
    CLINICD_RETURN_IF_ERROR(AddExtraHours(*owner));
    CLINICD_RETURN_IF_ERROR(owner->SignOut());
    CLINICD_ASSIGN_OR_RETURN(const auto reception, SignIn(identity::v1::ROLE_RECEPTIONIST));
    CLINICD_RETURN_IF_ERROR(CreatePatients(*reception));
    CLINICD_RETURN_IF_ERROR(CreateAppointments(*reception));
    CLINICD_RETURN_IF_ERROR(reception->SignOut());
    progress_.Finish();
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<std::unique_ptr<sdk::Session>> SignIn(identity::v1::Role role) const {
    const DemoUser& user = UserWith(clinic_, role);
    return sdk::Session::SignIn(
        channel_, {.clinic_slug = clinic_.slug, .email = user.email, .password = user.password},
        {.retry = client::Patience()});
  }

  // The id of the clinic's user with the role; empty if there is none.
  absl::StatusOr<std::string> UserId(sdk::Session& session, identity::v1::Role role) const {
    CLINICD_ASSIGN_OR_RETURN(
        const identity::v1::ListUsersResponse list,
        session.Call(*users_, &UserService::Stub::ListUsers, identity::v1::ListUsersRequest()));
    for (const identity::v1::User& user : list.users()) {
      if (user.email() == UserWith(clinic_, role).email) return user.id();
    }
    return std::string();
  }

  absl::Status CreatePractitioners(sdk::Session& session) {
    for (std::size_t i = 0; i < clinic_.practitioners.size(); ++i) {
      identity::v1::CreatePractitionerRequest request;
      *request.mutable_practitioner() = clinic_.practitioners[i];
      if (i < 2) {
        CLINICD_ASSIGN_OR_RETURN(*request.mutable_practitioner()->mutable_user_id(),
                                 UserId(session, i == 0 ? identity::v1::ROLE_PRACTITIONER
                                                        : identity::v1::ROLE_HYGIENIST));
      }
      CLINICD_ASSIGN_OR_RETURN(
          const Created created,
          CreatedOrThere(session.Call(*practitioners_,
                                      &PractitionerService::Stub::CreatePractitioner, request)));
      practitioner_ids_[i] = created.id;
      progress_.Advance();
    }
    return absl::OkStatus();
  }

  absl::Status CreateResources(sdk::Session& session) {
    std::vector<std::string> location_ids;
    for (const appointments::v1::Location& location : clinic_.locations) {
      appointments::v1::CreateLocationRequest request;
      *request.mutable_location() = location;
      CLINICD_ASSIGN_OR_RETURN(const Created created,
                               CreatedOrThere(session.Call(
                                   *resources_, &ResourceService::Stub::CreateLocation, request)));
      location_ids.push_back(created.id);
      progress_.Advance();
    }
    for (const DemoResource& planned : clinic_.resources) {
      appointments::v1::CreateResourceRequest request;
      *request.mutable_resource() = planned.resource;
      if (planned.location) {
        request.mutable_resource()->set_location_id(location_ids[*planned.location]);
      }
      CLINICD_RETURN_IF_ERROR(
          CreatedOrThere(session.Call(*resources_, &ResourceService::Stub::CreateResource, request))
              .status());
      progress_.Advance();
    }
    return absl::OkStatus();
  }

  absl::Status CreateVisitTypes(sdk::Session& session) {
    for (const appointments::v1::VisitType& visit_type : clinic_.visit_types) {
      appointments::v1::CreateVisitTypeRequest request;
      *request.mutable_visit_type() = visit_type;
      CLINICD_ASSIGN_OR_RETURN(
          const Created created,
          CreatedOrThere(
              session.Call(*visit_types_, &VisitTypeService::Stub::CreateVisitType, request)));
      visit_type_ids_.push_back(created.id);
      progress_.Advance();
    }
    return absl::OkStatus();
  }

  // Leaves hours alone that are there.
  absl::Status SetHours(sdk::Session& session) const {
    appointments::v1::GetWorkingHoursRequest get;
    get.mutable_owner()->set_kind(appointments::v1::ScheduleOwner::KIND_LOCATION);
    CLINICD_ASSIGN_OR_RETURN(
        const appointments::v1::WorkingHours there,
        session.Call(*schedules_, &ScheduleService::Stub::GetWorkingHours, get));
    if (there.hours_size() > 0) return absl::OkStatus();
    appointments::v1::SetWorkingHoursRequest set;
    *set.mutable_owner() = get.owner();
    set.mutable_hours()->Assign(clinic_.hours.begin(), clinic_.hours.end());
    set.set_etag(there.etag());
    return session.Call(*schedules_, &ScheduleService::Stub::SetWorkingHours, set).status();
  }

  absl::Status AddExtraHours(sdk::Session& session) const {
    if (clinic_.extra_hours.empty()) return absl::OkStatus();
    appointments::v1::ListScheduleExceptionsRequest list;
    *list.mutable_first_date() = clinic_.extra_hours.front().first_date();
    *list.mutable_last_date() = list.first_date();
    *list.mutable_owner() = clinic_.extra_hours.front().owner();
    CLINICD_ASSIGN_OR_RETURN(
        const appointments::v1::ListScheduleExceptionsResponse there,
        session.Call(*schedules_, &ScheduleService::Stub::ListScheduleExceptions, list));
    if (there.exceptions_size() > 0) return absl::OkStatus();
    for (const appointments::v1::ScheduleException& extra : clinic_.extra_hours) {
      appointments::v1::CreateScheduleExceptionRequest create;
      *create.mutable_exception() = extra;
      CLINICD_RETURN_IF_ERROR(
          session.Call(*schedules_, &ScheduleService::Stub::CreateScheduleException, create)
              .status());
    }
    return absl::OkStatus();
  }

  absl::Status CreatePatients(sdk::Session& session) {
    FirstError error;
    client::Lanes lanes(kInFlight);
    for (std::size_t i = 0; i < clinic_.patients.size() && error.Get().ok(); ++i) {
      lanes.Submit(i, [this, i, &session, &error] { error.Add(CreatePatient(session, i)); });
    }
    lanes.Drain();
    return error.Get();
  }

  absl::Status CreatePatient(sdk::Session& session, std::size_t i) {
    patients::v1::CreatePatientRequest request;
    *request.mutable_patient() = clinic_.patients[i];
    CLINICD_ASSIGN_OR_RETURN(
        const Created created,
        CreatedOrThere(session.Call(*patients_, &PatientService::Stub::CreatePatient, request)));
    patient_ids_[i] = created.id;
    progress_.Advance();
    return absl::OkStatus();
  }

  absl::Status CreateAppointments(sdk::Session& session) {
    FirstError error;
    client::Lanes lanes(kInFlight);
    for (const DemoAppointment& planned : clinic_.appointments) {
      if (!error.Get().ok()) break;
      lanes.Submit(planned.practitioner, [this, &planned, &session, &error] {
        error.Add(CreateAppointment(session, planned));
      });
    }
    lanes.Drain();
    return error.Get();
  }

  absl::Status CreateAppointment(sdk::Session& session, const DemoAppointment& planned) {
    appointments::v1::CreateAppointmentRequest request;
    *request.mutable_appointment() = planned.appointment;
    request.mutable_appointment()->set_patient_id(patient_ids_[planned.patient]);
    request.mutable_appointment()->set_practitioner_id(practitioner_ids_[planned.practitioner]);
    request.mutable_appointment()->set_visit_type_id(visit_type_ids_[planned.visit_type]);
    CLINICD_ASSIGN_OR_RETURN(
        const Created created,
        CreatedOrThere(
            session.Call(*appointments_, &AppointmentService::Stub::CreateAppointment, request)));
    progress_.Advance();
    if (created.existed || !planned.cancel_reason) return absl::OkStatus();
    appointments::v1::CancelAppointmentRequest cancel;
    cancel.set_id(created.id);
    cancel.set_cancelled_by(appointments::v1::CANCELLED_BY_PATIENT);
    cancel.set_reason(*planned.cancel_reason);
    return session.Call(*appointments_, &AppointmentService::Stub::CancelAppointment, cancel)
        .status();
  }

  const DemoClinic& clinic_;
  Progress& progress_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<PractitionerService::Stub> practitioners_;
  const std::unique_ptr<PatientService::Stub> patients_;
  const std::unique_ptr<AppointmentService::Stub> appointments_;
  const std::unique_ptr<ResourceService::Stub> resources_;
  const std::unique_ptr<ScheduleService::Stub> schedules_;
  const std::unique_ptr<VisitTypeService::Stub> visit_types_;
  const std::unique_ptr<UserService::Stub> users_;
  std::vector<std::string> practitioner_ids_;
  std::vector<std::string> visit_type_ids_;
  // Each element is written by one thread.
  std::vector<std::string> patient_ids_;
};

}  // namespace

absl::Status FillDemo(const DemoPlan& plan, const std::shared_ptr<grpc::Channel>& channel,
                      Progress& progress) {
  for (const DemoClinic& clinic : plan.clinics) {
    const absl::Status status = ClinicFill(clinic, channel, progress).Run();
    if (!status.ok()) {
      return absl::Status(status.code(), absl::StrCat("Cannot fill the demo clinic ", clinic.slug,
                                                      ": ", std::string(status.message())));
    }
  }
  return absl::OkStatus();
}

}  // namespace clinicd::demo
