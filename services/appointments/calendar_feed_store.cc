#include "services/appointments/calendar_feed_store.h"

#include <string>
#include <utility>

#include "common/base/try.h"
#include "common/crypto/digest.h"
#include "db/queries/appointments.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_states.h"

namespace clinicd::appointments {
namespace {

CalendarFeed ReadFeed(const db::RowReader& row) {
  CalendarFeed feed;
  feed.id = row.Id<CalendarFeedId>("id");
  feed.practitioner = row.Id<PractitionerId>("practitioner_id");
  feed.show_patient_names = row.Bool("show_patient_names");
  feed.created_at = row.Time("created_at");
  feed.revoked_at = row.OptionalTime("revoked_at");
  return feed;
}

absl::TimeZone ReadZone(const db::RowReader& row, std::string_view column) {
  absl::TimeZone zone = absl::UTCTimeZone();
  // One that this machine does not know, though another did, leaves the instants what they are.
  (void)absl::LoadTimeZone(row.Text(column), &zone);
  return zone;
}

// A feed with one visit of it, or none.
struct FeedRow {
  FeedContents feed = {};
  std::optional<FeedVisit> visit = {};
};

FeedRow ReadFeedRow(const db::RowReader& row) {
  FeedRow read;
  read.feed.id = row.Id<CalendarFeedId>("feed_id");
  read.feed.zone = ReadZone(row, "clinic_time_zone");
  read.feed.practitioner_name = row.Text("practitioner_name");
  const std::optional<AppointmentId> id = row.OptionalId<AppointmentId>("id");
  if (!id) return read;
  FeedVisit visit{.id = *id, .zone = ReadZone(row, "time_zone")};
  visit.range.begin = row.Time("starts_at");
  visit.range.end = row.Time("ends_at");
  visit.state = StateOf(row.Text("state"));
  visit.row_version = row.Int("row_version");
  visit.updated_at = row.Time("updated_at");
  visit.patient_name = row.TextOrEmpty("patient_name");
  read.visit = std::move(visit);
  return read;
}

}  // namespace

absl::StatusOr<CalendarFeed> CalendarFeedStore::Insert(db::TenantTx& tx, const CalendarFeed& feed,
                                                       const crypto::SecretBytes& secret,
                                                       UserId created_by) const {
  const crypto::Sha256Digest hash = crypto::Sha256(secret.view());
  return tx.One(sql::kInsertCalendarFeed,
                db::Params()
                    .Set("id", feed.id)
                    .Set("practitioner_id", feed.practitioner)
                    .Set("secret_hash", db::Bytes{crypto::AsView(hash)})
                    .Set("show_patient_names", feed.show_patient_names)
                    .Set("created_at", feed.created_at)
                    .Set("created_by", created_by),
                ReadFeed, {{"calendar_feeds_practitioner_fk", PractitionerNotFound}});
}

absl::StatusOr<std::optional<CalendarFeed>> CalendarFeedStore::Find(db::TenantTx& tx,
                                                                    CalendarFeedId id) const {
  return tx.Optional(sql::kGetCalendarFeed, db::Params().Set("id", id), ReadFeed);
}

absl::StatusOr<std::vector<CalendarFeed>> CalendarFeedStore::List(db::TenantTx& tx,
                                                                  const Listing& listing) const {
  return tx.Many(sql::kListCalendarFeeds,
                 db::Params()
                     .Set("practitioner_id", listing.practitioner)
                     .Set("show_revoked", listing.show_revoked)
                     .Set("after_id", listing.after)
                     .Set("count_max", listing.count_max),
                 ReadFeed);
}

absl::StatusOr<std::optional<CalendarFeed>> CalendarFeedStore::Revoke(db::TenantTx& tx,
                                                                      CalendarFeedId id,
                                                                      UserId revoked_by,
                                                                      absl::Time now) const {
  return tx.Optional(sql::kRevokeCalendarFeed,
                     db::Params().Set("id", id).Set("now", now).Set("revoked_by", revoked_by),
                     ReadFeed);
}

absl::StatusOr<std::optional<FeedContents>> CalendarFeedStore::Read(
    db::TenantTx& tx, const crypto::SecretBytes& secret, const FeedWindow& window) const {
  const crypto::Sha256Digest hash = crypto::Sha256(secret.view());
  CLINICD_ASSIGN_OR_RETURN(std::vector<FeedRow> rows,
                           tx.Many(sql::kReadCalendarFeed,
                                   db::Params()
                                       .Set("secret_hash", db::Bytes{crypto::AsView(hash)})
                                       .Set("begin_at", window.range.begin)
                                       .Set("end_at", window.range.end)
                                       .Set("cancelled_since", window.cancelled_since),
                                   ReadFeedRow));
  if (rows.empty()) return std::nullopt;
  FeedContents contents = std::move(rows.front().feed);
  for (FeedRow& row : rows) {
    if (row.visit) contents.visits.push_back(*std::move(row.visit));
  }
  return contents;
}

}  // namespace clinicd::appointments
