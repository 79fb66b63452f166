#include "services/server/isolation/method_cases.h"

namespace clinicd::isolation {
namespace {

using grpc::StatusCode;

// Output-only fields that identify something are filled in, too: the server must ignore them.
constexpr MethodCase kCases[] = {
    {"clinicd.identity.v1.SessionService/SignIn",
     R"(clinic_slug: "{slug}" email: "{login}" password: "{password}")"},
    {"clinicd.identity.v1.SessionService/Refresh", R"(refresh_token: "{refresh_token}")"},
    {"clinicd.identity.v1.SessionService/SignOut", R"(request_id: "{request_id}")", StatusCode::OK,
     true},
    // Users of the suite have no password, so that none has to be hashed.
    {"clinicd.identity.v1.SessionService/ChangePassword",
     R"(old_password: "seven green lanterns" new_password: "eight quiet harbours"
        request_id: "{request_id}")",
     StatusCode::UNAUTHENTICATED},
    {"clinicd.identity.v1.SessionService/ListSessions",
     R"(page_size: 200 page_token: "{page_token}")"},
    {"clinicd.identity.v1.SessionService/RevokeSession",
     R"(id: "{session}" request_id: "{request_id}")"},
    {"clinicd.identity.v1.SessionService/WhoAmI", ""},
    {"clinicd.identity.v1.ClinicService/GetClinic", ""},
    {"clinicd.identity.v1.ClinicService/UpdateClinic",
     R"(clinic { id: "{clinic}" slug: "{slug}" name: "Changed" time_zone: "Europe/Lisbon"
                 locale: "pt-PT" etag: "{clinic_etag}" }
        update_mask { paths: "name" paths: "time_zone" } request_id: "{request_id}")"},
    {"clinicd.identity.v1.PractitionerService/GetPractitioner", R"(id: "{practitioner}")"},
    {"clinicd.identity.v1.PractitionerService/ListPractitioners",
     R"(page_size: 200 page_token: "{page_token}" show_inactive: true)"},
    {"clinicd.identity.v1.PractitionerService/CreatePractitioner",
     R"(practitioner { id: "{practitioner}" user_id: "{user}" given_name: "New"
                       family_name: "Practitioner" external_id: "{practitioner_external_id}" }
        request_id: "{request_id}")"},
    {"clinicd.identity.v1.PractitionerService/UpdatePractitioner",
     R"(practitioner { id: "{practitioner}" user_id: "{user}" given_name: "Changed"
                       family_name: "Practitioner" active: true etag: "{etag}"
                       external_id: "{practitioner_external_id}" }
        update_mask { paths: "given_name" paths: "user_id" } request_id: "{request_id}")"},
    {"clinicd.identity.v1.UserService/GetUser", R"(id: "{user}")"},
    {"clinicd.identity.v1.UserService/ListUsers", R"(page_size: 200 page_token: "{page_token}")"},
    {"clinicd.identity.v1.UserService/CreateUser",
     R"(user { id: "{user}" email: "{email}" given_name: "New" family_name: "User"
               roles: ROLE_ASSISTANT }
        initial_password: "seven green lanterns" request_id: "{request_id}")"},
    {"clinicd.identity.v1.UserService/UpdateUser",
     R"(user { id: "{user}" email: "{email}" given_name: "Changed" family_name: "User"
               etag: "{etag}" }
        update_mask { paths: "given_name" } request_id: "{request_id}")"},
    {"clinicd.identity.v1.UserService/SetUserRoles",
     R"(id: "{user}" roles: ROLE_HYGIENIST etag: "{etag}" request_id: "{request_id}")"},
    {"clinicd.identity.v1.UserService/DisableUser", R"(id: "{user}" request_id: "{request_id}")"},
    {"clinicd.identity.v1.UserService/EnableUser", R"(id: "{user}" request_id: "{request_id}")"},
    {"clinicd.patients.v1.PatientService/GetPatient", R"(id: "{patient}")"},
    {"clinicd.patients.v1.PatientService/ListPatients",
     R"(page_size: 200 page_token: "{page_token}")"},
    {"clinicd.patients.v1.PatientService/SearchPatients",
     R"(query: "{word}" page_size: 100 page_token: "{page_token}")"},
    {"clinicd.patients.v1.PatientService/CreatePatient",
     R"(patient { id: "{patient}" given_name: "New" family_name: "Patient"
                  birth_date { year: 1990 month: 5 day: 4 } email: "{email}"
                  file_number: "{file_number}" external_id: "{patient_external_id}" }
        request_id: "{request_id}")"},
    {"clinicd.patients.v1.PatientService/UpdatePatient",
     R"(patient { id: "{patient}" given_name: "Changed" family_name: "Patient"
                  birth_date { year: 1990 month: 5 day: 4 } email: "{email}"
                  file_number: "{file_number}" external_id: "{patient_external_id}"
                  etag: "{etag}" }
        update_mask { paths: "given_name" paths: "file_number" paths: "email" }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/GetAppointment", R"(id: "{appointment}")"},
    {"clinicd.appointments.v1.AppointmentService/ListAppointments",
     R"(date { year: 2031 month: 3 day: 3 } practitioner_id: "{practitioner}"
        show_cancelled: true page_size: 500 page_token: "{page_token}")"},
    {"clinicd.appointments.v1.AppointmentService/CreateAppointment",
     R"(appointment { id: "{appointment}" patient_id: "{patient}"
                      practitioner_id: "{practitioner}" visit_type_id: "{visit_type}"
                      local_start: "2031-03-04T09:30"
                      duration_minutes: 30 external_id: "{appointment_external_id}"
                      series_id: "{series}"
                      allocations { kind: RESOURCE_KIND_PRACTITIONER resource_id: "{practitioner}" }
                      allocations { kind: RESOURCE_KIND_CHAIR resource_id: "{resource}" } }
        hold_id: "{hold}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/OverbookAppointment",
     R"(appointment { id: "{appointment}" patient_id: "{patient}"
                      practitioner_id: "{practitioner}" visit_type_id: "{visit_type}"
                      local_start: "2031-03-05T09:30"
                      duration_minutes: 30 external_id: "{appointment_external_id}"
                      series_id: "{series}"
                      allocations { kind: RESOURCE_KIND_PRACTITIONER resource_id: "{practitioner}" }
                      allocations { kind: RESOURCE_KIND_CHAIR resource_id: "{resource}" } }
        overbook_reason: "Pain" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/RescheduleAppointment",
     R"(id: "{appointment}" etag: "{etag}" local_start: "2031-03-06T09:30"
        practitioner_id: "{practitioner}" visit_type_id: "{visit_type}"
        allocations {
          allocations { kind: RESOURCE_KIND_PRACTITIONER resource_id: "{practitioner}" }
          allocations { kind: RESOURCE_KIND_CHAIR resource_id: "{resource}" } }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/HoldSlot",
     R"(hold { id: "{hold}" practitioner_id: "{practitioner}" local_start: "2031-03-07T09:30"
               duration_minutes: 30
               allocations { kind: RESOURCE_KIND_PRACTITIONER resource_id: "{practitioner}" }
               allocations { kind: RESOURCE_KIND_CHAIR resource_id: "{resource}" } }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/ReleaseHold",
     R"(id: "{hold}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/ConfirmAppointment",
     R"(id: "{appointment}" etag: "{etag}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/CancelAppointment",
     R"(id: "{appointment}" cancelled_by: CANCELLED_BY_PATIENT reason: "Ill" etag: "{etag}"
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/CheckInAppointment",
     R"(id: "{appointment}" etag: "{etag}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/SeatAppointment",
     R"(id: "{arrived_appointment}" etag: "{etag}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/CompleteAppointment",
     R"(id: "{seated_appointment}" etag: "{etag}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/ReopenAppointment",
     R"(id: "{completed_appointment}" reason: "Bleeds" etag: "{etag}"
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/MarkAppointmentNoShow",
     R"(id: "{missed_appointment}" etag: "{etag}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/MarkAppointmentEnteredInError",
     R"(id: "{appointment}" reason: "Twice" etag: "{etag}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/ListAppointmentEvents",
     R"(appointment_id: "{appointment}")"},
    {"clinicd.appointments.v1.AppointmentService/GetPatientAttendance",
     R"(patient_id: "{patient}")"},
    {"clinicd.appointments.v1.AppointmentService/SetDiaryLink",
     R"(linked: true request_id: "{request_id}")"},
    {"clinicd.appointments.v1.AppointmentService/WatchDay",
     R"(date { year: 2031 month: 3 day: 3 } practitioner_id: "{practitioner}"
        show_cancelled: true resume_token: "{page_token}")"},
    {"clinicd.appointments.v1.SeriesService/PreviewSeries",
     R"(series { id: "{series}" continues_id: "{series}" rule: "FREQ=WEEKLY;COUNT=3"
                 appointment {
                   id: "{appointment}" patient_id: "{patient}" series_id: "{series}"
                   practitioner_id: "{practitioner}" visit_type_id: "{visit_type}"
                   local_start: "2033-05-03T09:30"
                   duration_minutes: 30 external_id: "{appointment_external_id}"
                   allocations { kind: RESOURCE_KIND_PRACTITIONER resource_id: "{practitioner}" }
                   allocations { kind: RESOURCE_KIND_CHAIR resource_id: "{resource}" } } })"},
    {"clinicd.appointments.v1.SeriesService/CreateSeries",
     R"(series { id: "{series}" continues_id: "{series}" rule: "FREQ=WEEKLY;COUNT=3"
                 appointment {
                   id: "{appointment}" patient_id: "{patient}" series_id: "{series}"
                   practitioner_id: "{practitioner}" visit_type_id: "{visit_type}"
                   local_start: "2033-05-03T11:30"
                   duration_minutes: 30 external_id: "{appointment_external_id}"
                   allocations { kind: RESOURCE_KIND_PRACTITIONER resource_id: "{practitioner}" }
                   allocations { kind: RESOURCE_KIND_CHAIR resource_id: "{resource}" } } }
        conflict_policy: SERIES_CONFLICT_POLICY_SKIP request_id: "{request_id}")"},
    {"clinicd.appointments.v1.SeriesService/GetSeries", R"(id: "{series}")"},
    {"clinicd.appointments.v1.SeriesService/ListSeriesAppointments",
     R"(series_id: "{series}" page_size: 500 page_token: "{page_token}")"},
    {"clinicd.appointments.v1.SeriesService/UpdateSeries",
     R"(id: "{series}" scope: SERIES_SCOPE_THIS_AND_FOLLOWING
        appointment_id: "{series_appointment}" etag: "{etag}" local_time: "23:45"
        practitioner_id: "{practitioner}"
        allocations {
          allocations { kind: RESOURCE_KIND_PRACTITIONER resource_id: "{practitioner}" }
          allocations { kind: RESOURCE_KIND_CHAIR resource_id: "{resource}" } }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.SeriesService/CancelSeries",
     R"(id: "{series}" scope: SERIES_SCOPE_THIS_AND_FOLLOWING
        appointment_id: "{series_appointment}" cancelled_by: CANCELLED_BY_PATIENT reason: "Ill"
        etag: "{etag}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.CalendarFeedService/CreateCalendarFeed",
     R"(calendar_feed { id: "{calendar_feed}" practitioner_id: "{practitioner}" }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.CalendarFeedService/ListCalendarFeeds",
     R"(practitioner_id: "{practitioner}" page_size: 200 page_token: "{page_token}"
        show_revoked: true)"},
    {"clinicd.appointments.v1.CalendarFeedService/RevokeCalendarFeed",
     R"(id: "{calendar_feed}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.DiaryService/GetDiary",
     R"(grouping: GROUPING_PRACTITIONER column_ids: "{practitioner}" show_cancelled: true
        first_date { year: 2031 month: 3 day: 3 } day_count: 7)"},
    {"clinicd.appointments.v1.DiaryService/GetWaitingRoom", R"(location_ids: "{location}")"},
    {"clinicd.appointments.v1.ResourceService/GetLocation", R"(id: "{location}")"},
    {"clinicd.appointments.v1.ResourceService/ListLocations",
     R"(page_size: 200 page_token: "{page_token}" show_inactive: true)"},
    {"clinicd.appointments.v1.ResourceService/CreateLocation",
     R"(location { id: "{location}" name: "New" time_zone: "Atlantic/Canary"
                   external_id: "{location_external_id}" }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.ResourceService/UpdateLocation",
     R"(location { id: "{location}" name: "Changed" time_zone: "Atlantic/Canary" etag: "{etag}"
                   external_id: "{location_external_id}" }
        update_mask { paths: "name" paths: "time_zone" } request_id: "{request_id}")"},
    {"clinicd.appointments.v1.ResourceService/GetResource", R"(id: "{resource}")"},
    {"clinicd.appointments.v1.ResourceService/ListResources",
     R"(page_size: 200 page_token: "{page_token}" show_inactive: true
        location_id: "{location}")"},
    {"clinicd.appointments.v1.ResourceService/CreateResource",
     R"(resource { id: "{resource}" kind: RESOURCE_KIND_CHAIR name: "New"
                   location_id: "{location}" external_id: "{resource_external_id}" }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.ResourceService/UpdateResource",
     R"(resource { id: "{resource}" name: "Changed" location_id: "{location}" etag: "{etag}"
                   external_id: "{resource_external_id}" }
        update_mask { paths: "name" paths: "location_id" } request_id: "{request_id}")"},
    {"clinicd.appointments.v1.ScheduleService/GetWorkingHours",
     R"(owner { kind: KIND_PRACTITIONER id: "{practitioner}" })"},
    {"clinicd.appointments.v1.ScheduleService/SetWorkingHours",
     R"(owner { kind: KIND_PRACTITIONER id: "{practitioner}" } etag: "\"none\""
        hours { location_id: "{location}" weekday: 1 local_from: "09:00" local_to: "14:00" }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.ScheduleService/ListScheduleExceptions",
     R"(first_date { year: 2031 month: 3 day: 3 } last_date { year: 2031 month: 3 day: 3 }
        owner { kind: KIND_PRACTITIONER id: "{practitioner}" } page_size: 200
        page_token: "{page_token}")"},
    {"clinicd.appointments.v1.ScheduleService/CreateScheduleException",
     R"(exception { id: "{schedule_exception}" kind: KIND_EXTRA location_id: "{location}"
                    owner { kind: KIND_PRACTITIONER id: "{practitioner}" }
                    first_date { year: 2031 month: 3 day: 8 } reason: "New" }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.ScheduleService/DeleteScheduleException",
     R"(id: "{schedule_exception}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.ScheduleService/FindSlots",
     R"(visit_type_id: "{visit_type}" practitioner_ids: "{practitioner}"
        location_ids: "{location}" patient_id: "{patient}"
        first_date { year: 2031 month: 3 day: 3 })"},
    {"clinicd.appointments.v1.VisitTypeService/GetVisitType", R"(id: "{visit_type}")"},
    {"clinicd.appointments.v1.VisitTypeService/ListVisitTypes",
     R"(page_size: 200 page_token: "{page_token}" show_inactive: true)"},
    {"clinicd.appointments.v1.VisitTypeService/CreateVisitType",
     R"(visit_type { id: "{visit_type}" name: "New"
                     segments { resource_kind: RESOURCE_KIND_PRACTITIONER duration_minutes: 30 }
                     external_id: "{visit_type_external_id}" }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.VisitTypeService/UpdateVisitType",
     R"(visit_type { id: "{visit_type}" name: "Changed"
                     segments { resource_kind: RESOURCE_KIND_PRACTITIONER duration_minutes: 20 }
                     segments { resource_kind: RESOURCE_KIND_CHAIR duration_minutes: 25 }
                     external_id: "{visit_type_external_id}" etag: "{etag}" }
        update_mask { paths: "name" paths: "segments" } request_id: "{request_id}")"},
    {"clinicd.appointments.v1.WaitlistService/CreateWaitlistEntry",
     R"(entry { id: "{waitlist_entry}" patient_id: "{patient}" visit_type_id: "{visit_type}"
                practitioner_id: "{practitioner}" location_id: "{location}"
                appointment_id: "{appointment}" urgency: URGENCY_SOON }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.WaitlistService/GetWaitlistEntry", R"(id: "{waitlist_entry}")"},
    {"clinicd.appointments.v1.WaitlistService/ListWaitlistEntries",
     R"(page_size: 200 page_token: "{page_token}" practitioner_id: "{practitioner}"
        visit_type_id: "{visit_type}" patient_id: "{patient}")"},
    {"clinicd.appointments.v1.WaitlistService/UpdateWaitlistEntry",
     R"(entry { id: "{waitlist_entry}" patient_id: "{patient}" visit_type_id: "{visit_type}"
                practitioner_id: "{practitioner}" location_id: "{location}"
                appointment_id: "{appointment}" urgency: URGENCY_SOON etag: "{etag}" }
        update_mask { paths: "visit_type_id" paths: "duration_minutes" paths: "practitioner_id"
                      paths: "location_id" paths: "urgency" }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.WaitlistService/WithdrawWaitlistEntry",
     R"(id: "{waitlist_entry}" etag: "{etag}" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.WaitlistService/FindWaitlistMatches",
     R"(page_size: 100 page_token: "{page_token}" appointment_id: "{cancelled_appointment}"
        time { practitioner_id: "{practitioner}" local_start: "2031-03-03T12:00" duration_minutes: 30
               allocations { kind: RESOURCE_KIND_PRACTITIONER resource_id: "{practitioner}" }
               allocations { kind: RESOURCE_KIND_CHAIR resource_id: "{resource}" } })"},
    {"clinicd.appointments.v1.WaitlistService/CreateWaitlistOffer",
     R"(entry_id: "{waitlist_entry}"
        time { practitioner_id: "{practitioner}" local_start: "2031-03-09T09:30" duration_minutes: 30
               allocations { kind: RESOURCE_KIND_PRACTITIONER resource_id: "{practitioner}" }
               allocations { kind: RESOURCE_KIND_CHAIR resource_id: "{resource}" } }
        request_id: "{request_id}")"},
    {"clinicd.appointments.v1.WaitlistService/GetWaitlistOffer", R"(id: "{waitlist_offer}")"},
    {"clinicd.appointments.v1.WaitlistService/AcceptWaitlistOffer",
     R"(id: "{waitlist_offer}" reason: "New" request_id: "{request_id}")"},
    {"clinicd.appointments.v1.WaitlistService/DeclineWaitlistOffer",
     R"(id: "{waitlist_offer}" request_id: "{request_id}")"},
    {"clinicd.audit.v1.AuditService/GetEvent", R"(id: "{audit_event}")"},
    {"clinicd.audit.v1.AuditService/ListEvents",
     R"(patient_id: "{patient}" actor_user_id: "{user}" entity_id: "{patient}" page_size: 200
        view: EVENT_VIEW_FULL page_token: "{page_token}")"},
    {"clinicd.audit.v1.AuditService/ExportEvents",
     R"(format: EXPORT_FORMAT_JSON_LINES patient_id: "{patient}" actor_user_id: "{user}"
        entity_id: "{patient}" page_size: 200 view: EVENT_VIEW_FULL
        page_token: "{page_token}")"},
    {"clinicd.audit.v1.AuditService/GetPatientAccessReport", R"(patient_id: "{patient}")"},
    {"clinicd.audit.v1.AuditLogService/GetCheckpoint", ""},
    {"clinicd.audit.v1.AuditLogService/GetLogKeys", ""},
    {"clinicd.audit.v1.AuditLogService/GetInclusionProof", R"(event_id: "{audit_event}")"},
    {"clinicd.audit.v1.AuditLogService/GetConsistencyProof", "tree_size: 1 meta_size: 1"},
    {"clinicd.audit.v1.AuditLogService/ListLeaves", "page_size: 2000"},
    {"clinicd.audit.v1.AuditFindingService/ListFindings",
     R"(page_size: 200 page_token: "{page_token}")"},
    {"clinicd.audit.v1.AuditFindingService/CloseFinding",
     R"(id: "{audit_finding}" note: "Looked into" etag: "{etag}" request_id: "{request_id}")"},
    {"clinicd.audit.v1.AuditSettingsService/GetAuditSettings", ""},
    {"clinicd.audit.v1.AuditSettingsService/UpdateAuditSettings",
     R"(audit_settings { retention_years: 8 daily_patients_max: 90 etag: "{clinic_etag}" }
        update_mask { paths: "retention_years" } request_id: "{request_id}")"},
    {"clinicd.audit.v1.IsolationCertificateService/GetIsolationCertificate",
     R"(id: "{isolation_certificate}")"},
    {"clinicd.audit.v1.IsolationCertificateService/ListIsolationCertificates",
     R"(page_size: 200 page_token: "{page_token}")"},
    {"clinicd.audit.v1.LegalHoldService/ListLegalHolds",
     R"(page_size: 200 page_token: "{page_token}")"},
    {"clinicd.audit.v1.LegalHoldService/PlaceLegalHold",
     R"(patient_id: "{patient}" reason: "Case 1" request_id: "{request_id}")"},
    {"clinicd.audit.v1.LegalHoldService/ReleaseLegalHold",
     R"(id: "{legal_hold}" reason: "Case 1" etag: "{etag}" request_id: "{request_id}")"},
};

}  // namespace

std::span<const MethodCase> MethodCases() { return kCases; }

}  // namespace clinicd::isolation
