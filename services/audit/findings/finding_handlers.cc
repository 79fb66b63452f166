#include "services/audit/findings/finding_handlers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/civil.h"
#include "common/rpc/etag.h"
#include "services/audit/audit_errors.h"

namespace clinicd::audit {
namespace {

constexpr char kEntity[] = "audit_finding";
constexpr std::int32_t kPageDefault = 50;
constexpr std::int32_t kPageMax = 200;
constexpr char kClosed[] = "closed";
constexpr char kOpen[] = "open";

struct RuleWord {
  std::string_view text;
  v1::AccessFinding::Rule rule;
};
constexpr std::array<RuleWord, 6> kRules = {{
    {kManyPatients, v1::AccessFinding::RULE_MANY_PATIENTS},
    {kOutOfHours, v1::AccessFinding::RULE_OUT_OF_HOURS},
    {kOwnFamilyName, v1::AccessFinding::RULE_OWN_FAMILY_NAME},
    {kBreakGlass, v1::AccessFinding::RULE_BREAK_GLASS},
    {kVip, v1::AccessFinding::RULE_VIP},
    {kRefusedCalls, v1::AccessFinding::RULE_REFUSED_CALLS},
}};

v1::AccessFinding::Rule RuleOf(std::string_view text) {
  const auto* const found = std::ranges::find(kRules, text, &RuleWord::text);
  return found == kRules.end() ? v1::AccessFinding::RULE_UNSPECIFIED : found->rule;
}

auth::PageKey KeyOf(const AccessFinding& finding) {
  return {finding.closed ? kClosed : kOpen, finding.id.ToString()};
}

absl::StatusOr<std::optional<FindingStore::Position>> PositionOf(const auth::PageKey& key) {
  if (key.empty()) return std::optional<FindingStore::Position>();
  const std::optional<Uuid> id = Uuid::Parse(key[1]);
  if (!id) return auth::PageTokenInvalid();
  return FindingStore::Position{.closed = key[0] == kClosed, .id = *id};
}

}  // namespace

v1::AccessFinding ToProto(const AccessFinding& finding) {
  v1::AccessFinding proto;
  proto.set_id(finding.id.ToString());
  *proto.mutable_day() = rpc::ToDate(finding.day);
  proto.set_rule(RuleOf(finding.rule));
  proto.set_state(finding.closed ? v1::AccessFinding::STATE_CLOSED : v1::AccessFinding::STATE_OPEN);
  proto.set_actor_user_id(finding.actor.ToString());
  if (finding.patient) proto.set_patient_id(finding.patient->ToString());
  proto.set_count(finding.count);
  *proto.mutable_first_time() = rpc::ToTimestamp(finding.first_at);
  *proto.mutable_last_time() = rpc::ToTimestamp(finding.last_at);
  *proto.mutable_create_time() = rpc::ToTimestamp(finding.created_at);
  proto.set_note(finding.note);
  if (finding.closed_at) *proto.mutable_close_time() = rpc::ToTimestamp(*finding.closed_at);
  if (finding.closed_by) proto.set_closed_by_user_id(finding.closed_by->ToString());
  proto.set_etag(rpc::Etag(finding.row_version));
  return proto;
}

absl::StatusOr<v1::ListFindingsResponse> FindingHandlers::ListFindings(
    const v1::ListFindingsRequest& request, rpc::Call& call) const {
  const auth::Pager pager(page_tokens_, call.info().identity.clinic, call.info().method->full_name,
                          request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey key, pager.Start(request.page_token(), 2));
  CLINICD_ASSIGN_OR_RETURN(const auto after, PositionOf(key));
  const std::int32_t page_size = auth::PageSize(request.page_size(), kPageDefault, kPageMax);
  call.AuditListAccess(kEntity);
  CLINICD_ASSIGN_OR_RETURN(std::vector<AccessFinding> rows,
                           store_.List(call.last_tx(), after, page_size + 1));
  v1::ListFindingsResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(rows, page_size, KeyOf));
  for (const AccessFinding& row : rows) *response.add_findings() = ToProto(row);
  return response;
}

absl::StatusOr<v1::AccessFinding> FindingHandlers::CloseFinding(
    const v1::CloseFindingRequest& request, rpc::Call& call) const {
  const Uuid id = Uuid::Parse(request.id()).value_or(Uuid());
  call.AuditChange(kEntity, id, nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<AccessFinding> before, store_.Find(call.tx(), id));
  if (!before) return FindingNotFound();
  const v1::AccessFinding old_proto = ToProto(*before);
  call.AuditChange(kEntity, id, &old_proto, &old_proto, before->patient);
  if (request.etag() != old_proto.etag()) return rpc::EtagMismatch();
  if (before->closed) return old_proto;
  AccessFinding wanted = *before;
  wanted.note = request.note();
  wanted.closed_at = call.now();
  wanted.closed_by = call.user_id();
  CLINICD_ASSIGN_OR_RETURN(const std::optional<AccessFinding> closed,
                           store_.Close(call.tx(), wanted));
  if (!closed) return rpc::EtagMismatch();
  v1::AccessFinding proto = ToProto(*closed);
  call.AuditChange(kEntity, id, &old_proto, &proto, before->patient);
  return proto;
}

}  // namespace clinicd::audit
