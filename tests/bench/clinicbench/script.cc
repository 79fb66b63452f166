#include "tests/bench/clinicbench/script.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "db/access/named_sql.h"
#include "db/access/query.h"
#include "db/queries/appointments.h"
#include "db/queries/audit.h"
#include "db/queries/patients.h"
#include "db/queries/runner.h"

namespace clinicd::bench {
namespace {

using Value = std::optional<std::string>;

struct Source {
  std::string_view name;
  ParameterValue value;
};

// As the db layer sends it first in every transaction.
constexpr std::string_view kContext =
    "SELECT set_config('clinicd.clinic_id', :clinic_id, true), "
    "set_config('clinicd.user_id', :user, true), set_config('clinicd.purpose', :purpose, true), "
    "set_config('statement_timeout', :timeout, true), "
    "set_config('synchronous_commit', :commit, true), "
    "set_config('transaction_read_only', :read_only, true)";

// About as long as what clinicd stores of a visit.
constexpr std::size_t kSealedBytes = 420;
constexpr std::size_t kAnswerBytes = 330;

template <const char* kText>
Value Text(const Operation& /*operation*/, const Dataset& /*dataset*/) {
  return kText;
}

Value Null(const Operation& /*operation*/, const Dataset& /*dataset*/) { return std::nullopt; }

// A UUIDv7 of now, of which `salt` makes several of one operation.
std::string FreshId(const Operation& operation, std::uint64_t salt) {
  const auto millis = static_cast<std::uint64_t>(absl::ToUnixMillis(absl::Now()));
  const std::uint64_t random = operation.random ^ (salt * 0x9e3779b97f4a7c15);
  return absl::StrFormat("%08x-%04x-7%03x-8%03x-%012x", (millis >> 16) & 0xffffffff,
                         millis & 0xffff, (random >> 48) & 0xfff, (random >> 36) & 0xfff,
                         random & 0xffffffffffff);
}

// The time is part of it on purpose only where the database asks for it: this one stays the same
// for all statements of an operation.
std::string StableId(const Operation& operation) {
  return absl::StrFormat("0190b0b0-%04x-7%03x-9%03x-%012x", operation.random >> 48,
                         (operation.random >> 36) & 0xfff, (operation.random >> 24) & 0xfff,
                         operation.random & 0xffffffffffff);
}

template <std::size_t kSize>
Value SomeBytes(const Operation& operation, const Dataset& /*dataset*/) {
  std::string hex = "\\x";
  for (std::size_t i = 0; i < kSize; ++i) {
    absl::StrAppendFormat(&hex, "%02x", ((operation.random >> (i % 57)) + i * 131) & 0xff);
  }
  return hex;
}

std::string Instant(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%E6SZ", time, absl::UTCTimeZone());
}

Value Clinic(const Operation& o, const Dataset& /*d*/) { return ClinicIdOf(o.clinic); }
Value Patient(const Operation& o, const Dataset& /*d*/) { return PatientIdOf(o.patient); }
Value GivenName(const Operation& o, const Dataset& /*d*/) {
  return GivenNameOf(o.patient, o.clinic);
}
Value Practitioner(const Operation& o, const Dataset& /*d*/) {
  return PractitionerIdOf(o.practitioner);
}
Value Arrival(const Operation& o, const Dataset& /*d*/) { return ArrivalIdOf(o.arrival); }
Value Visit(const Operation& o, const Dataset& /*d*/) { return StableId(o); }
Value EventId(const Operation& o, const Dataset& /*d*/) { return FreshId(o, 1); }
Value ChangeId(const Operation& o, const Dataset& /*d*/) { return FreshId(o, 2); }
Value RequestKey(const Operation& o, const Dataset& /*d*/) { return FreshId(o, 3); }
Value Now(const Operation& /*o*/, const Dataset& /*d*/) { return Instant(absl::Now()); }
Value DayBegin(const Operation& o, const Dataset& d) {
  return Instant(absl::FromCivil(d.first_day + o.day, ZoneOfClinics()));
}
Value DayEnd(const Operation& o, const Dataset& d) {
  return Instant(absl::FromCivil(d.first_day + o.day + 1, ZoneOfClinics()));
}
Value FamilyFrom(const Operation& o, const Dataset& /*d*/) {
  std::string name = FamilyNameOf(FamilyOf(o.patient));
  name[0] = 'f';
  return name;
}
Value FamilyTo(const Operation& o, const Dataset& d) {
  std::string name = *FamilyFrom(o, d);
  ++name.back();
  return name;
}
Value StartsAt(const Operation& o, const Dataset& /*d*/) { return Instant(o.starts_at); }
Value EndsAt(const Operation& o, const Dataset& /*d*/) {
  return Instant(o.starts_at + absl::Minutes(kBookingMinutes));
}
Value LocalStart(const Operation& o, const Dataset& /*d*/) {
  return absl::FormatTime("%Y-%m-%d %H:%M:00", o.starts_at, ZoneOfClinics());
}
absl::CivilDay DayOf(const Operation& o) {
  return absl::ToCivilDay(o.workload == Workload::kCheckIn ? absl::Now() : o.starts_at,
                          absl::UTCTimeZone());
}
Value OnDay(const Operation& o, const Dataset& /*d*/) { return absl::FormatCivilTime(DayOf(o)); }
Value TwoDaysBefore(const Operation& o, const Dataset& /*d*/) {
  return absl::FormatCivilTime(DayOf(o) - 2);
}
Value ThreeDaysAfter(const Operation& o, const Dataset& /*d*/) {
  return absl::FormatCivilTime(DayOf(o) + 3);
}
Value Occupants(const Operation& o, const Dataset& /*d*/) {
  return absl::StrCat(PractitionerIdOf(o.practitioner), " ", PatientIdOf(o.patient));
}
Value Allocations(const Operation& o, const Dataset& /*d*/) {
  return absl::StrCat("practitioner ", PractitionerIdOf(o.practitioner), " 0 ", kBookingMinutes);
}
Value ArriveFrom(const Operation& /*o*/, const Dataset& /*d*/) { return Instant(absl::Now()); }
Value ArriveUntil(const Operation& /*o*/, const Dataset& /*d*/) {
  return Instant(absl::Now() + absl::Minutes(120));
}
Value LockNumber(const Operation& o, const Dataset& /*d*/) {
  return absl::StrCat(static_cast<std::int32_t>(o.random));
}
Value ClinicNumber(const Operation& o, const Dataset& /*d*/) { return absl::StrCat(o.clinic); }

// What stands for one thing only, as a parameter of templates.
constexpr char kEmpty[] = "";
constexpr char kOn[] = "on";
constexpr char kOff[] = "off";
constexpr char kTrue[] = "true";
constexpr char kFalse[] = "false";
constexpr char kZero[] = "0";
constexpr char kOne[] = "1";
constexpr char kTwo[] = "2";
constexpr char kTimeout[] = "9000";
constexpr char kUserText[] = "018f0000-0000-7000-8000-0000000000e1";
constexpr char kSessionText[] = "018f0000-0000-7000-8000-0000000000f1";
constexpr char kNil[] = "00000000-0000-0000-0000-000000000000";
constexpr char kDayRows[] = "201";
constexpr char kPageRowsText[] = "21";
constexpr char kRole[] = "receptionist";
constexpr char kLocal[] = "local";
constexpr char kBench[] = "bench";
constexpr char kZoneText[] = "Europe/Madrid";
constexpr char kPatientText[] = "patient";
constexpr char kAppointmentText[] = "appointment";
constexpr char kRecord[] = "record";
constexpr char kRead[] = "read";
constexpr char kCreate[] = "create";
constexpr char kUpdate[] = "update";
constexpr char kOkText[] = "OK";
constexpr char kTakenText[] = "APPOINTMENT_SLOT_TAKEN";
constexpr char kMissingText[] = "PATIENT_NOT_FOUND";
constexpr char kGetMethod[] = "clinicd.patients.v1.PatientService/GetPatient";
constexpr char kSearchMethod[] = "clinicd.patients.v1.PatientService/SearchPatients";
constexpr char kListMethod[] = "clinicd.appointments.v1.AppointmentService/ListAppointments";
constexpr char kBookMethod[] = "clinicd.appointments.v1.AppointmentService/CreateAppointment";
constexpr char kArriveMethod[] = "clinicd.appointments.v1.AppointmentService/CheckInAppointment";
constexpr char kKinds[] = "practitioner patient";
constexpr char kOffsets[] = "0 0";
constexpr char kDurations[] = "15 15";
constexpr char kMinutes[] = "15";
constexpr char kArrived[] = "arrived";
constexpr char kExpected[] = "booked confirmed";
constexpr char kChangedFields[] = "state arrive_time etag";

// Compiles statements into one script.
class Writer final {
 public:
  explicit Writer(std::vector<Statement>& to, std::vector<std::string>& unknown)
      : to_(to), unknown_(unknown) {}

