#include "services/server/isolation/canary_world.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/refresh_token.h"
#include "common/base/try.h"
#include "common/crypto/digest.h"
#include "common/rpc/etag.h"
#include "services/identity/builtin_roles.h"
#include "services/identity/email.h"

namespace clinicd::isolation {
namespace {

constexpr absl::Duration kTokenLife = absl::Minutes(5);
constexpr std::size_t kForgedTokenSize = 120;

// Rows of canary.sql, and where they lie.
struct NamedRow {
  Source source;
  std::string_view name;
  std::string_view table;
};
constexpr NamedRow kRows[] = {
    {Source::kClinic, "clinic", "clinics"},
    {Source::kPatient, "patient", "patients"},
    {Source::kPractitioner, "practitioner", "practitioners"},
    {Source::kAppointment, "appointment", "appointments"},
    {Source::kLocation, "location", "locations"},
    {Source::kResource, "resource", "resources"},
    {Source::kVisitType, "visit_type", "visit_types"},
    {Source::kSeries, "series", "appointment_series"},
    {Source::kArrivedAppointment, "appointment", "appointments"},
    {Source::kSeatedAppointment, "appointment", "appointments"},
    {Source::kCompletedAppointment, "appointment", "appointments"},
    {Source::kMissedAppointment, "appointment", "appointments"},
    {Source::kCancelledAppointment, "cancelled_appointment", "appointments"},
    {Source::kSeriesAppointment, "series_appointment", "appointments"},
    {Source::kHold, "hold", ""},
    {Source::kScheduleException, "schedule_exception", ""},
    {Source::kWaitlistEntry, "waitlist_entry", "waitlist_entries"},
    {Source::kWaitlistOffer, "waitlist_offer", ""},
    {Source::kCalendarFeed, "calendar_feed", ""},
    {Source::kAuditFinding, "audit_finding", "audit_findings"},
    {Source::kLegalHold, "legal_hold", "audit_legal_holds"},
    {Source::kIsolationCertificate, "isolation_certificate", ""},
    {Source::kUser, "caller", "memberships"},
    {Source::kSession, "session", ""},
};

struct NamedValue {
  Source source;
  std::string_view table;
};
constexpr NamedValue kUniqueValues[] = {
    {Source::kEmail, "memberships"},
    {Source::kFileNumber, "patients"},
    {Source::kPatientExternalId, "patients"},
    {Source::kPractitionerExternalId, "practitioners"},
    {Source::kAppointmentExternalId, "appointments"},
    {Source::kLocationExternalId, "locations"},
    {Source::kResourceExternalId, "resources"},
    {Source::kVisitTypeExternalId, "visit_types"},
};

const NamedRow* RowOf(Source source) {
  const auto* const found = std::ranges::find(kRows, source, &NamedRow::source);
  return found == std::end(kRows) ? nullptr : found;
}

const NamedValue* UniqueOf(Source source) {
  const auto* const found = std::ranges::find(kUniqueValues, source, &NamedValue::source);
  return found == std::end(kUniqueValues) ? nullptr : found;
}

// Short, as file numbers are.
std::string UniqueText(Source source, std::string_view prefix, const Uuid& random) {
  std::string text = random.ToString();
  text = absl::StrCat(std::string(prefix), text.substr(24));
  return source == Source::kEmail ? absl::StrCat(text, "@canary.example") : text;
}

}  // namespace

CanaryWorld::CanaryWorld(const Parts& parts)
    : parts_(parts),
      clinics_({db::CanaryClinic(parts.connection, db::CanaryClinicIds()[0]),
                db::CanaryClinic(parts.connection, db::CanaryClinicIds()[1])}),
      nobody_(parts.connection, db::NoClinicId()) {}

absl::StatusOr<std::unique_ptr<CanaryWorld>> CanaryWorld::Create(const Parts& parts) {
  std::unique_ptr<CanaryWorld> world(new CanaryWorld(parts));
  const absl::Status caller = world->clinics_[kCaller].Ensure();
  CLINICD_RETURN_IF_ERROR(world->clinics_[kOther].Ensure());
  CLINICD_RETURN_IF_ERROR(caller);
  for (const std::size_t side : {kCaller, kOther}) {
    CLINICD_ASSIGN_OR_RETURN(world->sessions_[side], world->clinics_[side].AddSession());
    CLINICD_ASSIGN_OR_RETURN(world->parties_[side], world->clinics_[side].AddParties());
  }
  return world;
}

absl::Status CanaryWorld::RenewParties() {
  CLINICD_ASSIGN_OR_RETURN(parties_[kCaller], clinics_[kCaller].AddParties());
  return absl::OkStatus();
}

absl::StatusOr<std::string> CanaryWorld::SignedToken(std::size_t side,
                                                     const std::string& session) const {
  const db::CanaryClinic& clinic = clinics_[side];
  auth::Claims claims;
  claims.user = UserId::Parse(clinic.IdOf("caller")).value_or(UserId());
  claims.clinic = clinic.id();
  claims.session = SessionId::Parse(session).value_or(SessionId());
  claims.roles = identity::RoleBit(identity::v1::ROLE_OWNER);
  claims.time_zone = db::kCanaryTimeZone;
  claims.epoch = 1;
  claims.issued_at = absl::FromUnixSeconds(absl::ToUnixSeconds(parts_.clock.Now()));
  claims.authenticated_at = claims.issued_at;
  claims.expires_at = claims.issued_at + kTokenLife;
  return parts_.signer.Sign(claims);
}

absl::StatusOr<std::string> CanaryWorld::Token(std::size_t side) const {
  return SignedToken(side, sessions_[side]);
}

absl::StatusOr<std::string> CanaryWorld::TokenOfNewSession(std::size_t side) {
  CLINICD_ASSIGN_OR_RETURN(const std::string session, clinics_[side].AddSession());
  return SignedToken(side, session);
}

absl::StatusOr<std::string> CanaryWorld::OwnValue(std::size_t side, Source source, bool mutates) {
  db::CanaryClinic& clinic = clinics_[side];
  const db::CanaryClinic::Parties& parties = parties_[side];
  if (UniqueOf(source) != nullptr) return UniqueText(source, "own", parts_.ids.NewUuid());
  switch (source) {
    case Source::kPatient:
      return mutates ? parties.patient : clinic.IdOf("patient");
    case Source::kPractitioner:
      return mutates ? parties.practitioner : clinic.IdOf("practitioner");
    case Source::kResource:
      return mutates ? parties.resource : clinic.IdOf("resource");
    case Source::kHold:
      return parties.hold;
    case Source::kAuditEvent:
      return clinic.NewestEvent();
    case Source::kRefreshToken:
      return std::string();
    case Source::kLogin:
      return absl::StrCat("seed2@", clinic.word(), ".example");
    case Source::kWord:
      return clinic.word();
    case Source::kRequestId:
      return parts_.ids.NewUuid().ToString();
    case Source::kClinicEtag: {
      CLINICD_ASSIGN_OR_RETURN(const std::int64_t version,
                               clinic.RowVersion("clinics", clinic.id().ToString()));
      return rpc::Etag(version);
    }
    case Source::kSlug:
      return clinic.slug();
    case Source::kPassword:
      return std::string("seven green lanterns");
    default: {
      const NamedRow* const row = RowOf(source);
      return row == nullptr ? std::string() : clinic.IdOf(row->name);
    }
  }
}

absl::StatusOr<std::string> CanaryWorld::EtagOf(std::size_t side, const RequestTemplate& request,
                                                const std::map<std::string, std::string>& values) {
  for (const BoundField& field : request.fields()) {
    const NamedRow* const row = RowOf(field.source);
    if (row == nullptr || row->table.empty()) continue;
    CLINICD_ASSIGN_OR_RETURN(const std::int64_t version,
                             clinics_[side].RowVersion(row->table, values.at(field.path)));
    return rpc::Etag(version);
  }
  return rpc::Etag(1);
}

absl::StatusOr<std::map<std::string, std::string>> CanaryWorld::Own(std::size_t side,
                                                                    const RequestTemplate& request,
                                                                    bool mutates) {
  std::map<std::string, std::string> values;
  // Fields of one request that stand for the same kind of thing stand for the same one.
  std::map<Source, std::string> by_source;
  for (const BoundField& field : request.fields()) {
    const auto [value, is_new] = by_source.try_emplace(field.source);
    if (is_new) {
      CLINICD_ASSIGN_OR_RETURN(value->second, OwnValue(side, field.source, mutates));
    }
    values[field.path] = value->second;
  }
  for (const BoundField& field : request.fields()) {
    if (field.source != Source::kEtag) continue;
    CLINICD_ASSIGN_OR_RETURN(values[field.path], EtagOf(side, request, values));
  }
  return values;
}

// Of somebody's session, turned to the caller's clinic.
std::string CanaryWorld::RefreshTokenOf(const std::string& session, const std::string& id,
                                        const std::string& seed) const {
  return auth::FormatRefreshToken(
      {.clinic = clinics_[kCaller].id(),
       .session = SessionId::Parse(session).value_or(SessionId()),
       .id = auth::RefreshTokenId::Parse(id).value_or(auth::RefreshTokenId()),
       .secret = crypto::SecretBytes(crypto::AsView(crypto::Sha256(seed)))});
}

absl::StatusOr<std::string> CanaryWorld::Foreign(Source source) {
  db::CanaryClinic& other = clinics_[kOther];
  if (const NamedValue* const unique = UniqueOf(source)) {
    std::string value = UniqueText(source, "oth", parts_.ids.NewUuid());
    CLINICD_RETURN_IF_ERROR(source == Source::kEmail
                                ? other.AddMember(value, identity::PersonIdOf(value))
                                : other.AddUnique(unique->table, value));
    return value;
  }
  if (source == Source::kRefreshToken) {
    return RefreshTokenOf(other.IdOf("session"), other.IdOf("refresh_token"), other.mark());
  }
  if (source == Source::kHold) return other.IdOf("hold");
  return OwnValue(kOther, source, false);
}

std::string CanaryWorld::Nobodys(Source source) {
  const std::string random = parts_.ids.NewUuid().ToString();
  if (UniqueOf(source) != nullptr) return UniqueText(source, "nob", parts_.ids.NewUuid());
  switch (source) {
    case Source::kRefreshToken:
      return RefreshTokenOf(random, parts_.ids.NewUuid().ToString(), random);
    case Source::kPageToken:
      return std::string(kForgedTokenSize, 'A');
    case Source::kLogin:
      return absl::StrCat("seed2@zq", random.substr(24), "00.example");
    case Source::kWord:
      return absl::StrCat("zq", random.substr(24), "00");
    default: {
      const NamedRow* const row = RowOf(source);
      return row == nullptr ? random : nobody_.IdOf(row->name);
    }
  }
}

}  // namespace clinicd::isolation
