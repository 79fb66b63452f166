#include "services/identity/practitioner_handlers.h"

#include <string_view>
#include <utility>
#include <vector>

#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "common/validate/patch.h"
#include "services/identity/identity_errors.h"
#include "services/identity/practitioner_convert.h"
#include "services/identity/practitioner_store.h"

namespace clinicd::identity {
namespace {

constexpr int kPageSizeDefault = 50;
constexpr int kPageSizeMax = 200;

PractitionerId IdOf(const std::string& text) {
  return PractitionerId::Parse(text).value_or(PractitionerId());
}

auth::PageKey KeyOf(const Practitioner& practitioner) {
  return {practitioner.family_name, practitioner.given_name, practitioner.id.ToString()};
}

const std::vector<std::string_view>& UpdatableFields() {
  static const std::vector<std::string_view> fields = {"user_id", "given_name", "family_name",
                                                       "speciality", "active"};
  return fields;
}

}  // namespace

absl::StatusOr<v1::Practitioner> PractitionerHandlers::GetPractitioner(
    const v1::GetPractitionerRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Practitioner> found,
                           FindPractitioner(call.last_tx(), IdOf(request.id())));
  if (!found) return PractitionerNotFound();
  return ToProto(*found);
}

absl::StatusOr<v1::ListPractitionersResponse> PractitionerHandlers::ListPractitioners(
    const v1::ListPractitionersRequest& request, rpc::Call& call) const {
  const rpc::CallInfo& info = call.info();
  const auth::Pager pager(page_tokens_, info.identity.clinic, info.method->full_name, request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey start, pager.Start(request.page_token(), 3));
  PractitionerPosition after;
  if (!start.empty()) after = {start[0], start[1], IdOf(start[2])};
  const int size = auth::PageSize(request.page_size(), kPageSizeDefault, kPageSizeMax);
  CLINICD_ASSIGN_OR_RETURN(
      std::vector<Practitioner> found,
      identity::ListPractitioners(call.last_tx(), request.show_inactive(), after, size + 1));
  v1::ListPractitionersResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(found, size, KeyOf));
  for (const Practitioner& practitioner : found) {
    *response.add_practitioners() = ToProto(practitioner);
  }
  return response;
}

absl::StatusOr<v1::Practitioner> PractitionerHandlers::CreatePractitioner(
    const v1::CreatePractitionerRequest& request, rpc::Call& call) const {
  Practitioner wanted = FromProto(request.practitioner());
  wanted.id = call.NewId<PractitionerId>();
  wanted.created_at = call.now();
  call.AuditChange("practitioner", wanted.id.uuid(), nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(const Practitioner created,
                           InsertPractitioner(call.tx(), wanted, call.user_id()));
  v1::Practitioner proto = ToProto(created);
  call.AuditChange("practitioner", created.id.uuid(), nullptr, &proto);
  return proto;
}

absl::StatusOr<v1::Practitioner> PractitionerHandlers::UpdatePractitioner(
    const v1::UpdatePractitionerRequest& request, rpc::Call& call) const {
  const PractitionerId id = IdOf(request.practitioner().id());
  call.AuditChange("practitioner", id.uuid(), nullptr, nullptr);
  if (request.practitioner().etag().empty()) {
    return status::InvalidField("practitioner.etag", "must be the etag that was read");
  }
  CLINICD_RETURN_IF_ERROR(validate::CheckUpdatable(request.update_mask(), UpdatableFields()));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Practitioner> before,
                           FindPractitioner(call.tx(), id));
  if (!before) return PractitionerNotFound();
  const v1::Practitioner old_proto = ToProto(*before);
  if (request.practitioner().etag() != old_proto.etag()) return rpc::EtagMismatch();
  v1::Practitioner changed = old_proto;
  validate::CopyFields(request.update_mask(), request.practitioner(), changed);
  Practitioner wanted = FromProto(changed);
  wanted.id = id;
  wanted.row_version = before->row_version;
  CLINICD_ASSIGN_OR_RETURN(
      const std::optional<Practitioner> after,
      identity::UpdatePractitioner(call.tx(), wanted,
                                   /*changes_user=*/wanted.user != before->user, call.now()));
  if (!after) return rpc::EtagMismatch();
  v1::Practitioner proto = ToProto(*after);
  call.AuditChange("practitioner", id.uuid(), &old_proto, &proto);
  return proto;
}

}  // namespace clinicd::identity
