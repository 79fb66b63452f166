#include "services/appointments/visit_type_handlers.h"

#include <optional>
#include <vector>

#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "common/validate/patch.h"
#include "services/appointments/visit_type_convert.h"
#include "services/appointments/visit_type_errors.h"
#include "services/appointments/visit_type_rules.h"

namespace clinicd::appointments {
namespace {

constexpr char kEntity[] = "visit_type";
constexpr std::int32_t kPageSizeDefault = 50;
constexpr std::int32_t kPageSizeMax = 200;

// The id of a request that has passed the declared rules; nil for what can be no id.
VisitTypeId IdOf(const std::string& text) {
  return VisitTypeId::Parse(text).value_or(VisitTypeId());
}

auth::PageKey KeyOf(const VisitType& visit_type) {
  return {visit_type.name, visit_type.id.ToString()};
}

}  // namespace

absl::StatusOr<v1::VisitType> VisitTypeHandlers::GetVisitType(
    const v1::GetVisitTypeRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<VisitType> found,
                           store_.Find(call.last_tx(), IdOf(request.id())));
  if (!found) return VisitTypeNotFound();
  return ToProto(*found);
}

absl::StatusOr<v1::ListVisitTypesResponse> VisitTypeHandlers::ListVisitTypes(
    const v1::ListVisitTypesRequest& request, rpc::Call& call) const {
  const rpc::CallInfo& info = call.info();
  const auth::Pager pager(page_tokens_, info.identity.clinic, info.method->full_name, request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey start, pager.Start(request.page_token(), 2));
  NamePosition after;
  if (!start.empty()) after = {.name = start[0], .id = IdOf(start[1]).uuid()};
  const std::int32_t size = auth::PageSize(request.page_size(), kPageSizeDefault, kPageSizeMax);
  CLINICD_ASSIGN_OR_RETURN(std::vector<VisitType> found,
                           store_.List(call.last_tx(), request.show_inactive(), after, size + 1));
  v1::ListVisitTypesResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(found, size, KeyOf));
  for (const VisitType& visit_type : found) *response.add_visit_types() = ToProto(visit_type);
  return response;
}

absl::StatusOr<v1::VisitType> VisitTypeHandlers::CreateVisitType(
    const v1::CreateVisitTypeRequest& request, rpc::Call& call) const {
  VisitType wanted = FromProto(request.visit_type());
  wanted.id = call.NewId<VisitTypeId>();
  wanted.created_at = call.now();
  call.AuditChange(kEntity, wanted.id.uuid(), nullptr, nullptr);
  CLINICD_RETURN_IF_ERROR(CheckVisitType(wanted));
  CLINICD_ASSIGN_OR_RETURN(const VisitType created,
                           store_.Insert(call.tx(), wanted, call.user_id()));
  v1::VisitType proto = ToProto(created);
  call.AuditChange(kEntity, created.id.uuid(), nullptr, &proto);
  return proto;
}

absl::StatusOr<v1::VisitType> VisitTypeHandlers::UpdateVisitType(
    const v1::UpdateVisitTypeRequest& request, rpc::Call& call) const {
  const VisitTypeId id = IdOf(request.visit_type().id());
  call.AuditChange(kEntity, id.uuid(), nullptr, nullptr);
  if (request.visit_type().etag().empty()) {
    return status::InvalidField("visit_type.etag", "must be the etag that was read");
  }
  CLINICD_RETURN_IF_ERROR(
      validate::CheckUpdatable(request.update_mask(), UpdatableVisitTypeFields()));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<VisitType> before, store_.Find(call.tx(), id));
  if (!before) return VisitTypeNotFound();
  const v1::VisitType old_proto = ToProto(*before);
  if (request.visit_type().etag() != old_proto.etag()) return rpc::EtagMismatch();
  v1::VisitType changed = old_proto;
  validate::CopyFields(request.update_mask(), request.visit_type(), changed);
  VisitType wanted = FromProto(changed);
  wanted.id = id;
  wanted.row_version = before->row_version;
  CLINICD_RETURN_IF_ERROR(CheckVisitType(wanted));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<VisitType> after, store_.Update(call.tx(), wanted));
  if (!after) return rpc::EtagMismatch();
  v1::VisitType proto = ToProto(*after);
  call.AuditChange(kEntity, id.uuid(), &old_proto, &proto);
  return proto;
}

}  // namespace clinicd::appointments
