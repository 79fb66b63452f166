#include "services/audit/audit_handlers.h"

#include <optional>

#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/civil.h"
#include "services/audit/audit_errors.h"
#include "services/audit/event_convert.h"
#include "services/audit/event_rules.h"

namespace clinicd::audit {
namespace {

constexpr char kEntity[] = "audit_event";

auth::PageKey KeyOf(const Event& event) { return {event.id.ToString()}; }

// The event before which the page begins; none on the first page.
absl::StatusOr<std::optional<Uuid>> PositionOf(const auth::PageKey& key) {
  if (key.empty()) return std::optional<Uuid>();
  const std::optional<Uuid> id = Uuid::Parse(key[0]);
  if (!id) return auth::PageTokenInvalid();
  return id;
}

}  // namespace

absl::StatusOr<v1::ListEventsResponse> AuditHandlers::ListEvents(
    const v1::ListEventsRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const EventFilter filter, ParseFilter(request));
  const auth::Pager pager(page_tokens_, call.info().identity.clinic, call.info().method->full_name,
                          request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey key, pager.Start(request.page_token(), 1));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Uuid> before, PositionOf(key));
  const std::int32_t page_size = auth::PageSize(request.page_size(), 50, 200);
  call.AuditListAccess(kEntity, filter.patient);
  const bool full = request.view() == v1::EVENT_VIEW_FULL;
  db::TenantTx& tx = full ? call.tx() : call.last_tx();
  CLINICD_ASSIGN_OR_RETURN(std::vector<Event> rows, store_.List(tx, filter, before, page_size + 1));
  v1::ListEventsResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(rows, page_size, KeyOf));
  std::vector<OpenedSnapshots> snapshots(rows.size());
  if (full) {
    CLINICD_ASSIGN_OR_RETURN(snapshots, store_.OpenSnapshots(tx, rows));
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    *response.add_events() = ToProto(rows[i], snapshots[i]);
  }
  return response;
}

absl::StatusOr<v1::Event> AuditHandlers::GetEvent(const v1::GetEventRequest& request,
                                                  rpc::Call& call) const {
  const Uuid id = Uuid::Parse(request.id()).value_or(Uuid());
  call.AuditListAccess(kEntity, {}, id);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Event> event, store_.Find(call.tx(), id));
  if (!event) return EventNotFound();
  call.AuditListAccess(kEntity, event->patient, id);
  CLINICD_ASSIGN_OR_RETURN(const std::vector<OpenedSnapshots> snapshots,
                           store_.OpenSnapshots(call.tx(), {*event}));
  return ToProto(*event, snapshots.front());
}

absl::StatusOr<v1::PatientAccessReport> AuditHandlers::GetPatientAccessReport(
    const v1::GetPatientAccessReportRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const Period period, ParsePeriod(request, call.now()));
  const PatientId patient = PatientId::Parse(request.patient_id()).value_or(PatientId());
  call.AuditListAccess(kEntity, patient);
  CLINICD_ASSIGN_OR_RETURN(
      const std::vector<PatientAccess> accesses,
      store_.ReportAccesses(call.last_tx(), patient, period.start, period.end));
  v1::PatientAccessReport report;
  report.set_patient_id(patient.ToString());
  *report.mutable_start_time() = rpc::ToTimestamp(period.start);
  *report.mutable_end_time() = rpc::ToTimestamp(period.end);
  for (const PatientAccess& access : accesses) *report.add_accesses() = ToProto(access);
  return report;
}

}  // namespace clinicd::audit
