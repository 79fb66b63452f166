#include "services/identity/clinic_handlers.h"

#include "common/base/try.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "common/validate/patch.h"
#include "services/identity/authz_store.h"
#include "services/identity/clinic_convert.h"
#include "services/identity/clinic_rules.h"
#include "services/identity/clinic_store.h"

namespace clinicd::identity {
namespace {

absl::StatusOr<Clinic> FindOwnClinic(db::TenantTx& tx) {
  CLINICD_ASSIGN_OR_RETURN(std::optional<Clinic> clinic, FindClinic(tx));
  if (!clinic) return status::Defect("the clinic of a session does not exist");
  return *std::move(clinic);
}

}  // namespace

absl::StatusOr<v1::Clinic> ClinicHandlers::GetClinic(const v1::GetClinicRequest&,
                                                     rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const Clinic clinic, FindOwnClinic(call.last_tx()));
  return ToProto(clinic);
}

absl::StatusOr<v1::Clinic> ClinicHandlers::UpdateClinic(const v1::UpdateClinicRequest& request,
                                                        rpc::Call& call) const {
  call.AuditChange("clinic", call.info().identity.clinic.uuid(), nullptr, nullptr);
  if (request.clinic().etag().empty()) {
    return status::InvalidField("clinic.etag", "must be the etag that was read");
  }
  CLINICD_RETURN_IF_ERROR(validate::CheckUpdatable(request.update_mask(), UpdatableClinicFields()));
  CLINICD_ASSIGN_OR_RETURN(const Clinic before, FindOwnClinic(call.tx()));
  const v1::Clinic old_proto = ToProto(before);
  if (request.clinic().etag() != old_proto.etag()) return rpc::EtagMismatch();
  v1::Clinic changed = old_proto;
  validate::CopyFields(request.update_mask(), request.clinic(), changed);
  Clinic wanted = before;
  wanted.name = changed.name();
  wanted.time_zone = changed.time_zone();
  wanted.locale = changed.locale();
  CLINICD_RETURN_IF_ERROR(CheckClinicUpdate(wanted));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Clinic> after,
                           identity::UpdateClinic(call.tx(), wanted, call.now()));
  if (!after) return rpc::EtagMismatch();
  // Access tokens carry the time zone.
  if (after->time_zone != before.time_zone) DeferRaiseAllEpochs(call.tx());
  v1::Clinic proto = ToProto(*after);
  call.AuditChange("clinic", after->id.uuid(), &old_proto, &proto);
  return proto;
}

}  // namespace clinicd::identity
