#include "tests/contract/api_services.h"

#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "clinicd/appointments/v1/calendar_feed_service.pb.h"
#include "clinicd/appointments/v1/diary_service.pb.h"
#include "clinicd/appointments/v1/resource_service.pb.h"
#include "clinicd/appointments/v1/schedule_service.pb.h"
#include "clinicd/appointments/v1/series_service.pb.h"
#include "clinicd/appointments/v1/visit_type_service.pb.h"
#include "clinicd/appointments/v1/waitlist_service.pb.h"
#include "clinicd/audit/v1/audit_finding_service.pb.h"
#include "clinicd/audit/v1/audit_log_service.pb.h"
#include "clinicd/audit/v1/audit_service.pb.h"
#include "clinicd/audit/v1/audit_settings_service.pb.h"
#include "clinicd/audit/v1/isolation_certificate_service.pb.h"
#include "clinicd/audit/v1/legal_hold_service.pb.h"
#include "clinicd/identity/v1/clinic_service.pb.h"
#include "clinicd/identity/v1/practitioner_service.pb.h"
#include "clinicd/identity/v1/session_service.pb.h"
#include "clinicd/identity/v1/user_service.pb.h"
#include "clinicd/patients/v1/patient_service.pb.h"

namespace clinicd::testing {

std::vector<const google::protobuf::ServiceDescriptor*> ApiServices() {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const auto* file :
       {identity::v1::SignInRequest::descriptor()->file(),
        identity::v1::Clinic::descriptor()->file(), identity::v1::User::descriptor()->file(),
        identity::v1::Practitioner::descriptor()->file(),
        patients::v1::Patient::descriptor()->file(),
        appointments::v1::Appointment::descriptor()->file(),
        appointments::v1::CalendarFeed::descriptor()->file(),
        appointments::v1::Diary::descriptor()->file(),
        appointments::v1::Resource::descriptor()->file(),
        appointments::v1::ScheduleException::descriptor()->file(),
        appointments::v1::Series::descriptor()->file(),
        appointments::v1::VisitType::descriptor()->file(),
        appointments::v1::WaitlistEntry::descriptor()->file(),
        audit::v1::AccessFinding::descriptor()->file(),
        audit::v1::AuditSettings::descriptor()->file(), audit::v1::Checkpoint::descriptor()->file(),
        audit::v1::Event::descriptor()->file(),
        audit::v1::IsolationCertificate::descriptor()->file(),
        audit::v1::LegalHold::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

}  // namespace clinicd::testing
