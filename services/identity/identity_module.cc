#include "services/identity/identity_module.h"

#include "common/auth/access_token.h"
#include "common/auth/refresh_token.h"
#include "common/auth/verified_token_cache.h"
#include "db/access/login_directory.h"
#include "services/identity/authz_state.h"
#include "services/identity/authz_watcher.h"
#include "services/identity/clinic_service.h"
#include "services/identity/failure_memory.h"
#include "services/identity/identity_errors.h"
#include "services/identity/practitioner_service.h"
#include "services/identity/session_service.h"
#include "services/identity/token_authenticator.h"
#include "services/identity/token_issuer.h"
#include "services/identity/user_service.h"

namespace clinicd::identity {
namespace {

constexpr std::size_t kVerifiedTokensMax = 20'000;
constexpr std::size_t kUnknownLoginsMax = 16'384;
// By how much the clocks of nodes and database may differ.
constexpr absl::Duration kClockSlack = absl::Minutes(2);
constexpr absl::Duration kFirstLookMax = absl::Seconds(10);

}  // namespace

// Declared in the order of dependence: each part outlives those below it.
struct IdentityModule::Graph {
  explicit Graph(const IdentityParts& parts)
      : signer(parts.keys.signing_keys()),
        verifier(parts.keys.signing_keys()),
        tokens(verifier, kVerifiedTokensMax),
        state({.keep = parts.access_token_lifetime + kClockSlack, .age_max = parts.authz_age_max},
              monotonic_clock),
        watcher(
            {.conninfo = parts.auth_conninfo, .window = parts.access_token_lifetime + kClockSlack},
            state, monotonic_clock),
        authenticator(tokens, state),
        directory(parts.auth_pool),
        logins(directory, parts.runner, parts.ids),
        unknown_logins(kUnknownLoginsMax),
        refresh_tokens(parts.keys.refresh()),
        issuer(signer, parts.access_token_lifetime),
        sign_in_handlers({.logins = logins,
                          .hasher = parts.hasher,
                          .unknown_logins = unknown_logins,
                          .refresh_tokens = refresh_tokens,
                          .issuer = issuer,
                          .ids = parts.ids,
                          .session_lifetime = parts.refresh_token_lifetime,
                          .refresh_grace = parts.refresh_grace}),
        session_handlers(logins, parts.hasher, parts.page_tokens),
        user_handlers(parts.hasher, parts.page_tokens),
        practitioner_handlers(parts.page_tokens),
        session_service(parts.dispatcher, sign_in_handlers, session_handlers),
        user_service(parts.dispatcher, user_handlers),
        clinic_service(parts.dispatcher, clinic_handlers),
        practitioner_service(parts.dispatcher, practitioner_handlers) {}

  const MonotonicClock monotonic_clock{};
  const BuiltinRoles permissions{};
  const auth::TokenSigner signer;
  const auth::TokenVerifier verifier;
  auth::VerifiedTokenCache tokens;
  AuthzState state;
  AuthzWatcher watcher;
  const TokenAuthenticator authenticator;
  db::LoginDirectory directory;
  const LoginStore logins;
  FailureMemory unknown_logins;
  const auth::RefreshTokenSource refresh_tokens;
  const TokenIssuer issuer;
  const SignInHandlers sign_in_handlers;
  const SessionHandlers session_handlers;
  const UserHandlers user_handlers;
  const ClinicHandlers clinic_handlers{};
  const PractitionerHandlers practitioner_handlers;
  SessionService session_service;
  UserService user_service;
  ClinicService clinic_service;
  PractitionerService practitioner_service;
};

IdentityModule::IdentityModule(const IdentityParts& parts)
    : graph_(std::make_unique<Graph>(parts)) {}

IdentityModule::~IdentityModule() = default;

absl::Status IdentityModule::Start() {
  graph_->watcher.Start();
  return graph_->watcher.WaitUntilKnown(kFirstLookMax) ? absl::OkStatus() : RightsUnknown();
}

void IdentityModule::Stop() { graph_->watcher.Stop(); }

absl::Status IdentityModule::Ready() const {
  return graph_->state.fresh() ? absl::OkStatus() : RightsUnknown();
}

const rpc::Authenticator& IdentityModule::authenticator() const { return graph_->authenticator; }

const rpc::PermissionSource& IdentityModule::permissions() const { return graph_->permissions; }

auth::VerifiedTokenCache::Stats IdentityModule::token_stats() const {
  return graph_->tokens.stats();
}

std::vector<grpc::Service*> IdentityModule::services() {
  return {&graph_->session_service, &graph_->user_service, &graph_->clinic_service,
          &graph_->practitioner_service};
}

}  // namespace clinicd::identity
