#include "common/rpc/request_scope.h"

#include <map>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/rpc/call_context.h"
#include "common/status/error.h"

namespace clinicd::rpc {
namespace {

using status::ErrorReason;
using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

constexpr std::string_view kBearer = "Bearer ";

absl::Status TokenMissing() {
  return status::Error(absl::StatusCode::kUnauthenticated, ErrorReason::TOKEN_MISSING,
                       "The call carries no access token; sign in first.");
}

absl::Status TokenInvalid() {
  return status::Error(absl::StatusCode::kUnauthenticated, ErrorReason::TOKEN_INVALID,
                       "The access token is not valid; sign in again.");
}

absl::StatusOr<std::string_view> TokenOf(const Metadata& metadata) {
  const auto [first, last] = metadata.equal_range("authorization");
  if (first == last) return TokenMissing();
  // Two tokens would leave it to chance who the caller is.
  if (std::next(first) != last) return TokenInvalid();
  const std::string_view value(first->second.data(), first->second.size());
  if (value.substr(0, kBearer.size()) != kBearer) return TokenInvalid();
  return value.substr(kBearer.size());
}

absl::Status Permit(const MethodInfo& method, const auth::Identity& identity) {
  if (method.access != MethodInfo::Access::kPermission ||
      (method.admitted_roles & identity.roles) != 0) {
    return absl::OkStatus();
  }
  return status::Error(absl::StatusCode::kPermissionDenied, ErrorReason::PERMISSION_MISSING,
                       "The caller's roles do not allow this.")
      .With("permission", method.permission);
}

absl::Status Authorize(const MethodInfo& method, const auth::Identity& identity, absl::Time now) {
  CLINICD_RETURN_IF_ERROR(Permit(method, identity));
  if (method.step_up_max_age > absl::ZeroDuration() &&
      now - identity.authenticated_at > method.step_up_max_age) {
    return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::STEP_UP_REQUIRED,
                         "This needs a fresh proof of identity; sign in again.")
        .With("max_age_seconds", absl::StrCat(absl::ToInt64Seconds(method.step_up_max_age)));
  }
  return absl::OkStatus();
}

class RequestScope final : public grpc::experimental::Interceptor {
 public:
  RequestScope(CallContext& context, const MethodInfo& method, const Authenticator& authenticator,
               const Clock& clock, const EdgeSecret& edge_secret)
      : context_(context),
        method_(method),
        authenticator_(authenticator),
        clock_(clock),
        edge_secret_(edge_secret) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    using Hook = grpc::experimental::InterceptionHookPoints;
    if (methods->QueryInterceptionHookPoint(Hook::POST_RECV_INITIAL_METADATA)) {
      context_.method = &method_;
      context_.start = clock_.Now();
      const Metadata& metadata = *methods->GetRecvInitialMetadata();
      context_.edge_caller = CallerOf(metadata, edge_secret_);
      context_.verdict = Decide(metadata);
    }
    methods->Proceed();
  }

 private:
  absl::Status Decide(const Metadata& metadata) {
    if (method_.access == MethodInfo::Access::kAnonymous) return absl::OkStatus();
    const absl::StatusOr<std::string_view> token = TokenOf(metadata);
    if (!token.ok()) return token.status();
    absl::StatusOr<auth::Identity> identity =
        authenticator_.Authenticate(*token, context_.start);
    if (!identity.ok()) return identity.status();
    context_.identity = *std::move(identity);
    if (method_.streams) KeepRecheck(*token);
    return Authorize(method_, *context_.identity, context_.start);
  }

  // What an authenticator and a method decide outlives the call, and a stream lasts longer than
  // its interceptor may be called.
  void KeepRecheck(std::string_view token) {
    context_.recheck = [token = std::string(token), &method = method_,
                        &authenticator = authenticator_](absl::Time now) -> absl::Status {
      const absl::StatusOr<auth::Identity> identity = authenticator.Authenticate(token, now);
      // A proof that was fresh enough when the stream was opened stays so.
      return identity.ok() ? Permit(method, *identity) : identity.status();
    };
  }

  CallContext& context_;
  const MethodInfo& method_;
  const Authenticator& authenticator_;
  const Clock& clock_;
  const EdgeSecret& edge_secret_;
};

}  // namespace

grpc::experimental::Interceptor* RequestScopeFactory::CreateServerInterceptor(
    grpc::experimental::ServerRpcInfo* info) {
  const MethodInfo* method = methods_.Find(info->method());
  // A method that is not in the table gets no verdict, and so no handler.
  if (method == nullptr) return nullptr;
  auto* context = dynamic_cast<CallContext*>(info->server_context());
  if (context == nullptr) return nullptr;
  return new RequestScope(*context, *method, authenticator_, clock_, edge_secret_);
}

}  // namespace clinicd::rpc
