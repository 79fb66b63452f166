#include "common/rpc/method_table.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace clinicd::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;
using options::v1::MethodPolicy;

constexpr absl::Duration kDeadlineMaxDefault = absl::Seconds(10);

MethodInfo::Access AccessOf(const MethodPolicy& policy) {
  switch (policy.access_case()) {
    case MethodPolicy::kSignedIn:
      return MethodInfo::Access::kSignedIn;
    case MethodPolicy::kAnonymous:
      return MethodInfo::Access::kAnonymous;
    default:
      return MethodInfo::Access::kPermission;
  }
}

std::string_view CategoryOf(const MethodPolicy& policy) {
  switch (policy.audit_category()) {
    case options::v1::AUDIT_CATEGORY_SIGN_IN:
      return "sign_in";
    case options::v1::AUDIT_CATEGORY_PERMISSION:
      return "permission";
    case options::v1::AUDIT_CATEGORY_EXPORT:
      return "export";
    case options::v1::AUDIT_CATEGORY_ERASURE:
      return "erasure";
    case options::v1::AUDIT_CATEGORY_KEY:
      return "key";
    case options::v1::AUDIT_CATEGORY_OPERATION:
      return "operation";
    default:
      return "record";
  }
}

// By the verb that the name begins with (AIP-130): a method does the same thing every time, whether
// it succeeds or is refused.
std::string_view ActionOf(const MethodDescriptor& method, bool mutates) {
  if (!mutates) return "read";
  const std::string_view name = method.name();
  if (name.starts_with("Create")) return "create";
  if (name.starts_with("Update") || name.starts_with("Set")) return "update";
  if (name.starts_with("Delete")) return "delete";
  return "execute";
}

// What is wrong with the declaration of `method`; empty when nothing is.
std::string FaultOf(const MethodDescriptor& method, const MethodInfo& info) {
  const MethodPolicy& policy = method.options().GetExtension(options::v1::policy);
  if (policy.access_case() == MethodPolicy::ACCESS_NOT_SET) return "has no policy";
  if (policy.access_case() == MethodPolicy::kSignedIn && !policy.signed_in()) return "says signed_in: false";
  if (policy.access_case() == MethodPolicy::kAnonymous && !policy.anonymous()) return "says anonymous: false";
  if (policy.audit() == options::v1::AUDIT_LEVEL_UNSPECIFIED) return "has no audit level";
  if (method.options().idempotency_level() == MethodOptions::IDEMPOTENCY_UNKNOWN) {
    return "has no idempotency_level";
  }
  if (info.access == MethodInfo::Access::kPermission && info.admitted_roles == 0) {
    return absl::StrCat("asks for the permission '", info.permission, "', which no role grants");
  }
  if (method.client_streaming()) return "takes a stream";
  const bool plain_stream = !info.mutates && info.access != MethodInfo::Access::kAnonymous;
  if (info.streams && !plain_stream) return "streams and is not a read of who is signed in";
  const bool stored = info.mutates && info.access != MethodInfo::Access::kAnonymous;
  if (stored && info.request_id_field == nullptr) return "mutates without a request_id";
  if (stored && info.audit != options::v1::AUDIT_LEVEL_CHANGE) return "mutates without audit level CHANGE";
  return "";
}

std::unique_ptr<MethodInfo> InfoOf(const MethodDescriptor& method,
                                   const PermissionSource& permissions) {
  const MethodPolicy& policy = method.options().GetExtension(options::v1::policy);
  auto info = std::make_unique<MethodInfo>();
  info->full_name = absl::StrCat(method.service()->full_name(), "/", method.name());
  info->descriptor = &method;
  info->access = AccessOf(policy);
  info->permission = policy.permission();
  if (info->access == MethodInfo::Access::kPermission) {
    info->admitted_roles = permissions.RolesGranting(policy.permission());
  }
  info->audit = policy.audit();
  info->audit_category = CategoryOf(policy);
  info->mutates = method.options().idempotency_level() != MethodOptions::NO_SIDE_EFFECTS;
  info->audit_action = ActionOf(method, info->mutates);
  info->streams = method.server_streaming();
  info->step_up_max_age = absl::Seconds(policy.step_up_max_age_seconds());
  info->deadline_max = policy.deadline_max_ms() == 0 ? kDeadlineMaxDefault
                                                     : absl::Milliseconds(policy.deadline_max_ms());
  const FieldDescriptor* request_id = method.input_type()->FindFieldByName("request_id");
  if (info->mutates && request_id != nullptr &&
      request_id->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    info->request_id_field = request_id;
  }
  return info;
}

}  // namespace

absl::StatusOr<std::unique_ptr<MethodTable>> MethodTable::Create(
    const std::vector<const google::protobuf::ServiceDescriptor*>& services,
    const PermissionSource& permissions) {
  auto table = std::make_unique<MethodTable>();
  std::vector<std::string> faults;
  for (const auto* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      std::unique_ptr<MethodInfo> info = InfoOf(*service->method(i), permissions);
      info->index = table->methods_.size();
      const std::string fault = FaultOf(*service->method(i), *info);
      if (!fault.empty()) faults.push_back(absl::StrCat(info->full_name, " ", fault));
      table->by_path_.emplace(absl::StrCat("/", info->full_name), info.get());
      table->methods_.push_back(std::move(info));
    }
  }
  if (!faults.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("The API is not fit to be served: ", absl::StrJoin(faults, "; ")));
  }
  return table;
}

const MethodInfo* MethodTable::Find(std::string_view path) const {
  const auto found = by_path_.find(absl::string_view(path.data(), path.size()));
  return found == by_path_.end() ? nullptr : found->second;
}

}  // namespace clinicd::rpc
