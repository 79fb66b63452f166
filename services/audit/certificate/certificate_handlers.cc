#include "services/audit/certificate/certificate_handlers.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/civil.h"
#include "services/audit/audit_errors.h"

namespace clinicd::audit {
namespace {

constexpr std::int32_t kPageDefault = 50;
constexpr std::int32_t kPageMax = 200;

auth::PageKey KeyOf(const Certificate& certificate) {
  return {absl::FormatCivilTime(certificate.probed_on), certificate.id.ToString()};
}

absl::StatusOr<CertificateStore::Position> PositionOf(const auth::PageKey& key) {
  CertificateStore::Position position;
  if (key.empty()) return position;
  const std::optional<Uuid> id = Uuid::Parse(key[1]);
  if (!id || !absl::ParseCivilTime(key[0], &position.day)) return auth::PageTokenInvalid();
  position.id = *id;
  return position;
}

}  // namespace

v1::IsolationCertificate ToProto(const Certificate& certificate) {
  v1::IsolationCertificate proto;
  proto.set_id(certificate.id.ToString());
  *proto.mutable_probe_date() = rpc::ToDate(certificate.probed_on);
  *proto.mutable_start_time() = rpc::ToTimestamp(certificate.started_at);
  *proto.mutable_end_time() = rpc::ToTimestamp(certificate.ended_at);
  proto.set_release(certificate.release);
  proto.set_node(certificate.node);
  proto.set_schema_version(certificate.schema_version);
  proto.set_table_count(certificate.table_count);
  proto.set_empty_table_count(certificate.empty_table_count);
  proto.set_method_count(certificate.method_count);
  proto.set_call_count(certificate.call_count);
  proto.set_finding_count(certificate.finding_count);
  for (const std::string& finding : certificate.findings) proto.add_findings(finding);
  proto.set_catalog_digest(absl::BytesToHexString(certificate.catalog_digest));
  proto.set_digest(absl::BytesToHexString(certificate.digest));
  return proto;
}

absl::StatusOr<v1::IsolationCertificate> CertificateHandlers::GetIsolationCertificate(
    const v1::GetIsolationCertificateRequest& request, rpc::Call& call) const {
  const Uuid id = Uuid::Parse(request.id()).value_or(Uuid());
  call.AuditListAccess(kCertificateEntity, {}, id);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Certificate> found, store_.Find(call.tx(), id));
  if (!found) return CertificateNotFound();
  return ToProto(*found);
}

absl::StatusOr<v1::ListIsolationCertificatesResponse>
CertificateHandlers::ListIsolationCertificates(const v1::ListIsolationCertificatesRequest& request,
                                               rpc::Call& call) const {
  const auth::Pager pager(page_tokens_, call.info().identity.clinic, call.info().method->full_name,
                          request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey key, pager.Start(request.page_token(), 2));
  CLINICD_ASSIGN_OR_RETURN(const CertificateStore::Position after, PositionOf(key));
  const std::int32_t page_size = auth::PageSize(request.page_size(), kPageDefault, kPageMax);
  call.AuditListAccess(kCertificateEntity);
  CLINICD_ASSIGN_OR_RETURN(std::vector<Certificate> rows,
                           store_.List(call.last_tx(), after, page_size + 1));
  v1::ListIsolationCertificatesResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(rows, page_size, KeyOf));
  for (const Certificate& row : rows) *response.add_certificates() = ToProto(row);
  return response;
}

}  // namespace clinicd::audit
