// The rows that World makes for single calls. Their names carry the clinic's canary.
#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/auth/refresh_token.h"
#include "tests/isolation/world.h"

namespace clinicd::isolation {

std::string World::FreshRow(const Caller& caller, Source source) {
  const Clinic& clinic = clinics_[caller.clinic];
  const std::string id = NewId();
  switch (source) {
    case Source::kPatient:
      Sql("INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on) "
          "VALUES ($1, $2, 'Fresh', $3, '1990-05-04')",
          {clinic.row.id.ToString(), id, clinic.marked.canary});
      return id;
    case Source::kPractitioner:
      Sql("INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name) "
          "VALUES ($1, $2, 'Fresh', $3)",
          {clinic.row.id.ToString(), id, clinic.marked.canary});
      return id;
    case Source::kAppointment:
    case Source::kArrivedAppointment:
    case Source::kSeatedAppointment:
    case Source::kCompletedAppointment:
    case Source::kMissedAppointment:
      return FreshAppointment(clinic, source);
    case Source::kHold:
      return FreshHold(caller);
    case Source::kLocation:
      Sql("INSERT INTO clinicd.locations (clinic_id, id, name, time_zone) "
          "VALUES ($1, $2, $3, 'Europe/Madrid')",
          {clinic.row.id.ToString(), id, clinic.marked.canary});
      return id;
    case Source::kResource:
      Sql("INSERT INTO clinicd.resources (clinic_id, id, kind, name) "
          "VALUES ($1, $2, 'chair', $3)",
          {clinic.row.id.ToString(), id, clinic.marked.canary});
      return id;
    case Source::kVisitType:
      return FreshVisitType(clinic);
    case Source::kScheduleException:
      Sql("INSERT INTO clinicd.schedule_exceptions (clinic_id, id, owner_kind, practitioner_id, "
          "kind, first_on, last_on, reason) "
          "VALUES ($1, $2, 'practitioner', $3, 'extra', '2031-03-03', '2031-03-03', $4)",
          {clinic.row.id.ToString(), id, clinic.standing.at(Source::kPractitioner),
           clinic.marked.canary});
      return id;
    case Source::kSeries:
      return FreshSeries(clinic);
    case Source::kWaitlistEntry:
      return FreshWaitlistEntry(clinic);
    case Source::kWaitlistOffer:
      return FreshWaitlistOffer(clinic);
    case Source::kCalendarFeed:
      Sql("INSERT INTO clinicd.calendar_feeds (clinic_id, id, practitioner_id, secret_hash) "
          "VALUES ($1, $2, $3, sha256($4))",
          {clinic.row.id.ToString(), id, clinic.standing.at(Source::kPractitioner), id});
      return id;
    case Source::kAuditFinding:
      Sql("INSERT INTO clinicd.audit_findings (clinic_id, id, day, rule, actor_id, patient_id, "
          "found_count, first_at, last_at) VALUES ($1, $2, '2031-03-03', 'break_glass', $3, $2, 1, "
          "now(), now())",
          {clinic.row.id.ToString(), id, clinic.standing.at(Source::kUser)});
      return id;
    case Source::kLegalHold:
      Sql("INSERT INTO clinicd.audit_legal_holds (clinic_id, id, reason, placed_at, placed_by) "
          "VALUES ($1, $2, $3, now(), $4)",
          {clinic.row.id.ToString(), id, clinic.marked.canary, clinic.standing.at(Source::kUser)});
      return id;
    case Source::kUser:
      return FreshUser(clinic);
    case Source::kSession:
      return FreshSession(caller);
    default:
      FAIL("not a row");
      return "";
  }
}

// Starts within the hour, or has a while ago where it was missed, with a practitioner of its own,
// who therefore has the time.
std::string World::FreshAppointment(const Clinic& clinic, Source stage) {
  const std::string id = NewId();
  const bool missed = stage == Source::kMissedAppointment;
  const bool completed = stage == Source::kCompletedAppointment;
  const bool seated = completed || stage == Source::kSeatedAppointment;
  const bool arrived = seated || stage == Source::kArrivedAppointment;
  const std::string state = completed ? "completed"
                            : seated  ? "in_chair"
                            : arrived ? "arrived"
                                      : "booked";
  Sql("WITH practitioner AS (INSERT INTO clinicd.practitioners (clinic_id, id, given_name, "
      "family_name) VALUES ($1, gen_random_uuid(), 'Fresh', $3) RETURNING id), "
      "patient AS (INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on) "
      "VALUES ($1, gen_random_uuid(), 'Fresh', $3, '1990-05-04') RETURNING id), "
      "slot AS (SELECT date_trunc('minute', (now() + $5::text::interval) AT TIME ZONE $4) AS "
      "start) "
      "INSERT INTO clinicd.appointments (clinic_id, id, patient_id, practitioner_id, local_start, "
      "time_zone, duration_minutes, starts_at, ends_at, reason, state, arrived_at, seated_at, "
      "completed_at) "
      "SELECT $1, $2, patient.id, practitioner.id, start, $4, 30, start AT TIME ZONE $4, "
      "start AT TIME ZONE $4 + interval '30 minutes', $3, $6, "
      "CASE WHEN $6 IN ('arrived', 'in_chair', 'completed') THEN now() END, "
      "CASE WHEN $6 IN ('in_chair', 'completed') THEN now() END, "
      "CASE WHEN $6 = 'completed' THEN now() END FROM practitioner, patient, slot",
      {clinic.row.id.ToString(), id, clinic.marked.canary, clinic.row.time_zone,
       missed ? "-1 hour" : "1 hour", state});
  Sql("INSERT INTO clinicd.appointment_events (clinic_id, appointment_id, row_version, kind, "
      "state, "
      "practitioner_id, local_start, time_zone, duration_minutes, reason, occurred_at) "
      "SELECT clinic_id, id, row_version, 'booked', state, practitioner_id, local_start, "
      "time_zone, "
      "duration_minutes, reason, now() FROM clinicd.appointments WHERE clinic_id = $1 AND id = $2",
      {clinic.row.id.ToString(), id});
  return id;
}

// Three days in a row, of which the second is booked, with a practitioner of its own.
std::string World::FreshSeries(const Clinic& clinic) {
  const std::string id = NewId();
  series_appointment_ = FreshAppointment(clinic, Source::kAppointment);
  Sql("INSERT INTO clinicd.appointment_series (clinic_id, id, patient_id, practitioner_id, rule, "
      "local_start, time_zone, duration_minutes, allocations, reason) "
      "SELECT clinic_id, $3, patient_id, practitioner_id, 'FREQ=DAILY;COUNT=3', "
      "local_start - interval '1 day', time_zone, duration_minutes, "
      "'practitioner ' || practitioner_id || ' 0 30', $4 "
      "FROM clinicd.appointments WHERE clinic_id = $1 AND id = $2",
      {clinic.row.id.ToString(), series_appointment_, id, clinic.marked.canary});
  Sql("UPDATE clinicd.appointments SET series_id = $3, series_ordinal = 2 "
      "WHERE clinic_id = $1 AND id = $2",
      {clinic.row.id.ToString(), series_appointment_, id});
  return id;
}

// Of the caller, or of a member where nobody is signed in.
std::string World::FreshHold(const Caller& caller) {
  const Clinic& clinic = clinics_[caller.clinic];
  const std::string member =
      caller.signed_in() ? caller.user.id.ToString() : clinic.standing.at(Source::kUser);
  const std::string id = NewId();
  Sql("WITH slot AS (SELECT timestamp '2031-06-02 09:00' AS start) "
      "INSERT INTO clinicd.holds (clinic_id, id, membership_id, practitioner_id, local_start, "
      "time_zone, duration_minutes, starts_at, ends_at, expires_at) "
      "SELECT $1, $2, $3, $4, start, $5, 30, start AT TIME ZONE $5, "
      "start AT TIME ZONE $5 + interval '30 minutes', now() + interval '1 day' FROM slot",
      {clinic.row.id.ToString(), id, member, clinic.standing.at(Source::kPractitioner),
       clinic.row.time_zone});
  return id;
}

// Of a patient of its own, who has no visits.
std::string World::FreshWaitlistEntry(const Clinic& clinic) {
  const std::string id = NewId();
  Sql("WITH patient AS (INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, "
      "born_on) VALUES ($1, gen_random_uuid(), 'Fresh', $3, '1990-05-04') RETURNING id) "
      "INSERT INTO clinicd.waitlist_entries (clinic_id, id, patient_id, duration_minutes, urgency, "
      "note) SELECT $1, $2, patient.id, 30, 'routine', $3 FROM patient",
      {clinic.row.id.ToString(), id, clinic.marked.canary});
  return id;
}

// Of a time that nobody else wants, because its practitioner is new. Nothing keeps it free.
std::string World::FreshWaitlistOffer(const Clinic& clinic) {
  const std::string id = NewId();
  const std::string entry = FreshWaitlistEntry(clinic);
  Sql("WITH practitioner AS (INSERT INTO clinicd.practitioners (clinic_id, id, given_name, "
      "family_name) VALUES ($1, gen_random_uuid(), 'Fresh', $4) RETURNING id), "
      "slot AS (SELECT timestamp '2031-06-02 11:00' AS start) "
      "INSERT INTO clinicd.waitlist_offers (clinic_id, id, entry_id, hold_id, practitioner_id, "
      "local_start, time_zone, duration_minutes, starts_at, ends_at, allocations, expires_at) "
      "SELECT $1, $2, $3, gen_random_uuid(), practitioner.id, start, $5, 30, start AT TIME ZONE "
      "$5, "
      "start AT TIME ZONE $5 + interval '30 minutes', 'practitioner ' || practitioner.id || ' 0 "
      "30', "
      "now() + interval '1 day' FROM practitioner, slot",
      {clinic.row.id.ToString(), id, entry, clinic.marked.canary, clinic.row.time_zone});
  return id;
}

std::string World::FreshVisitType(const Clinic& clinic) {
  const std::string id = NewId();
  Sql("WITH visit_type AS (INSERT INTO clinicd.visit_types (clinic_id, id, name) "
      "VALUES ($1, $2, $3) RETURNING clinic_id, id) "
      "INSERT INTO clinicd.visit_type_segments (clinic_id, visit_type_id, position, "
      "resource_kind, offset_minutes, duration_minutes) "
      "SELECT clinic_id, id, 1, 'practitioner', 0, 30 FROM visit_type",
      {clinic.row.id.ToString(), id, clinic.marked.canary});
  return id;
}

std::string World::FreshUser(const Clinic& clinic) {
  const std::string id = NewId();
  Sql("WITH person AS (INSERT INTO clinicd.users (id, email_key) "
      "VALUES (gen_random_uuid(), $2 || '@fresh.example') RETURNING id, email_key) "
      "INSERT INTO clinicd.memberships (clinic_id, id, user_id, email, email_key, given_name, "
      "family_name, roles) SELECT $1, $2::text::uuid, id, email_key, email_key, 'Fresh', $3, "
      "ARRAY['assistant'] FROM person",
      {clinic.row.id.ToString(), id, clinic.marked.canary});
  return id;
}

std::string World::FreshSession(const Caller& caller) {
  const Clinic& clinic = clinics_[caller.clinic];
  const std::string user =
      caller.signed_in() ? caller.user.id.ToString() : clinic.standing.at(Source::kUser);
  const std::string id = NewId();
  Sql("INSERT INTO clinicd.sessions (clinic_id, id, membership_id, expires_at, user_agent) "
      "VALUES ($1, $2, $3, now() + interval '1 day', $4)",
      {clinic.row.id.ToString(), id, user, clinic.marked.canary});
  return id;
}

std::string World::FreshRefreshToken(const Caller& caller) {
  const Clinic& clinic = clinics_[caller.clinic];
  const std::string session = FreshSession(caller);
  const std::string id = NewId();
  auth::RefreshToken token{.clinic = clinic.row.id,
                           .session = *SessionId::Parse(session),
                           .id = *auth::RefreshTokenId::Parse(id),
                           .secret = crypto::SecretBytes(crypto::AsView(crypto::Sha256(id)))};
  const crypto::Sha256Digest hash = auth::HashRefreshSecret(token.secret);
  const std::string_view view = crypto::AsView(hash);
  Sql("INSERT INTO clinicd.refresh_tokens (clinic_id, id, session_id, token_hash, expires_at) "
      "VALUES ($1, $2, $3, decode($4, 'hex'), now() + interval '1 day')",
      {clinic.row.id.ToString(), id, session,
       absl::BytesToHexString(absl::string_view(view.data(), view.size()))});
  return auth::FormatRefreshToken(token);
}

}  // namespace clinicd::isolation