  // `sources` are looked at in their order, the first one wins. The clinic is known.
  Statement& Add(std::string_view name, std::string_view sql,
                 std::initializer_list<std::span<const Source>> sources) {
    db::NumberedSql numbered = db::NumberParameters(sql);
    Statement statement{.name = absl::StrCat("s", to_.size()), .sql = std::move(numbered.sql)};
    for (const std::string& parameter : numbered.names) {
      statement.parameters.push_back(Find(parameter, sources));
      if (statement.parameters.back() == nullptr) {
        unknown_.push_back(absl::StrCat(std::string(name), ".", parameter));
        statement.parameters.back() = Null;
      }
    }
    return to_.emplace_back(std::move(statement));
  }
  Statement& Add(const db::Query& query, std::initializer_list<std::span<const Source>> sources) {
    return Add(query.name, query.sql, sources);
  }

 private:
  static ParameterValue Find(std::string_view name,
                             std::initializer_list<std::span<const Source>> sources) {
    if (name == "clinic_id") return Clinic;
    for (const std::span<const Source> each : sources) {
      const auto found = std::ranges::find(each, name, &Source::name);
      if (found != each.end()) return found->value;
    }
    return nullptr;
  }

  std::vector<Statement>& to_;
  std::vector<std::string>& unknown_;
};

constexpr std::array<Source, 4> kContextSources = {{{"user", Text<kUserText>},
                                                    {"purpose", Text<kEmpty>},
                                                    {"timeout", Text<kTimeout>},
                                                    {"read_only", Text<kOff>}}};
constexpr std::array<Source, 1> kReadOnly = {{{"read_only", Text<kOn>}}};
constexpr std::array<Source, 1> kRelaxed = {{{"commit", Text<kOff>}}};
constexpr std::array<Source, 1> kDurable = {{{"commit", Text<kOn>}}};

// Of every audit row.
constexpr std::array<Source, 21> kEvent = {{{"id", EventId},
                                            {"occurred_at", Now},
                                            {"actor_id", Text<kUserText>},
                                            {"actor_roles", Text<kRole>},
                                            {"purpose", Text<kEmpty>},
                                            {"session_id", Text<kSessionText>},
                                            {"client_address", Text<kLocal>},
                                            {"user_agent", Text<kBench>},
                                            {"node", Text<kBench>},
                                            {"build", Text<kBench>},
                                            {"category", Text<kRecord>},
                                            {"action", Text<kRead>},
                                            {"outcome", Text<kOkText>},
                                            {"patient_id", Null},
                                            {"entity_type", Text<kAppointmentText>},
                                            {"entity_id", Null},
                                            {"entity_version", Null},
                                            {"changed_fields", Text<kEmpty>},
                                            {"before_sealed", Null},
                                            {"after_sealed", Null},
                                            {"request_id", Null}}};

constexpr std::array<Source, 3> kGetEvent = {{{"method", Text<kGetMethod>},
                                              {"outcome_missing", Text<kMissingText>},
                                              {"entity_id", Patient}}};
constexpr std::array<Source, 1> kListEvent = {{{"method", Text<kListMethod>}}};
constexpr std::array<Source, 2> kSearchEvent = {
    {{"method", Text<kSearchMethod>}, {"entity_type", Text<kPatientText>}}};

constexpr std::array<Source, 6> kDay = {{{"practitioner_id", Practitioner},
                                         {"after_starts_at", DayBegin},
                                         {"after_id", Text<kNil>},
                                         {"before_starts_at", DayEnd},
                                         {"show_cancelled", Text<kFalse>},
                                         {"row_limit", Text<kDayRows>}}};

constexpr std::array<Source, 14> kSearch = {{{"word1_from", FamilyFrom},
                                             {"word1_to", FamilyTo},
                                             {"word2_from", Null},
                                             {"word2_to", Null},
                                             {"word3_from", Null},
                                             {"word3_to", Null},
                                             {"word4_from", Null},
                                             {"word4_to", Null},
                                             {"word5_from", Null},
                                             {"word5_to", Null},
                                             {"after_family_name", Text<kEmpty>},
                                             {"after_given_name", Text<kEmpty>},
                                             {"after_id", Text<kNil>},
                                             {"row_limit", Text<kPageRowsText>}}};

// Of a mutation, around what it does.
constexpr std::array<Source, 4> kOnce = {{{"membership_id", Text<kUserText>},
                                          {"request_id", RequestKey},
                                          {"clinic_key", ClinicNumber},
                                          {"request_key", LockNumber}}};
constexpr std::array<Source, 3> kAnswer = {{{"request_hash", SomeBytes<32>},
                                            {"response", SomeBytes<kAnswerBytes>},
                                            {"event_id", EventId}}};
constexpr std::array<Source, 2> kChange = {
    {{"id", ChangeId}, {"entity_type", Text<kAppointmentText>}}};

constexpr std::array<Source, 26> kBooking = {{{"id", Visit},
                                              {"days", OnDay},
                                              {"occupants", Practitioner},
                                              {"first_on", TwoDaysBefore},
                                              {"last_on", ThreeDaysAfter},
                                              {"patient_id", Patient},
                                              {"practitioner_id", Practitioner},
                                              {"visit_type_id", Null},
                                              {"local_start", LocalStart},
                                              {"time_zone", Text<kZoneText>},
                                              {"ends_at", EndsAt},
                                              {"lane", Text<kZero>},
                                              {"overbook_reason", Null},
                                              {"reason", Text<kEmpty>},
                                              {"external_id", Null},
                                              {"part_allocations", Allocations},
                                              {"created_by", Text<kUserText>},
                                              {"now", Now},
                                              {"part_kinds", Text<kKinds>},
                                              {"part_occupants", Occupants},
                                              {"part_offsets", Text<kOffsets>},
                                              {"part_durations", Text<kDurations>},
                                              {"starts_at", StartsAt},
                                              {"duration_minutes", Text<kMinutes>},
                                              {"buffer_before_minutes", Text<kZero>},
                                              {"buffer_after_minutes", Text<kZero>}}};
constexpr std::array<Source, 7> kBookEvent = {{{"method", Text<kBookMethod>},
                                               {"action", Text<kCreate>},
                                               {"patient_id", Patient},
                                               {"entity_id", Visit},
                                               {"entity_version", Text<kOne>},
                                               {"after_sealed", SomeBytes<kSealedBytes>},
                                               {"request_id", RequestKey}}};
constexpr std::array<Source, 4> kTakenEvent = {{{"method", Text<kBookMethod>},
                                                {"action", Text<kCreate>},
                                                {"outcome", Text<kTakenText>},
                                                {"request_id", RequestKey}}};
constexpr std::array<Source, 5> kBookChange = {{{"entity_id", Visit},
                                                {"row_version", Text<kOne>},
                                                {"was_on", Null},
                                                {"is_on", OnDay},
                                                {"method", Text<kBookMethod>}}};

constexpr std::array<Source, 14> kArriving = {{{"id", Arrival},
                                               {"row_version", Null},
                                               {"kind", Text<kArrived>},
                                               {"from_states", Text<kExpected>},
                                               {"to_state", Text<kArrived>},
                                               {"occupies", Text<kTrue>},
                                               {"starts_from", Null},
                                               {"starts_until", ArriveUntil},
                                               {"ends_from", ArriveFrom},
                                               {"reason", Text<kEmpty>},
                                               {"cancelled_by", Null},
                                               {"cancel_cutoff_minutes", Text<kZero>},
                                               {"changed_by", Text<kUserText>},
                                               {"now", Now}}};
constexpr std::array<Source, 9> kArriveEvent = {{{"method", Text<kArriveMethod>},
                                                 {"action", Text<kUpdate>},
                                                 {"patient_id", Patient},
                                                 {"entity_id", Arrival},
                                                 {"entity_version", Text<kTwo>},
                                                 {"changed_fields", Text<kChangedFields>},
                                                 {"before_sealed", SomeBytes<kSealedBytes>},
                                                 {"after_sealed", SomeBytes<kSealedBytes>},
                                                 {"request_id", RequestKey}}};
constexpr std::array<Source, 5> kArriveChange = {{{"entity_id", Arrival},
                                                  {"row_version", Text<kTwo>},
                                                  {"was_on", OnDay},
                                                  {"is_on", OnDay},
                                                  {"method", Text<kArriveMethod>}}};

void AddRead(Workload workload, const ScriptOptions& options, Writer& writer) {
  if (options.context) {
    if (options.access_rows) {
      writer.Add("context", kContext, {kRelaxed, kContextSources});
    } else {
      writer.Add("context", kContext, {kRelaxed, kReadOnly, kContextSources});
    }
  }
  if (workload == Workload::kGetPatient) {
    constexpr std::array<Source, 1> kId = {{{"id", Patient}}};
    Statement& read = writer.Add(sql::kGetPatient, {kId});
    read.rows = 1;
    read.first_column = Patient;
    read.second_column = GivenName;
    if (options.access_rows) writer.Add(sql::kInsertPatientAccess, {kGetEvent, kEvent});
  } else if (workload == Workload::kListDay) {
    writer.Add(sql::kListPractitionerAppointments, {kDay}).rows = kVisitsOfDay;
    if (options.access_rows) writer.Add(sql::kInsertEvent, {kListEvent, kEvent});
  } else {
    writer.Add(sql::kSearchPatients, {kSearch}).rows = kFamilySize;
    if (options.access_rows) writer.Add(sql::kInsertEvent, {kSearchEvent, kEvent});
  }
}

// Without the look for the patient's key, which clinicd has in memory for a minute after each use.
void AddBooking(Writer& writer) {
  writer.Add("context", kContext, {kDurable, kContextSources});
  writer.Add(sql::kLockIdempotencyKey, {kOnce});
  writer.Add(sql::kFindIdempotencyKey, {kOnce}).rows = 0;
  writer.Add(sql::kLockDaysShared, {kBooking});
  writer.Add(sql::kListSchedule, {kBooking});
  writer.Add(sql::kInsertAppointment, {kBooking}).books = true;
  writer.Add(sql::kInsertEvent, {kBookEvent, kEvent});
  writer.Add(sql::kInsertChange, {kBookChange, kChange});
  writer.Add(sql::kInsertIdempotencyKey, {kOnce, kBookChange, kAnswer});
}

void AddArrival(Writer& writer) {
  writer.Add("context", kContext, {kDurable, kContextSources});
  writer.Add(sql::kLockIdempotencyKey, {kOnce});
  writer.Add(sql::kFindIdempotencyKey, {kOnce}).rows = 0;
  writer.Add(sql::kLockLateDays, {kArriving}).rows = 0;
  writer.Add(sql::kLockAppointment, {kArriving});
  Statement& arrive = writer.Add(sql::kChangeAppointmentState, {kArriving});
  arrive.rows = 1;
  arrive.first_column = Arrival;
  writer.Add(sql::kInsertEvent, {kArriveEvent, kEvent});
  writer.Add(sql::kInsertChange, {kArriveChange, kChange});
  writer.Add(sql::kInsertIdempotencyKey, {kOnce, kArriveChange, kAnswer});
}

}  // namespace

std::optional<Script> ScriptOf(Workload workload, const ScriptOptions& options) {
  Script script;
  Writer writer(script.statements, script.unknown);
  switch (workload) {
    case Workload::kGetPatient:
    case Workload::kListDay:
    case Workload::kSearchPatients:
      AddRead(workload, options, writer);
      return script;
    case Workload::kBook: {
      AddBooking(writer);
      Writer taken(script.when_taken, script.unknown);
      taken.Add("context", kContext, {kRelaxed, kContextSources});
      taken.Add(sql::kInsertEvent, {kTakenEvent, kEvent});
      for (Statement& statement : script.when_taken) statement.name += "t";
      return script;
    }
    case Workload::kCheckIn:
      AddArrival(writer);
      return script;
    default:
      return std::nullopt;
  }
}

}  // namespace clinicd::bench
