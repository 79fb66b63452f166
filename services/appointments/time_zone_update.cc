#include "services/appointments/time_zone_update.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/rpc/call.h"
#include "services/appointments/appointment_convert.h"

namespace clinicd::appointments {
namespace {

constexpr char kMethod[] = "clinicd timezones update";
constexpr std::int32_t kPageSize = 1000;
// Visits of a transaction, which keeps bookings of their days waiting.
constexpr std::size_t kBatchSize = 100;
// No clocks are further apart: what began as long ago by one may be to come by another.
constexpr absl::Duration kOffsetsMax = absl::Hours(26);
constexpr absl::Duration kPatience = absl::Seconds(10);

absl::CivilDay UtcDay(absl::Time time) { return absl::ToCivilDay(time, absl::UTCTimeZone()); }

std::vector<Uuid> HoldersOf(const std::vector<ClockChange>& changes) {
  std::vector<Uuid> holders;
  for (const ClockChange& change : changes) holders.push_back(change.filed.holder);
  return holders;
}

bool Contains(const std::vector<Uuid>& ids, const Uuid& id) {
  return std::ranges::find(ids, id) != ids.end();
}

// From the first of the starts of `changes` to the last one.
AppointmentStore::Watching PeriodOf(const std::vector<ClockChange>& changes) {
  const auto start = [](const ClockChange& change) { return change.filed.slot.starts_at; };
  const auto [first, last] = std::ranges::minmax_element(changes, {}, start);
  return {.begin = start(*first), .end = start(*last) + absl::Seconds(1)};
}

db::AuditRow ChangeRow(std::string_view entity_type, std::string_view before,
                       std::string_view after) {
  return {.category = "operation",
          .action = "update",
          .method = kMethod,
          .outcome = "OK",
          .entity_type = entity_type,
          .before_json = before,
          .after_json = after,
          .client_address = "local"};
}

// Versions have no character that JSON would escape.
std::string VersionJson(const std::string& version) {
  return version.empty() ? "" : absl::StrCat(R"({"version":")", version, R"("})");
}

}  // namespace

absl::Status TimeZoneUpdate::InClinic(
    ClinicId clinic, const std::function<absl::Status(db::TenantTx&)>& work) const {
  return parts_.runner.InClinic({.clinic = clinic, .deadline = parts_.clock.Now() + kPatience},
                                work);
}

absl::StatusOr<std::string> TimeZoneUpdate::VersionOf(ClinicId clinic) const {
  std::optional<std::string> version;
  CLINICD_RETURN_IF_ERROR(InClinic(clinic, [&](db::TenantTx& tx) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(version, store_.FindVersion(tx));
    return absl::OkStatus();
  }));
  return version.value_or("");
}

absl::StatusOr<TimeZoneUpdate::Found> TimeZoneUpdate::Find(ClinicId clinic,
                                                           const Order& order) const {
  Found found;
  const absl::Time now = parts_.clock.Now();
  TimeZoneStore::Position after{.starts_at = now - kOffsetsMax};
  std::vector<FiledTime> page;
  do {
    if (order.stop && order.stop()) return found;
    CLINICD_RETURN_IF_ERROR(InClinic(clinic, [&](db::TenantTx& tx) -> absl::Status {
      CLINICD_ASSIGN_OR_RETURN(page, store_.ListExpected(tx, after, now, kPageSize));
      return absl::OkStatus();
    }));
    for (FiledTime& filed : page) {
      after = {.starts_at = filed.slot.starts_at, .holder = filed.holder};
      absl::TimeZone zone;
      if (!absl::LoadTimeZone(filed.slot.time_zone, &zone)) {
        found.unknown_zone.push_back(filed.holder);
      } else if (const auto time = DeriveAnew(filed.slot, zone, now)) {
        found.changes.push_back({.filed = std::move(filed), .time = *time});
      }
    }
    found.looked_at += static_cast<std::int64_t>(page.size());
  } while (page.size() == static_cast<std::size_t>(kPageSize));
  return found;
}

absl::StatusOr<TimeZoneReport> TimeZoneUpdate::Run(ClinicId clinic, const Order& order) const {
  TimeZoneReport report{.clinic = clinic};
  CLINICD_ASSIGN_OR_RETURN(report.old_version, VersionOf(clinic));
  // What could not move because of another one that had not moved yet can in the next round.
  for (bool first = true;; first = false) {
    CLINICD_ASSIGN_OR_RETURN(Found found, Find(clinic, order));
    if (first) report.looked_at = found.looked_at;
    report.left = std::move(found.unknown_zone);
    report.stopped = order.stop && order.stop();
    if (report.stopped) return report;
    if (order.dry_run) {
      report.moved = static_cast<std::int64_t>(found.changes.size());
      return report;
    }
    SortForMoving(found.changes);
    CLINICD_ASSIGN_OR_RETURN(const Progress progress, MoveAll(clinic, found.changes, order));
    report.moved += progress.moved;
    if (progress.moved > 0 || progress.gone > 0) continue;
    report.stopped = order.stop && order.stop();
    if (report.stopped) return report;
    for (const Uuid& holder : HoldersOf(found.changes)) report.left.push_back(holder);
    break;
  }
  // With some left, the next run has to look again.
  if (report.left.empty()) {
    CLINICD_RETURN_IF_ERROR(StoreVersion(clinic, report, order.version));
  }
  return report;
}

