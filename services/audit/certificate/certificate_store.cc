#include "services/audit/certificate/certificate_store.h"

#include <string>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/try.h"
#include "db/queries/audit.h"

namespace clinicd::audit {
namespace {

Certificate ReadCertificate(const db::RowReader& row) {
  Certificate certificate;
  certificate.id = row.UuidValue("id");
  certificate.probed_on = row.Date("probed_on");
  certificate.started_at = row.Time("started_at");
  certificate.ended_at = row.Time("ended_at");
  certificate.release = row.Text("release");
  certificate.node = row.Text("node");
  certificate.schema_version = row.Int32("schema_version");
  certificate.table_count = row.Int32("table_count");
  certificate.empty_table_count = row.Int32("empty_table_count");
  certificate.method_count = row.Int32("method_count");
  certificate.call_count = row.Int32("call_count");
  certificate.finding_count = row.Int32("finding_count");
  certificate.findings = absl::StrSplit(row.Text("findings"), '\n', absl::SkipEmpty());
  certificate.catalog_digest = row.BytesValue("catalog_digest");
  certificate.digest = row.BytesValue("digest");
  return certificate;
}

}  // namespace

absl::StatusOr<bool> CertificateStore::Insert(db::TenantTx& tx,
                                              const Certificate& certificate) const {
  CLINICD_ASSIGN_OR_RETURN(
      const std::int64_t count,
      tx.Execute(sql::kInsertIsolationCertificate,
                 db::Params()
                     .Set("id", certificate.id)
                     .Set("probed_on", certificate.probed_on)
                     .Set("started_at", certificate.started_at)
                     .Set("ended_at", certificate.ended_at)
                     .Set("release", certificate.release)
                     .Set("node", certificate.node)
                     .Set("schema_version", certificate.schema_version)
                     .Set("table_count", certificate.table_count)
                     .Set("empty_table_count", certificate.empty_table_count)
                     .Set("method_count", certificate.method_count)
                     .Set("call_count", certificate.call_count)
                     .Set("finding_count", certificate.finding_count)
                     .Set("findings", absl::StrJoin(certificate.findings, "\n"))
                     .Set("catalog_digest", db::Bytes{certificate.catalog_digest})
                     .Set("digest", db::Bytes{certificate.digest})));
  return count > 0;
}

absl::StatusOr<std::optional<Certificate>> CertificateStore::Find(db::TenantTx& tx,
                                                                  const Uuid& id) const {
  return tx.Optional(sql::kFindIsolationCertificate, db::Params().Set("id", id), ReadCertificate);
}

absl::StatusOr<std::optional<Certificate>> CertificateStore::FindNewest(db::TenantTx& tx,
                                                                        absl::CivilDay day) const {
  return tx.Optional(sql::kFindNewestIsolationCertificate, db::Params().Set("probed_on", day),
                     ReadCertificate);
}

absl::StatusOr<std::vector<Certificate>> CertificateStore::List(db::TenantTx& tx,
                                                                const Position& after,
                                                                std::int32_t limit) const {
  return tx.Many(
      sql::kListIsolationCertificates,
      db::Params().Set("before_day", after.day).Set("before_id", after.id).Set("row_limit", limit),
      ReadCertificate);
}

}  // namespace clinicd::audit
