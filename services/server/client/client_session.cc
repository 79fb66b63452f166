#include "services/server/client/client_session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/try.h"
#include "common/rpc/metadata.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"

namespace clinicd::client {
namespace {

using status::ErrorReason;

// Tokens are exchanged this long before they expire, so that none expires on its way.
constexpr absl::Duration kRefreshMargin = absl::Minutes(1);
// The server takes a lost exchange again for ten seconds.
constexpr absl::Duration kRefreshDeadline = absl::Seconds(4);

// Whether the same request may succeed later. Repeating it is safe: mutations carry a request_id.
bool MayPass(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
      return true;
    case absl::StatusCode::kAborted:
      return status::ReasonOf(status) != ErrorReason::ETAG_MISMATCH;
    default:
      return false;
  }
}

absl::Duration AskedWait(const absl::Status& status) {
  google::rpc::RetryInfo retry;
  const google::rpc::Status details = status::DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&retry)) {
      return absl::Seconds(retry.retry_delay().seconds()) +
             absl::Nanoseconds(retry.retry_delay().nanos());
    }
  }
  return absl::ZeroDuration();
}

bool WantsRefresh(const absl::Status& status) {
  const ErrorReason reason = status::ReasonOf(status);
  return reason == ErrorReason::TOKEN_EXPIRED || reason == ErrorReason::SESSION_REVOKED;
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

}  // namespace

ClientSession::ClientSession(std::shared_ptr<grpc::Channel> channel,
                             const SessionEnvironment& environment, const CallOptions& options)
    : channel_(std::move(channel)),
      environment_(environment),
      options_(options),
      ids_(environment.clock, environment.random),
      sessions_(identity::v1::SessionService::NewStub(channel_)) {}

absl::StatusOr<std::unique_ptr<ClientSession>> ClientSession::SignIn(
    std::shared_ptr<grpc::Channel> channel, const Credentials& credentials,
    const SessionEnvironment& environment, const CallOptions& options) {
  std::unique_ptr<ClientSession> session(
      new ClientSession(std::move(channel), environment, options));
  identity::v1::SignInRequest request;
  request.set_clinic_slug(credentials.clinic_slug);
  request.set_email(credentials.email);
  request.set_password(credentials.password);
  identity::v1::SignInResponse response;
  CLINICD_RETURN_IF_ERROR(session->WithRetries(options.deadline, [&](grpc::ClientContext& context) {
    response.Clear();
    return session->sessions_->SignIn(&context, request, &response);
  }));
  const absl::MutexLock lock(&session->mutex_);
  CLINICD_RETURN_IF_ERROR(session->Keep(response.tokens()));
  return session;
}

absl::StatusOr<identity::v1::WhoAmIResponse> ClientSession::WhoAmI() {
  return Call(*sessions_, &identity::v1::SessionService::Stub::WhoAmI,
              identity::v1::WhoAmIRequest());
}

absl::Status ClientSession::SignOut() {
  identity::v1::SignOutRequest request;
  request.set_request_id(NewRequestId());
  return Call(*sessions_, &identity::v1::SessionService::Stub::SignOut, request).status();
}

absl::Status ClientSession::WithTokens(const Attempt& attempt) {
  for (bool refreshed = false;; refreshed = true) {
    CLINICD_ASSIGN_OR_RETURN(const std::string token, AccessToken());
    const absl::Status status = WithRetries(options_.deadline, [&](grpc::ClientContext& context) {
      context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
      return attempt(context);
    });
    if (status.ok() || refreshed || !WantsRefresh(status)) return status;
    CLINICD_RETURN_IF_ERROR(Refresh(token));
  }
}

absl::Status ClientSession::WithRetries(absl::Duration deadline, const Attempt& attempt) {
  for (int attempts = 1;; ++attempts) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
    const absl::Status status = status::FromGrpc(attempt(context));
    if (status.ok() || !MayPass(status) || attempts >= options_.attempts_max) return status;
    const absl::Duration wait = WaitBehind(attempts, status);
    if (wait > options_.backoff_max) return status;
    absl::SleepFor(wait);
  }
}

absl::Duration ClientSession::WaitBehind(int attempts, const absl::Status& status) {
  const absl::Duration longest =
      std::min(options_.backoff * static_cast<double>(1ULL << std::min(attempts - 1, 20)),
               options_.backoff_max);
  std::array<std::uint8_t, 2> bytes = {};
  environment_.random.Fill(bytes);
  const double share = 0.5 + (bytes[0] * 256.0 + bytes[1]) / 131072.0;
  return std::max(longest * share, AskedWait(status));
}

absl::StatusOr<std::string> ClientSession::AccessToken() {
  const absl::MutexLock lock(&mutex_);
  if (environment_.clock.Now() >= refresh_at_) {
    CLINICD_RETURN_IF_ERROR(RefreshLocked());
  }
  return access_token_;
}

absl::Status ClientSession::Refresh(const std::string& stale) {
  const absl::MutexLock lock(&mutex_);
  if (access_token_ != stale) return absl::OkStatus();
  return RefreshLocked();
}

absl::Status ClientSession::RefreshLocked() {
  identity::v1::RefreshRequest request;
  request.set_refresh_token(refresh_token_);
  identity::v1::RefreshResponse response;
  const absl::Duration deadline = std::min(options_.deadline, kRefreshDeadline);
  CLINICD_RETURN_IF_ERROR(WithRetries(deadline, [&](grpc::ClientContext& context) {
    response.Clear();
    return sessions_->Refresh(&context, request, &response);
  }));
  return Keep(response.tokens());
}

absl::Status ClientSession::Keep(const identity::v1::TokenPair& tokens) {
  // gRPC ends the process on metadata that it does not allow.
  if (tokens.access_token().empty() ||
      !rpc::IsLegalMetadata("authorization", tokens.access_token())) {
    return absl::InternalError("The server sent an access token that is not one.");
  }
  access_token_ = tokens.access_token();
  // At least a minute from now: where this machine's clock is ahead of the server's, every token
  // looks expired. One that is leads to TOKEN_EXPIRED, which leads to a refresh as well.
  refresh_at_ = std::max(FromProto(tokens.access_expire_time()) - kRefreshMargin,
                         environment_.clock.Now() + kRefreshMargin);
  refresh_token_ = tokens.refresh_token();
  return absl::OkStatus();
}

std::string ErrorMetadata(const absl::Status& status, std::string_view key) {
  google::rpc::ErrorInfo info;
  const google::rpc::Status details = status::DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (!detail.UnpackTo(&info)) continue;
    const auto entry = info.metadata().find(std::string(key));
    if (entry != info.metadata().end()) return entry->second;
  }
  return "";
}

}  // namespace clinicd::client
