#include "services/audit/certificate/certificate_issuer.h"

#include <string>

#include "common/base/try.h"
#include "common/rpc/call.h"
#include "services/audit/certificate/certificate_handlers.h"

namespace clinicd::audit {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(1);
constexpr char kMethod[] = "clinicd isolation probe";

}  // namespace

absl::StatusOr<bool> CertificateIssuer::Issue(ClinicId clinic,
                                              const Certificate& certificate) const {
  Certificate own = certificate;
  own.id = parts_.ids.NewUuid();
  const absl::Time now = parts_.clock.Now();
  bool is_new = false;
  const auto work = [&](db::TenantTx& tx) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(is_new, store_.Insert(tx, own));
    if (!is_new) return absl::OkStatus();
    const v1::IsolationCertificate proto = ToProto(own);
    const std::string json = rpc::AuditJson(&proto);
    db::AuditRow row;
    row.category = "operation";
    row.action = "create";
    row.method = kMethod;
    row.outcome = "OK";
    row.entity_type = kCertificateEntity;
    row.entity_id = own.id;
    row.after_json = json;
    parts_.runner.audit().Defer(tx, parts_.ids.NewUuid(), now, row);
    return absl::OkStatus();
  };
  CLINICD_RETURN_IF_ERROR(
      parts_.runner.InClinic({.clinic = clinic, .deadline = now + kPatience}, work));
  return is_new;
}

absl::StatusOr<std::optional<Certificate>> CertificateIssuer::Newest(ClinicId clinic,
                                                                     absl::CivilDay day) const {
  std::optional<Certificate> newest;
  CLINICD_RETURN_IF_ERROR(
      parts_.runner.InClinic({.clinic = clinic, .deadline = parts_.clock.Now() + kPatience},
                             [&](db::TenantTx& tx) -> absl::Status {
                               CLINICD_ASSIGN_OR_RETURN(newest, store_.FindNewest(tx, day));
                               return absl::OkStatus();
                             }));
  return newest;
}

}  // namespace clinicd::audit
