#include "clinicd/sdk/session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace clinicd::sdk {
namespace {

using identity::v1::SessionService;

// Tokens are exchanged this long before they expire, so that none expires on its way.
constexpr absl::Duration kRefreshMargin = absl::Minutes(1);
// The server takes a lost exchange again for ten seconds.
constexpr absl::Duration kExchangeTimeout = absl::Seconds(4);
constexpr absl::Duration kExchangeDeadline = absl::Seconds(9);

constexpr char kWantReceiptKey[] = "clinicd-audit-receipt";
constexpr char kReceiptKey[] = "clinicd-audit-receipt-bin";

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

// gRPC ends the process on metadata that it does not allow.
bool IsLegalToken(const std::string& token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

absl::StatusOr<Tokens> ReadTokens(const identity::v1::TokenPair& pair) {
  if (!IsLegalToken(pair.access_token())) {
    return absl::InternalError("The server sent an access token that is not one.");
  }
  return Tokens{.access_token = pair.access_token(),
                .access_expire_time = ToTime(pair.access_expire_time()),
                .refresh_token = pair.refresh_token(),
                .refresh_expire_time = ToTime(pair.refresh_expire_time())};
}

absl::Status RepeatCall(const RetryPolicy& policy, const Timing& timing,
                        const std::function<grpc::Status(grpc::ClientContext&)>& attempt) {
  return Repeat(policy, timing, [&](absl::Time deadline) {
    grpc::ClientContext context;
    // The wire carries what is left, by this machine's clock; a test's clock stands still.
    context.set_deadline(absl::ToChronoTime(absl::Now() + (deadline - timing.now())));
    return StatusOf(attempt(context));
  });
}

}  // namespace

bool WantsRefresh(const absl::Status& status) {
  const type::v1::ErrorReason reason = ReasonOf(status);
  return reason == type::v1::TOKEN_EXPIRED || reason == type::v1::SESSION_REVOKED;
}

absl::StatusOr<Tokens> SignIn(const std::shared_ptr<grpc::Channel>& channel,
                              const Credentials& credentials, const SessionOptions& options) {
  const auto sessions = SessionService::NewStub(channel);
  identity::v1::SignInRequest request;
  request.set_clinic_slug(credentials.clinic_slug);
  request.set_email(credentials.email);
  request.set_password(credentials.password);
  identity::v1::SignInResponse response;
  const absl::Status status =
      RepeatCall(options.retry, options.timing, [&](grpc::ClientContext& context) {
        response.Clear();
        return sessions->SignIn(&context, request, &response);
      });
  if (!status.ok()) return status;
  return ReadTokens(response.tokens());
}

Session::Session(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<TokenStore> store,
                 SessionOptions options)
    : channel_(std::move(channel)),
      store_(std::move(store)),
      options_(std::move(options)),
      sessions_(SessionService::NewStub(channel_)) {}

absl::StatusOr<std::unique_ptr<Session>> Session::SignIn(std::shared_ptr<grpc::Channel> channel,
                                                         const Credentials& credentials,
                                                         const SessionOptions& options) {
  absl::StatusOr<Tokens> tokens = sdk::SignIn(channel, credentials, options);
  if (!tokens.ok()) return tokens.status();
  return Resume(std::move(channel), std::make_shared<MemoryTokenStore>(*std::move(tokens)),
                options);
}

absl::StatusOr<std::unique_ptr<Session>> Session::Resume(std::shared_ptr<grpc::Channel> channel,
                                                         std::shared_ptr<TokenStore> store,
                                                         const SessionOptions& options) {
  const absl::StatusOr<Tokens> tokens = store->Load();
  if (!tokens.ok()) return tokens.status();
  if (!IsLegalToken(tokens->access_token)) {
    return absl::InvalidArgumentError("The store holds an access token that is not one.");
  }
  std::unique_ptr<Session> session(new Session(std::move(channel), std::move(store), options));
  const absl::MutexLock lock(&session->mutex_);
  session->Keep(*tokens);
  return session;
}

absl::StatusOr<identity::v1::WhoAmIResponse> Session::WhoAmI() {
  return Call(*sessions_, &SessionService::Stub::WhoAmI, identity::v1::WhoAmIRequest());
}

absl::Status Session::SignOut() {
  return Call(*sessions_, &SessionService::Stub::SignOut, identity::v1::SignOutRequest()).status();
}

absl::Status Session::CallWithTokens(const Attempt& attempt) {
  for (bool refreshed = false;; refreshed = true) {
    const absl::StatusOr<std::string> token = AccessToken();
    if (!token.ok()) return token.status();
    absl::Status status =
        RepeatCall(options_.retry, options_.timing, [&](grpc::ClientContext& context) {
          Authorize(context, *token);
          return Try(attempt, context);
        });
    if (status.ok() || refreshed || !WantsRefresh(status)) return status;
    status = Refresh(*token);
    if (!status.ok()) return status;
  }
}

grpc::Status Session::Try(const Attempt& attempt, grpc::ClientContext& context) const {
  if (!options_.on_receipt) return attempt(context);
  // Reads are answered without one.
  context.AddMetadata(kWantReceiptKey, "1");
  grpc::Status status = attempt(context);
  const auto& trailer = context.GetServerTrailingMetadata();
  const auto entry = trailer.find(kReceiptKey);
  audit::v1::Receipt receipt;
  if (status.ok() && entry != trailer.end() &&
      receipt.ParseFromArray(entry->second.data(), static_cast<int>(entry->second.size()))) {
    options_.on_receipt(receipt);
  }
  return status;
}

absl::StatusOr<std::string> Session::AccessToken() {
  const absl::MutexLock lock(&mutex_);
  if (options_.timing.now() >= refresh_at_) {
    absl::Status status = RefreshLocked();
    if (!status.ok()) return status;
  }
  return access_token_;
}

void Session::Authorize(grpc::ClientContext& context, const std::string& access_token) {
  context.AddMetadata("authorization", absl::StrCat("Bearer ", access_token));
}

absl::Status Session::Refresh(const std::string& stale) {
  const absl::MutexLock lock(&mutex_);
  if (access_token_ != stale) return absl::OkStatus();
  return RefreshLocked();
}

absl::Status Session::RefreshLocked() {
  const absl::StatusOr<Tokens> tokens =
      store_->Update([&](const Tokens& stored) -> absl::StatusOr<Tokens> {
        // Another process that shares the store was quicker.
        if (stored.refresh_token != refresh_token_) return stored;
        return Exchange(stored);
      });
  if (!tokens.ok()) return tokens.status();
  if (!IsLegalToken(tokens->access_token)) {
    return absl::InvalidArgumentError("The store holds an access token that is not one.");
  }
  Keep(*tokens);
  return absl::OkStatus();
}

absl::StatusOr<Tokens> Session::Exchange(const Tokens& tokens) {
  identity::v1::RefreshRequest request;
  request.set_refresh_token(tokens.refresh_token);
  identity::v1::RefreshResponse response;
  RetryPolicy policy = options_.retry;
  policy.attempt_timeout = std::min(policy.attempt_timeout, kExchangeTimeout);
  policy.deadline = std::min(policy.deadline, kExchangeDeadline);
  const absl::Status status =
      RepeatCall(policy, options_.timing, [&](grpc::ClientContext& context) {
        response.Clear();
        return sessions_->Refresh(&context, request, &response);
      });
  if (!status.ok()) return status;
  return ReadTokens(response.tokens());
}

void Session::Keep(const Tokens& tokens) {
  access_token_ = tokens.access_token;
  refresh_token_ = tokens.refresh_token;
  // At least a minute from now: where this machine's clock is ahead of the server's, every token
  // looks expired. One that is leads to TOKEN_EXPIRED, which leads to a refresh as well.
  refresh_at_ =
      std::max(tokens.access_expire_time - kRefreshMargin, options_.timing.now() + kRefreshMargin);
}

}  // namespace clinicd::sdk
