#include "services/appointments/time_zone_store.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/try.h"
#include "db/queries/appointments.h"
#include "services/appointments/appointment_convert.h"

namespace clinicd::appointments {
namespace {

// One thing of each change, with spaces between.
template <typename Format>
std::string List(const std::vector<ClockChange>& changes, Format format) {
  return absl::StrJoin(changes, " ", [format](std::string* out, const ClockChange& change) {
    absl::StrAppend(out, format(change));
  });
}

std::string InstantText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::vector<Uuid> ParseIds(const std::string& text) {
  std::vector<Uuid> ids;
  for (const auto& id : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    ids.push_back(Uuid::Parse(std::string(id)).value_or(Uuid()));
  }
  return ids;
}

std::string ReadVersion(const db::RowReader& row) { return row.Text("version"); }

FiledTime ReadFiled(const db::RowReader& row) {
  FiledTime filed;
  filed.holder = row.UuidValue("id");
  filed.row_version = row.Int("row_version");
  filed.slot.local_start = absl::CivilMinute(row.Local("local_start"));
  filed.slot.time_zone = row.Text("time_zone");
  filed.slot.duration_minutes = row.Int32("duration_minutes");
  filed.buffers.before_minutes = row.Int32("buffer_before_minutes");
  filed.buffers.after_minutes = row.Int32("buffer_after_minutes");
  filed.slot.starts_at = row.Time("starts_at");
  filed.slot.ends_at = filed.slot.starts_at + absl::Minutes(filed.slot.duration_minutes);
  return filed;
}

// What moved, and what it is to take.
struct Freed {
  std::string moved_ids;
  std::string parts;
};

Freed ReadFreed(const db::RowReader& row) {
  Freed freed{.moved_ids = row.Text("moved_ids"), .parts = ""};
  freed.parts = row.Text("parts");
  return freed;
}

std::string ReadIncomplete(const db::RowReader& row) { return row.Text("incomplete_ids"); }

}  // namespace

absl::StatusOr<std::optional<std::string>> TimeZoneStore::FindVersion(db::TenantTx& tx) const {
  return tx.Optional(sql::kGetTimeZoneVersion, db::Params(), ReadVersion);
}

void TimeZoneStore::SetVersion(db::TenantTx& tx, const std::string& version, absl::Time now) const {
  tx.Defer(sql::kSetTimeZoneVersion, db::Params().Set("version", version).Set("now", now));
}

absl::StatusOr<std::vector<FiledTime>> TimeZoneStore::ListExpected(db::TenantTx& tx,
                                                                   const Position& after,
                                                                   absl::Time now,
                                                                   std::int32_t limit) const {
  return tx.Many(sql::kListExpectedTimes,
                 db::Params()
                     .Set("after_starts_at", after.starts_at)
                     .Set("after_id", after.holder)
                     .Set("now", now)
                     .Set("row_limit", limit),
                 ReadFiled);
}

absl::StatusOr<TimeZoneStore::Moved> TimeZoneStore::Move(db::TenantTx& tx,
                                                         const std::vector<ClockChange>& changes,
                                                         absl::Time now) const {
  db::Params params;
  params
      .Set("ids",
           List(changes, [](const ClockChange& each) { return each.filed.holder.ToString(); }))
      .Set("row_versions",
           List(changes, [](const ClockChange& each) { return each.filed.row_version; }))
      .Set(
          "local_starts",
          List(changes, [](const ClockChange& each) { return FormatLocal(each.time.clock_start); }))
      .Set("old_starts",
           List(changes,
                [](const ClockChange& each) { return InstantText(each.filed.slot.starts_at); }))
      .Set("starts",
           List(changes, [](const ClockChange& each) { return InstantText(each.time.starts_at); }))
      .Set("now", now);
  CLINICD_ASSIGN_OR_RETURN(const Freed freed, tx.One(sql::kMoveWithClock, params, ReadFreed));
  CLINICD_ASSIGN_OR_RETURN(
      const std::string incomplete,
      tx.One(sql::kTakeWithClock, db::Params().Set("parts", freed.parts), ReadIncomplete));
  return Moved{.holders = ParseIds(freed.moved_ids), .taken = ParseIds(incomplete)};
}

}  // namespace clinicd::appointments
