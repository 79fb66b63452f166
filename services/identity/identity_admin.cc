#include "services/identity/identity_admin.h"

#include <optional>
#include <utility>

#include "common/auth/password_policy.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/rpc/call.h"
#include "common/status/error.h"
#include "services/identity/clinic_convert.h"
#include "services/identity/clinic_rules.h"
#include "services/identity/clinic_store.h"
#include "services/identity/email.h"
#include "services/identity/identity_errors.h"
#include "services/identity/user_convert.h"
#include "services/identity/user_store.h"

namespace clinicd::identity {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr std::size_t kNameLengthMax = 100;

bool IsName(std::string_view name) {
  const std::size_t length = CodePoints(name);
  return length >= 1 && length <= kNameLengthMax;
}

absl::Status CheckUserForm(const NewUserForm& form, const std::string& email_key) {
  status::ErrorBuilder invalid = status::Invalid();
  const std::size_t at = email_key.find('@');
  if (at == 0 || at == std::string::npos || at + 1 == email_key.size() ||
      CodePoints(email_key) > kEmailKeyLengthMax) {
    invalid.Field("email", "must be an e-mail address of at most 254 characters");
  }
  if (!IsName(form.given_name)) invalid.Field("given_name", "must be 1 to 100 characters");
  if (!IsName(form.family_name)) invalid.Field("family_name", "must be 1 to 100 characters");
  if (form.roles == 0) invalid.Field("roles", "must name at least 1 role");
  return invalid.has_fields() ? invalid.ToStatus() : absl::OkStatus();
}

db::AuditRow RowOf(std::string_view category, std::string_view command,
                   std::string_view entity_type, const Uuid& entity, std::string_view after_json) {
  return {.category = category,
          .action = "create",
          .method = command,
          .outcome = "OK",
          .entity_type = entity_type,
          .entity_id = entity,
          .after_json = after_json,
          .client_address = "local"};
}

}  // namespace

IdentityAdmin::IdentityAdmin(const Parts& parts)
    : parts_(parts), directory_(parts.auth_pool), logins_(directory_, parts.runner, parts.ids) {}

absl::StatusOr<ClinicId> IdentityAdmin::FindClinic(std::string_view slug) const {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<ClinicId> clinic,
                           logins_.FindClinic(slug, parts_.clock.Now() + kPatience));
  if (!clinic) return ClinicUnknown();
  return *clinic;
}

absl::StatusOr<Clinic> IdentityAdmin::CreateClinic(const NewClinicForm& form) const {
  const absl::Time now = parts_.clock.Now();
  const Clinic wanted{.id = parts_.ids.New<ClinicId>(),
                      .slug = form.slug,
                      .name = form.name,
                      .country_code = form.country,
                      .time_zone = form.time_zone,
                      .currency_code = form.currency,
                      .locale = form.locale,
                      .created_at = now};
  CLINICD_RETURN_IF_ERROR(CheckNewClinic(wanted));
  Clinic created;
  const auto work = [&](db::TenantTx& tx) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(created, InsertClinic(tx, wanted));
    const v1::Clinic proto = ToProto(created);
    parts_.runner.audit().Defer(tx, parts_.ids.NewUuid(), now,
                                RowOf("operation", "clinicd clinic create", "clinic",
                                      created.id.uuid(), rpc::AuditJson(&proto)));
    return absl::OkStatus();
  };
  CLINICD_RETURN_IF_ERROR(
      parts_.runner.InClinic({.clinic = wanted.id, .deadline = now + kPatience}, work));
  return created;
}

absl::StatusOr<User> IdentityAdmin::CreateUser(const NewUserForm& form) const {
  const absl::Time now = parts_.clock.Now();
  const std::string email_key = FoldEmail(form.email);
  CLINICD_RETURN_IF_ERROR(CheckUserForm(form, email_key));
  CLINICD_RETURN_IF_ERROR(auth::CheckPasswordPolicy(
      form.password, {.field = "password", .email = email_key, .clinic_slug = form.clinic_slug}));
  CLINICD_ASSIGN_OR_RETURN(const ClinicId clinic, FindClinic(form.clinic_slug));
  NewUser wanted{.id = parts_.ids.New<UserId>(),
                 .email = form.email,
                 .email_key = email_key,
                 .given_name = form.given_name,
                 .family_name = form.family_name,
                 .roles = form.roles,
                 .now = now};
  CLINICD_ASSIGN_OR_RETURN(wanted.password,
                           parts_.hasher.Hash(form.password, {clinic, wanted.id}, now + kPatience));
  User created;
  const auto work = [&](db::TenantTx& tx) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(created, InsertUser(tx, wanted));
    const v1::User proto = ToProto(created);
    parts_.runner.audit().Defer(tx, parts_.ids.NewUuid(), now,
                                RowOf("permission", "clinicd user create", "user",
                                      created.id.uuid(), rpc::AuditJson(&proto)));
    return absl::OkStatus();
  };
  CLINICD_RETURN_IF_ERROR(
      parts_.runner.InClinic({.clinic = clinic, .deadline = now + kPatience}, work));
  return created;
}

}  // namespace clinicd::identity
