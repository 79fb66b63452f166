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
#include "clinicd/identity/v1/session_service.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/random.h"

namespace clinicd::client {

struct Credentials {
  std::string clinic_slug = {};
  std::string email = {};
  std::string password = {};
};

struct CallOptions {
  // Of each attempt.
  absl::Duration deadline = absl::Seconds(30);
  int attempts_max = 8;
  // The wait behind the first attempt; twice as long behind each further one, up to the maximum,
  // and at random between half of it and all of it. A server that asks for a longer wait gets it;
  // one that asks for more than the maximum ends the call.
  absl::Duration backoff = absl::Milliseconds(100);
  absl::Duration backoff_max = absl::Seconds(10);
};

// What a session stands on; must outlive it.
struct SessionEnvironment {
  const Clock& clock;
  Random& random;
};

// Keeps the tokens of one session, refreshes them before they expire, and repeats calls that the
// server could not take, with the same request and so with the same `request_id`: a mutation takes
// effect once. Thread-safe.
class ClientSession final {
 public:
  // Signs in. Errors are the server's, with their reason and details (common/status/error.h).
  static absl::StatusOr<std::unique_ptr<ClientSession>> SignIn(
      std::shared_ptr<grpc::Channel> channel, const Credentials& credentials,
      const SessionEnvironment& environment, const CallOptions& options = {});

  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  // Calls `method` of `stub`, as in Call(*stub, &Stub::GetPatient, request). Errors are the
  // server's.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) {
    Response response;
    const absl::Status status = WithTokens([&](grpc::ClientContext& context) {
      response.Clear();
      return (stub.*method)(&context, request, &response);
    });
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<identity::v1::WhoAmIResponse> WhoAmI();
  // Ends the session on the server.
  absl::Status SignOut();

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // For requests that change something.
  std::string NewRequestId() { return ids_.NewUuid().ToString(); }

 private:
  using Attempt = std::function<grpc::Status(grpc::ClientContext&)>;

  ClientSession(std::shared_ptr<grpc::Channel> channel, const SessionEnvironment& environment,
                const CallOptions& options);

  absl::Status WithTokens(const Attempt& attempt);
  // Repeats `attempt`, each with its deadline, as the options say.
  absl::Status WithRetries(absl::Duration deadline, const Attempt& attempt);
  absl::Duration WaitBehind(int attempts, const absl::Status& status);
  // The access token to use now.
  absl::StatusOr<std::string> AccessToken();
  // Exchanges the tokens, unless another thread has done so since `stale` was read.
  absl::Status Refresh(const std::string& stale);
  absl::Status RefreshLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Keep(const identity::v1::TokenPair& tokens) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<grpc::Channel> channel_;
  const SessionEnvironment environment_;
  const CallOptions options_;
  const IdSource ids_;
  const std::unique_ptr<identity::v1::SessionService::Stub> sessions_;
  // Held during a refresh, so that all threads wait for one.
  absl::Mutex mutex_;
  std::string access_token_ ABSL_GUARDED_BY(mutex_);
  absl::Time refresh_at_ ABSL_GUARDED_BY(mutex_);
  std::string refresh_token_ ABSL_GUARDED_BY(mutex_);
};

// The ErrorInfo metadata `key` of an error; empty if it has none.
std::string ErrorMetadata(const absl::Status& status, std::string_view key);

}  // namespace clinicd::client
