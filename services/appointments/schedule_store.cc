#include "services/appointments/schedule_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/try.h"
#include "db/queries/appointments.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/resource_errors.h"
#include "services/appointments/resource_store.h"

namespace clinicd::appointments {
namespace {

// The version of no hours at all. Others have the id of their first row, which is always new.
constexpr char kEmptyEtag[] = "\"none\"";

std::string_view NameOf(OwnerKind kind) {
  switch (kind) {
    case OwnerKind::kClinic:
      return "clinic";
    case OwnerKind::kLocation:
      return "location";
    case OwnerKind::kPractitioner:
      return "practitioner";
    case OwnerKind::kResource:
      return "resource";
  }
  return "";
}

OwnerKind ReadOwnerKind(std::string_view text) {
  if (text == "location") return OwnerKind::kLocation;
  if (text == "practitioner") return OwnerKind::kPractitioner;
  return text == "resource" ? OwnerKind::kResource : OwnerKind::kClinic;
}

std::string_view NameOf(ExceptionKind kind) {
  switch (kind) {
    case ExceptionKind::kClosed:
      return "closed";
    case ExceptionKind::kExtra:
      return "extra";
    case ExceptionKind::kChanged:
      return "changed";
  }
  return "";
}

ExceptionKind ReadExceptionKind(std::string_view text) {
  if (text == "extra") return ExceptionKind::kExtra;
  return text == "changed" ? ExceptionKind::kChanged : ExceptionKind::kClosed;
}

std::optional<ClockSpan> ReadSpan(const db::RowReader& row) {
  const std::optional<std::int32_t> from = row.OptionalInt32("from_minute");
  const std::optional<std::int32_t> to = row.OptionalInt32("to_minute");
  if (!from || !to) return std::nullopt;
  return ClockSpan{.from_minute = *from, .to_minute = *to};
}

SiteId ReadSite(const db::RowReader& row) {
  return row.OptionalId<LocationId>("location_id").value_or(SiteId());
}

// A row of list_schedule.
void AddRow(const db::RowReader& row, Schedule& schedule) {
  const std::string shape = row.Text("shape");
  const std::string owner_kind = row.TextOrEmpty("owner_kind");
  const Uuid id = row.OptionalUuid("owner_id").value_or(Uuid());
  const SiteId site = ReadSite(row);
  const std::string text = row.TextOrEmpty("text");
  const ScheduleOwner owner{.kind = ReadOwnerKind(owner_kind), .id = id};
  if (shape == "site") {
    absl::TimeZone zone = schedule.sites.front().zone;
    // A zone that this machine does not know, though another did, is taken for the clinic's.
    (void)absl::LoadTimeZone(text, &zone);
    schedule.sites.push_back({.id = SiteId(id), .zone = zone, .active = row.Bool("active")});
  } else if (shape == "resource") {
    schedule.members.push_back(
        {.kind = ReadKind(text), .id = id, .site = site, .active = row.Bool("active")});
  } else if (shape == "hours") {
    OwnedHours owned{.owner = owner, .site = site};
    owned.hours.weekday = row.Int32("weekday");
    owned.hours.span = ReadSpan(row).value_or(ClockSpan());
    owned.hours.valid_from = row.OptionalDate("first_on");
    owned.hours.valid_to = row.OptionalDate("last_on");
    schedule.hours.push_back(owned);
  } else {
    ScheduleException exception{.owner = owner, .site = site};
    exception.exception.kind = ReadExceptionKind(shape);
    exception.exception.reason = text;
    exception.exception.span = ReadSpan(row);
    exception.exception.first_day = row.Date("first_on");
    exception.exception.last_day = row.Date("last_on");
    exception.id = row.Id<ScheduleExceptionId>("id");
    schedule.exceptions.push_back(std::move(exception));
  }
}

Occupied ReadOccupied(const db::RowReader& row) {
  Occupied occupied;
  occupied.occupant = row.UuidValue("occupant_id");
  occupied.range.begin = row.Time("starts_at");
  occupied.range.end = row.Time("ends_at");
  return occupied;
}

BookedPart ReadBookedPart(const db::RowReader& row) {
  BookedPart booked;
  booked.appointment = row.Id<AppointmentId>("id");
  booked.practitioner = row.Id<PractitionerId>("practitioner_id");
  booked.starts_at = row.Time("visit_starts_at");
  booked.part.resource = row.UuidValue("occupant_id");
  booked.part.kind = ReadKind(row.Text("kind"));
  booked.part.offset_minutes = row.Int32("offset_minutes");
  booked.part.duration_minutes = row.Int32("duration_minutes");
  return booked;
}

struct HoursRow {
  Uuid id = {};
  OwnedHours owned = {};
};

HoursRow ReadHours(const db::RowReader& row) {
  HoursRow read;
  read.id = row.UuidValue("id");
  read.owned.site = ReadSite(row);
  read.owned.hours.weekday = row.Int32("weekday");
  read.owned.hours.span = ReadSpan(row).value_or(ClockSpan());
  read.owned.hours.valid_from = row.OptionalDate("valid_from");
  read.owned.hours.valid_to = row.OptionalDate("valid_until");
  return read;
}

ScheduleException ReadException(const db::RowReader& row) {
  ScheduleException exception;
  exception.id = row.Id<ScheduleExceptionId>("id");
  exception.owner.kind = ReadOwnerKind(row.Text("owner_kind"));
  const std::optional<Uuid> practitioner = row.OptionalUuid("practitioner_id");
  const std::optional<Uuid> resource = row.OptionalUuid("resource_id");
  exception.site = ReadSite(row);
  // Of a location, the site is the owner.
  exception.owner.id = practitioner.value_or(resource.value_or(exception.site.uuid()));
  exception.exception.kind = ReadExceptionKind(row.Text("kind"));
  exception.exception.first_day = row.Date("first_on");
  exception.exception.last_day = row.Date("last_on");
  exception.exception.span = ReadSpan(row);
  exception.exception.reason = row.Text("reason");
  exception.created_at = row.Time("created_at");
  return exception;
}

struct Exists {
  bool practitioner = false;
  bool resource = false;
  bool location = false;
};

Exists ReadExists(const db::RowReader& row) {
  Exists exists;
  exists.practitioner = row.Bool("practitioner_exists");
  exists.resource = row.Bool("resource_exists");
  exists.location = row.Bool("location_exists");
  return exists;
}

std::optional<Uuid> IdIf(bool wanted, const Uuid& id) {
  return wanted && !id.is_nil() ? std::optional(id) : std::nullopt;
}

// Whose rows they are; `site` is where a practitioner works.
db::Params OwnerParams(const ScheduleOwner& owner, SiteId site = SiteId()) {
  const Uuid location = owner.kind == OwnerKind::kLocation ? owner.id : site.uuid();
  db::Params params;
  params.Set("owner_kind", NameOf(owner.kind))
      .Set("practitioner_id", IdIf(owner.kind == OwnerKind::kPractitioner, owner.id))
      .Set("resource_id", IdIf(owner.kind == OwnerKind::kResource, owner.id))
      .Set("location_id", IdIf(true, location));
  return params;
}

std::string IdsText(const std::vector<Uuid>& ids) {
  return absl::StrJoin(ids, " ",
                       [](std::string* out, const Uuid& id) { out->append(id.ToString()); });
}

db::Params TakenParams(const ScheduleStore::Taken& taken) {
  db::Params params;
  params.SetOrNull("occupants", IdsText(taken.members))
      .Set("patient_id", taken.patient)
      .Set("holder_id", taken.holder)
      .Set("begin_at", taken.range.begin)
      .Set("end_at", taken.range.end)
      .Set("now", taken.now);
  return params;
}

ScheduleStore::HoursSet SetOf(const ScheduleOwner& owner, const std::vector<HoursRow>& rows) {
  ScheduleStore::HoursSet set{.etag = kEmptyEtag};
  for (const HoursRow& row : rows) {
    set.hours.push_back(row.owned);
    set.hours.back().owner = owner;
  }
  if (!rows.empty()) set.etag = absl::StrCat("\"", rows.front().id.ToString(), "\"");
  return set;
}

const db::ConstraintErrors& OwnerErrors() {
  static const db::ConstraintErrors errors = {
      {"working_hours_practitioner_fk", PractitionerNotFound},
      {"working_hours_resource_fk", ResourceNotFound},
      {"working_hours_location_fk", LocationNotFound},
      {"schedule_exceptions_practitioner_fk", PractitionerNotFound},
      {"schedule_exceptions_resource_fk", ResourceNotFound},
      {"schedule_exceptions_location_fk", LocationNotFound}};
  return errors;
}

}  // namespace

std::shared_ptr<const Schedule> ScheduleStore::ReadWithNext(db::TenantTx& tx,
                                                            const Extent& extent) const {
  // Shared with the transaction, which may outlive who asked.
  auto schedule = std::make_shared<Schedule>();
  schedule->sites.push_back({.zone = extent.zone});
  db::Params params;
  params.SetOrNull("occupants", IdsText(extent.members))
      .Set("first_on", extent.days.first_day)
      .Set("last_on", extent.days.last_day);
  tx.DeferRead(sql::kListSchedule, params,
               [schedule](const db::RowReader& row) { AddRow(row, *schedule); });
  return schedule;
}

absl::StatusOr<std::vector<Occupied>> ScheduleStore::ListOccupied(db::TenantTx& tx,
                                                                  const Taken& taken) const {
  if (taken.members.empty()) {
    return tx.Many(sql::kListOccupied, TakenParams(taken), ReadOccupied);
  }
  std::vector<Uuid> occupants = taken.members;
  if (taken.patient) occupants.push_back(taken.patient->uuid());
  return tx.Many(sql::kListOccupiedBy,
                 db::Params()
                     .Set("occupants", IdsText(occupants))
                     .Set("holder_id", taken.holder)
                     .Set("begin_at", taken.range.begin)
                     .Set("end_at", taken.range.end)
                     .Set("now", taken.now),
                 ReadOccupied);
}

std::shared_ptr<const std::vector<Occupied>> ScheduleStore::OccupiedWithNext(
    db::TenantTx& tx, const Taken& taken) const {
  // Shared with the transaction, which may outlive who asked.
  auto occupied = std::make_shared<std::vector<Occupied>>();
  tx.DeferRead(sql::kListOccupied, TakenParams(taken),
               [occupied](const db::RowReader& row) { occupied->push_back(ReadOccupied(row)); });
  return occupied;
}

absl::StatusOr<std::vector<BookedPart>> ScheduleStore::ListBooked(db::TenantTx& tx,
                                                                  const Booked& booked) const {
  return tx.Many(sql::kListBookedParts,
                 db::Params()
                     .Set("begin_at", booked.range.begin)
                     .Set("end_at", booked.range.end)
                     .Set("occupant_id", booked.occupant)
                     .Set("row_limit", static_cast<std::int64_t>(booked.limit)),
                 ReadBookedPart);
}

absl::StatusOr<ScheduleStore::HoursSet> ScheduleStore::FindHours(db::TenantTx& tx,
                                                                 const ScheduleOwner& owner) const {
  std::vector<HoursRow> rows;
  tx.DeferRead(sql::kListWorkingHours, OwnerParams(owner),
               [&rows](const db::RowReader& row) { rows.push_back(ReadHours(row)); });
  CLINICD_ASSIGN_OR_RETURN(
      const Exists exists,
      tx.One(sql::kFindScheduleOwner,
             db::Params()
                 .Set("practitioner_id", IdIf(owner.kind == OwnerKind::kPractitioner, owner.id))
                 .Set("resource_id", IdIf(owner.kind == OwnerKind::kResource, owner.id))
                 .Set("location_id", IdIf(owner.kind == OwnerKind::kLocation, owner.id)),
             ReadExists));
  if (owner.kind == OwnerKind::kPractitioner && !exists.practitioner) return PractitionerNotFound();
  if (owner.kind == OwnerKind::kResource && !exists.resource) return ResourceNotFound();
  const bool location = owner.kind == OwnerKind::kLocation && !owner.id.is_nil();
  if (location && !exists.location) return LocationNotFound();
  return SetOf(owner, rows);
}

void ScheduleStore::LockHours(db::TenantTx& tx, const ScheduleOwner& owner) const {
  tx.Defer(sql::kLockWorkingHours, db::Params().Set("owner", owner.id.ToString()));
}

absl::StatusOr<ScheduleStore::HoursSet> ScheduleStore::ReplaceHours(db::TenantTx& tx,
                                                                    const ScheduleOwner& owner,
                                                                    const NewHours& wanted) const {
  tx.Defer(sql::kDeleteWorkingHours, OwnerParams(owner));
  for (std::size_t i = 0; i < wanted.hours.size(); ++i) {
    const OwnedHours& owned = wanted.hours[i];
    db::Params params = OwnerParams(owner, owned.site);
    params.Set("id", wanted.ids[i])
        .Set("weekday", owned.hours.weekday)
        .Set("from_minute", owned.hours.span.from_minute)
        .Set("to_minute", owned.hours.span.to_minute)
        .Set("valid_from", owned.hours.valid_from)
        .Set("valid_until", owned.hours.valid_to)
        .Set("created_by", wanted.created_by)
        .Set("now", wanted.now);
    tx.Defer(sql::kInsertWorkingHours, params, OwnerErrors());
  }
  CLINICD_ASSIGN_OR_RETURN(const std::vector<HoursRow> rows,
                           tx.Many(sql::kListWorkingHours, OwnerParams(owner), ReadHours));
  return SetOf(owner, rows);
}

absl::StatusOr<ScheduleException> ScheduleStore::InsertException(db::TenantTx& tx,
                                                                 const ScheduleException& exception,
                                                                 UserId created_by) const {
  const HoursException& hours = exception.exception;
  const auto from = hours.span ? std::optional(hours.span->from_minute) : std::nullopt;
  const auto to = hours.span ? std::optional(hours.span->to_minute) : std::nullopt;
  db::Params params = OwnerParams(exception.owner, exception.site);
  params.Set("id", exception.id)
      .Set("kind", NameOf(hours.kind))
      .Set("first_on", hours.first_day)
      .Set("last_on", hours.last_day)
      .Set("from_minute", from)
      .Set("to_minute", to)
      .Set("reason", hours.reason)
      .Set("created_by", created_by)
      .Set("now", exception.created_at);
  return tx.One(sql::kInsertScheduleException, params, ReadException, OwnerErrors());
}

absl::StatusOr<std::optional<ScheduleException>> ScheduleStore::DeleteException(
    db::TenantTx& tx, ScheduleExceptionId id) const {
  return tx.Optional(sql::kDeleteScheduleException, db::Params().Set("id", id), ReadException);
}

absl::StatusOr<std::vector<ScheduleException>> ScheduleStore::ListExceptions(
    db::TenantTx& tx, const ExceptionFilter& filter, const Position& after,
    std::int32_t count_max) const {
  db::Params params;
  if (filter.owner) {
    params = OwnerParams(*filter.owner);
  } else {
    params.SetNull("owner_kind")
        .SetNull("practitioner_id")
        .SetNull("resource_id")
        .SetNull("location_id");
  }
  params.Set("first_on", filter.days.first_day)
      .Set("last_on", filter.days.last_day)
      .Set("after_on", after.first_day)
      .Set("after_id", after.id)
      .Set("count_max", count_max);
  return tx.Many(sql::kListScheduleExceptions, params, ReadException);
}

}  // namespace clinicd::appointments
