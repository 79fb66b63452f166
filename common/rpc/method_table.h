// The policy of every method, read from the descriptors once at start.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clinicd/options/v1/method_policy.pb.h"
#include "common/auth/identity.h"

namespace google::protobuf {
class FieldDescriptor;
class MethodDescriptor;
class ServiceDescriptor;
}  // namespace google::protobuf

namespace clinicd::rpc {

// Which roles grant a permission.
class PermissionSource {
 public:
  virtual ~PermissionSource() = default;
  // The roles that grant `permission`; empty when nobody has it.
  virtual auth::RoleSet RolesGranting(std::string_view permission) const = 0;
};

// What the server knows about one method.
struct MethodInfo {
  enum class Access { kPermission, kSignedIn, kAnonymous };

  // As in the API documentation: "clinicd.patients.v1.PatientService/GetPatient".
  std::string full_name;
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  Access access = Access::kPermission;
  std::string permission;
  // Roles that may call; for kPermission only.
  auth::RoleSet admitted_roles = 0;
  options::v1::AuditLevel audit = options::v1::AUDIT_LEVEL_UNSPECIFIED;
  // What the audit log calls it: "record", "sign_in", ..., and "create", "read", "update",
  // "delete" or, for anything else, "execute".
  std::string_view audit_category = "record";
  std::string_view audit_action = "execute";
  // True unless the method is declared NO_SIDE_EFFECTS.
  bool mutates = true;
  // Whether it is answered with a stream of messages.
  bool streams = false;
  // Zero: no limit.
  absl::Duration step_up_max_age;
  absl::Duration deadline_max;
  // The `request_id` field of the request of a mutation; null where there is none.
  const google::protobuf::FieldDescriptor* request_id_field = nullptr;
  // Dense number of the method, for arrays of per-method counters.
  std::size_t index = 0;
};

// All methods of the server. Immutable and thread-safe once made.
class MethodTable final {
 public:
  // Reads the policies of `services`. An error names every method that lacks a policy, an audit
  // level or an idempotency level, asks for a permission that no role grants, mutates without a
  // `request_id` (anonymous methods excepted, whose effect is a secret that must not be stored),
  // takes a stream, or answers with one although it mutates or is anonymous.
  static absl::StatusOr<std::unique_ptr<MethodTable>> Create(
      const std::vector<const google::protobuf::ServiceDescriptor*>& services,
      const PermissionSource& permissions);

  // Finds a method by its HTTP/2 path, "/package.Service/Method", exactly; null when unknown.
  const MethodInfo* Find(std::string_view path) const;

  const std::vector<std::unique_ptr<MethodInfo>>& methods() const { return methods_; }

 private:
  std::vector<std::unique_ptr<MethodInfo>> methods_;
  absl::flat_hash_map<std::string, const MethodInfo*> by_path_;
};

}  // namespace clinicd::rpc