absl::StatusOr<TimeZoneUpdate::Progress> TimeZoneUpdate::MoveAll(
    ClinicId clinic, const std::vector<ClockChange>& changes, const Order& order) const {
  Progress all;
  for (std::size_t begin = 0; begin < changes.size(); begin += kBatchSize) {
    if (order.stop && order.stop()) return all;
    const std::size_t size = std::min(kBatchSize, changes.size() - begin);
    const auto batch = std::span(changes).subspan(begin, size);
    CLINICD_ASSIGN_OR_RETURN(const Progress progress,
                             MoveBatch(clinic, {batch.begin(), batch.end()}));
    all.moved += progress.moved;
    all.gone += progress.gone;
  }
  return all;
}

absl::StatusOr<TimeZoneUpdate::Progress> TimeZoneUpdate::MoveBatch(
    ClinicId clinic, std::vector<ClockChange> changes) const {
  while (!changes.empty()) {
    CLINICD_ASSIGN_OR_RETURN(const TimeZoneStore::Moved moved, TryBatch(clinic, changes));
    if (moved.taken.empty()) {
      const std::size_t count = moved.holders.size();
      return Progress{.moved = static_cast<std::int64_t>(count),
                      .gone = static_cast<std::int64_t>(changes.size() - count)};
    }
    // Those keep the time they have, where others of the batch may have been heading.
    std::erase_if(changes, [&moved](const ClockChange& change) {
      return Contains(moved.taken, change.filed.holder);
    });
  }
  return Progress();
}

absl::StatusOr<TimeZoneStore::Moved> TimeZoneUpdate::TryBatch(
    ClinicId clinic, const std::vector<ClockChange>& changes) const {
  TimeZoneStore::Moved moved;
  const absl::Status status = InClinic(clinic, [&](db::TenantTx& tx) -> absl::Status {
    const absl::Time now = parts_.clock.Now();
    moved = {};
    appointments_.LockDays(tx, DaysOf(changes));
    appointments_.DeleteAllExpiredHolds(tx, now);
    CLINICD_ASSIGN_OR_RETURN(const std::vector<Appointment> before,
                             appointments_.ListWatched(tx, PeriodOf(changes), HoldersOf(changes)));
    CLINICD_ASSIGN_OR_RETURN(moved, store_.Move(tx, changes, now));
    if (!moved.taken.empty()) return absl::AbortedError("some times are taken");
    Record(tx, before, changes, moved.holders, now);
    return absl::OkStatus();
  });
  if (!status.ok() && moved.taken.empty()) return status;
  return moved;
}

void TimeZoneUpdate::Record(db::TenantTx& tx, const std::vector<Appointment>& before,
                            const std::vector<ClockChange>& changes, const std::vector<Uuid>& moved,
                            absl::Time now) const {
  for (const Appointment& visit : before) {
    const Uuid& id = visit.id.uuid();
    const auto change =
        std::ranges::find(changes, id, [](const ClockChange& each) { return each.filed.holder; });
    if (!Contains(moved, id) || change == changes.end()) continue;
    Appointment after = visit;
    after.booking.plan.slot = MovedSlot(visit.booking.plan.slot, change->time);
    ++after.row_version;
    const v1::Appointment old_proto = ToProto(visit);
    const v1::Appointment new_proto = ToProto(after);
    const rpc::AuditSubject change_of = rpc::ChangeOf("appointment", id, &old_proto, &new_proto);
    db::AuditRow row = ChangeRow("appointment", change_of.before_json, change_of.after_json);
    row.entity_id = id;
    row.entity_version = change_of.entity_version;
    row.patient = visit.booking.patient_id;
    row.changed_fields = change_of.changed_fields;
    parts_.runner.audit().Defer(tx, parts_.ids.NewUuid(), now, row);
    db::DeferChange(tx, parts_.ids.NewUuid(),
                    {.entity_type = "appointment",
                     .entity_id = id,
                     .row_version = after.row_version,
                     .was_on = UtcDay(visit.booking.plan.slot.starts_at),
                     .is_on = UtcDay(after.booking.plan.slot.starts_at)});
  }
}

absl::Status TimeZoneUpdate::StoreVersion(ClinicId clinic, const TimeZoneReport& report,
                                          const std::string& version) const {
  if (report.old_version == version) return absl::OkStatus();
  const std::string before = VersionJson(report.old_version);
  const std::string after = VersionJson(version);
  return InClinic(clinic, [&](db::TenantTx& tx) {
    const absl::Time now = parts_.clock.Now();
    store_.SetVersion(tx, version, now);
    parts_.runner.audit().Defer(tx, parts_.ids.NewUuid(), now,
                                ChangeRow("time_zones", before, after));
    return absl::OkStatus();
  });
}

}  // namespace clinicd::appointments
