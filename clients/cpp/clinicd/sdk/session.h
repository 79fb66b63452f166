// A signed-in client of a clinicd server.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "clinicd/audit/v1/audit_log_service.pb.h"
#include "clinicd/identity/v1/session_service.grpc.pb.h"
#include "clinicd/sdk/error.h"
#include "clinicd/sdk/request_id.h"
#include "clinicd/sdk/retry.h"
#include "clinicd/sdk/tokens.h"

namespace clinicd::sdk {

struct Credentials {
  std::string clinic_slug = {};
  std::string email = {};
  std::string password = {};
};

struct SessionOptions {
  RetryPolicy retry = {};
  Timing timing = {};
  // Has every change answered with a receipt of its audit event, and is given each. Keep them for
  // AuditLog::VerifyReceipts(). Called by the thread that makes the change.
  std::function<void(const audit::v1::Receipt&)> on_receipt = {};
};

// Signs in without keeping a session: the tokens, for a store of the caller's.
absl::StatusOr<Tokens> SignIn(const std::shared_ptr<grpc::Channel>& channel,
                              const Credentials& credentials, const SessionOptions& options = {});

// Keeps the tokens of one session, refreshes them before they expire, and repeats calls that the
// server could not take, with the same `request_id`: a change takes effect once. Thread-safe.
class Session final {
 public:
  // Signs in. Errors are the server's; see DetailsOf().
  static absl::StatusOr<std::unique_ptr<Session>> SignIn(std::shared_ptr<grpc::Channel> channel,
                                                         const Credentials& credentials,
                                                         const SessionOptions& options = {});
  // Goes on with the session in the store. Errors are the store's.
  static absl::StatusOr<std::unique_ptr<Session>> Resume(std::shared_ptr<grpc::Channel> channel,
                                                         std::shared_ptr<TokenStore> store,
                                                         const SessionOptions& options = {});

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  Session(Session&&) = delete;
  Session& operator=(Session&&) = delete;
  ~Session() = default;

  // Calls `method` of `stub`, as in Call(*stub, &PatientService::Stub::GetPatient, request). A
  // request whose `request_id` is empty gets a new one. Errors are the server's.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) {
    Request sent = request;
    FillRequestId(sent);
    Response response;
    const absl::Status status = CallWithTokens([&](grpc::ClientContext& context) {
      response.Clear();
      return (stub.*method)(&context, sent, &response);
    });
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<identity::v1::WhoAmIResponse> WhoAmI();
  // Ends the session on the server.
  absl::Status SignOut();

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const SessionOptions& options() const { return options_; }

  // For calls made without Call(), such as streams: the access token to use now, refreshed if it is
  // about to expire; Authorize() adds it to a call that has not begun.
  absl::StatusOr<std::string> AccessToken();
  static void Authorize(grpc::ClientContext& context, const std::string& access_token);
  // Exchanges the tokens, unless that was done since `stale` was the access token.
  absl::Status Refresh(const std::string& stale);

 private:
  using Attempt = std::function<grpc::Status(grpc::ClientContext&)>;

  Session(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<TokenStore> store,
          SessionOptions options);

  absl::Status CallWithTokens(const Attempt& attempt);
  // Makes one attempt, and takes the receipt that comes with its answer.
  grpc::Status Try(const Attempt& attempt, grpc::ClientContext& context) const;
  absl::Status RefreshLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Tokens> Exchange(const Tokens& tokens);
  void Keep(const Tokens& tokens) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<grpc::Channel> channel_;
  const std::shared_ptr<TokenStore> store_;
  const SessionOptions options_;
  const std::unique_ptr<identity::v1::SessionService::Stub> sessions_;
  // Held during a refresh, so that all threads wait for one.
  absl::Mutex mutex_;
  std::string access_token_ ABSL_GUARDED_BY(mutex_);
  // Tells one pair of tokens from the next; two access tokens of one second are the same.
  std::string refresh_token_ ABSL_GUARDED_BY(mutex_);
  absl::Time refresh_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

// Whether fresh tokens may help where the access token was refused.
bool WantsRefresh(const absl::Status& status);

}  // namespace clinicd::sdk
