#include "services/appointments/visit_type_store.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/status/error.h"
#include "db/queries/appointments.h"
#include "services/appointments/visit_type_errors.h"

namespace clinicd::appointments {
namespace {

// A row of a visit type has one of its segments.
VisitType ReadVisitType(const db::RowReader& row) {
  VisitType visit_type;
  visit_type.id = row.Id<VisitTypeId>("id");
  visit_type.name = row.Text("name");
  visit_type.description = row.Text("description");
  visit_type.color = row.TextOrEmpty("color");
  visit_type.buffer_before_minutes = row.Int32("buffer_before_minutes");
  visit_type.buffer_after_minutes = row.Int32("buffer_after_minutes");
  visit_type.online_bookable = row.Bool("online_bookable");
  visit_type.min_notice_minutes = row.Int32("min_notice_minutes");
  visit_type.booking_window_days = row.Int32("booking_window_days");
  visit_type.cancel_cutoff_minutes = row.Int32("cancel_cutoff_minutes");
  visit_type.active = row.Bool("active");
  visit_type.external_id = row.TextOrEmpty("external_id");
  visit_type.created_at = row.Time("created_at");
  visit_type.row_version = row.Int("row_version");
  Segment segment;
  segment.resource_kind = ReadKind(row.Text("resource_kind"));
  segment.offset_minutes = row.Int32("offset_minutes");
  segment.duration_minutes = row.Int32("duration_minutes");
  visit_type.segments.push_back(segment);
  return visit_type;
}

// The visit types whose rows, one for each segment, follow one another.
std::vector<VisitType> Joined(std::vector<VisitType> rows) {
  std::vector<VisitType> visit_types;
  for (VisitType& row : rows) {
    if (!visit_types.empty() && visit_types.back().id == row.id) {
      visit_types.back().segments.push_back(row.segments.front());
    } else {
      visit_types.push_back(std::move(row));
    }
  }
  return visit_types;
}

VisitTypeId ReadId(const db::RowReader& row) { return row.Id<VisitTypeId>("id"); }

// What an insertion and an update have in common.
db::Params CommonParams(const VisitType& visit_type) {
  db::Params params;
  params.Set("id", visit_type.id)
      .Set("name", visit_type.name)
      .Set("description", visit_type.description)
      .SetOrNull("color", visit_type.color)
      .Set("buffer_before_minutes", visit_type.buffer_before_minutes)
      .Set("buffer_after_minutes", visit_type.buffer_after_minutes)
      .Set("online_bookable", visit_type.online_bookable)
      .Set("min_notice_minutes", visit_type.min_notice_minutes)
      .Set("booking_window_days", visit_type.booking_window_days)
      .Set("cancel_cutoff_minutes", visit_type.cancel_cutoff_minutes);
  return params;
}

void DeferSegments(db::TenantTx& tx, const VisitType& visit_type) {
  std::string kinds;
  std::string offsets;
  std::string durations;
  for (const Segment& segment : visit_type.segments) {
    const char* separator = kinds.empty() ? "" : " ";
    absl::StrAppend(&kinds, separator, ToAbsl(KindText(segment.resource_kind)));
    absl::StrAppend(&offsets, separator, segment.offset_minutes);
    absl::StrAppend(&durations, separator, segment.duration_minutes);
  }
  tx.Defer(sql::kInsertVisitTypeSegments, db::Params()
                                              .Set("visit_type_id", visit_type.id)
                                              .Set("resource_kinds", kinds)
                                              .Set("offsets", offsets)
                                              .Set("durations", durations));
}

}  // namespace

absl::StatusOr<std::optional<VisitType>> VisitTypeStore::Find(db::TenantTx& tx,
                                                              VisitTypeId id) const {
  CLINICD_ASSIGN_OR_RETURN(std::vector<VisitType> rows,
                           tx.Many(sql::kGetVisitType, db::Params().Set("id", id), ReadVisitType));
  std::vector<VisitType> found = Joined(std::move(rows));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

absl::Status VisitTypeStore::CheckActive(db::TenantTx& tx,
                                         const std::optional<VisitTypeId>& id) const {
  if (!id) return absl::OkStatus();
  CLINICD_ASSIGN_OR_RETURN(const std::optional<VisitType> found, Find(tx, *id));
  if (!found) return VisitTypeNotFound();
  return found->active ? absl::OkStatus() : VisitTypeInactive();
}

absl::StatusOr<std::vector<VisitType>> VisitTypeStore::List(db::TenantTx& tx, bool show_inactive,
                                                            const NamePosition& after,
                                                            std::int32_t count_max) const {
  CLINICD_ASSIGN_OR_RETURN(std::vector<VisitType> rows,
                           tx.Many(sql::kListVisitTypes,
                                   db::Params()
                                       .Set("show_inactive", show_inactive)
                                       .Set("after_name", after.name)
                                       .Set("after_id", after.id)
                                       .Set("count_max", count_max),
                                   ReadVisitType));
  return Joined(std::move(rows));
}

absl::StatusOr<VisitType> VisitTypeStore::Insert(db::TenantTx& tx, const VisitType& visit_type,
                                                 UserId created_by) const {
  db::Params params = CommonParams(visit_type);
  params.SetOrNull("external_id", visit_type.external_id)
      .Set("now", visit_type.created_at)
      .Set("created_by", created_by);
  CLINICD_ASSIGN_OR_RETURN(const std::int64_t inserted, tx.Execute(sql::kInsertVisitType, params));
  if (inserted == 0) {
    CLINICD_ASSIGN_OR_RETURN(
        const VisitTypeId existing,
        tx.One(sql::kFindVisitTypeByExternalId,
               db::Params().Set("external_id", visit_type.external_id), ReadId));
    return VisitTypeExternalIdTaken(existing);
  }
  DeferSegments(tx, visit_type);
  CLINICD_ASSIGN_OR_RETURN(std::optional<VisitType> created, Find(tx, visit_type.id));
  if (!created) return status::Defect("a visit type is gone that was just stored");
  return *std::move(created);
}

absl::StatusOr<std::optional<VisitType>> VisitTypeStore::Update(db::TenantTx& tx,
                                                                const VisitType& visit_type) const {
  db::Params params = CommonParams(visit_type);
  params.Set("active", visit_type.active).Set("row_version", visit_type.row_version);
  CLINICD_ASSIGN_OR_RETURN(const std::int64_t updated, tx.Execute(sql::kUpdateVisitType, params));
  if (updated == 0) return std::nullopt;
  tx.Defer(sql::kDeleteVisitTypeSegments, db::Params().Set("visit_type_id", visit_type.id));
  DeferSegments(tx, visit_type);
  return Find(tx, visit_type.id);
}

}  // namespace clinicd::appointments
