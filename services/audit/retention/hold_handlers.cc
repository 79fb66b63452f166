#include "services/audit/retention/hold_handlers.h"

#include <optional>

#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/civil.h"
#include "common/rpc/etag.h"
#include "services/audit/audit_errors.h"

namespace clinicd::audit {
namespace {

constexpr char kEntity[] = "legal_hold";
constexpr std::int32_t kPageDefault = 50;
constexpr std::int32_t kPageMax = 200;
constexpr char kReleased[] = "released";
constexpr char kInForce[] = "in_force";

v1::LegalHold ToProto(const LegalHold& hold) {
  v1::LegalHold proto;
  proto.set_id(hold.id.ToString());
  if (hold.patient) proto.set_patient_id(hold.patient->ToString());
  proto.set_state(hold.released ? v1::LegalHold::STATE_RELEASED : v1::LegalHold::STATE_IN_FORCE);
  proto.set_reason(hold.reason);
  *proto.mutable_place_time() = rpc::ToTimestamp(hold.placed_at);
  proto.set_placed_by_user_id(hold.placed_by.ToString());
  proto.set_release_reason(hold.release_reason);
  if (hold.released_at) *proto.mutable_release_time() = rpc::ToTimestamp(*hold.released_at);
  if (hold.released_by) proto.set_released_by_user_id(hold.released_by->ToString());
  proto.set_etag(rpc::Etag(hold.row_version));
  return proto;
}

auth::PageKey KeyOf(const LegalHold& hold) {
  return {hold.released ? kReleased : kInForce, hold.id.ToString()};
}

absl::StatusOr<std::optional<HoldStore::Position>> PositionOf(const auth::PageKey& key) {
  if (key.empty()) return std::optional<HoldStore::Position>();
  const std::optional<Uuid> id = Uuid::Parse(key[1]);
  if (!id) return auth::PageTokenInvalid();
  return HoldStore::Position{.released = key[0] == kReleased, .id = *id};
}

}  // namespace

absl::StatusOr<v1::ListLegalHoldsResponse> HoldHandlers::ListLegalHolds(
    const v1::ListLegalHoldsRequest& request, rpc::Call& call) const {
  const auth::Pager pager(page_tokens_, call.info().identity.clinic, call.info().method->full_name,
                          request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey key, pager.Start(request.page_token(), 2));
  CLINICD_ASSIGN_OR_RETURN(const auto after, PositionOf(key));
  const std::int32_t page_size = auth::PageSize(request.page_size(), kPageDefault, kPageMax);
  call.AuditListAccess(kEntity);
  CLINICD_ASSIGN_OR_RETURN(std::vector<LegalHold> rows,
                           store_.List(call.last_tx(), after, page_size + 1));
  v1::ListLegalHoldsResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(rows, page_size, KeyOf));
  for (const LegalHold& row : rows) *response.add_legal_holds() = ToProto(row);
  return response;
}

absl::StatusOr<v1::LegalHold> HoldHandlers::PlaceLegalHold(const v1::PlaceLegalHoldRequest& request,
                                                           rpc::Call& call) const {
  LegalHold wanted;
  wanted.id = call.NewUuid();
  wanted.patient = PatientId::Parse(request.patient_id());
  wanted.reason = request.reason();
  wanted.placed_at = call.now();
  wanted.placed_by = call.user_id();
  call.AuditChange(kEntity, wanted.id, nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<LegalHold> placed, store_.Insert(call.tx(), wanted));
  if (!placed) return PatientNotFound();
  v1::LegalHold proto = ToProto(*placed);
  call.AuditChange(kEntity, placed->id, nullptr, &proto, placed->patient);
  return proto;
}

absl::StatusOr<v1::LegalHold> HoldHandlers::ReleaseLegalHold(
    const v1::ReleaseLegalHoldRequest& request, rpc::Call& call) const {
  const Uuid id = Uuid::Parse(request.id()).value_or(Uuid());
  call.AuditChange(kEntity, id, nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<LegalHold> before, store_.Find(call.tx(), id));
  if (!before) return HoldNotFound();
  const v1::LegalHold old_proto = ToProto(*before);
  call.AuditChange(kEntity, id, &old_proto, &old_proto, before->patient);
  if (request.etag() != old_proto.etag()) return rpc::EtagMismatch();
  if (before->released) return old_proto;
  LegalHold wanted = *before;
  wanted.release_reason = request.reason();
  wanted.released_at = call.now();
  wanted.released_by = call.user_id();
  CLINICD_ASSIGN_OR_RETURN(const std::optional<LegalHold> released,
                           store_.Release(call.tx(), wanted));
  if (!released) return rpc::EtagMismatch();
  v1::LegalHold proto = ToProto(*released);
  call.AuditChange(kEntity, id, &old_proto, &proto, before->patient);
  return proto;
}

}  // namespace clinicd::audit
