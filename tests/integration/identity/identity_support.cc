#include "tests/integration/identity/identity_support.h"

#include <catch2/catch.hpp>

namespace clinicd::testing {

using identity::v1::RefreshRequest;
using identity::v1::RefreshResponse;
using identity::v1::SignInRequest;
using identity::v1::SignInResponse;
using identity::v1::WhoAmIRequest;
using identity::v1::WhoAmIResponse;

Reply<SignInResponse> SignIn(TestServer& server, const std::string& slug, const std::string& email,
                             const std::string& password) {
  SignInRequest request;
  request.set_clinic_slug(slug);
  request.set_email(email);
  request.set_password(password);
  const Client client = server.Anonymous();
  return client.Call(client.sessions(), &SessionStub::SignIn, request, kAnyClock);
}

Reply<RefreshResponse> Refresh(TestServer& server, const std::string& token) {
  RefreshRequest request;
  request.set_refresh_token(token);
  const Client client = server.Anonymous();
  return client.Call(client.sessions(), &SessionStub::Refresh, request, kAnyClock);
}

Reply<WhoAmIResponse> WhoAmI(const Client& client) {
  return client.Call(client.sessions(), &SessionStub::WhoAmI, WhoAmIRequest(), kAnyClock);
}

Client With(TestServer& server, const std::string& access_token) {
  return Client(server.Channel(), access_token);
}

absl::Duration TimeUntilRefused(const Client& client, ErrorReason reason, absl::Duration max) {
  const absl::Time start = absl::Now();
  while (absl::Now() - start <= max) {
    if (WhoAmI(client).reason() == reason) break;
  }
  return absl::Now() - start;
}

std::string ValueOf(const TestServer& server, const std::string& sql,
                    const db::AdminConnection::Row& parameters) {
  const auto value = server.database().Connect().QueryValue(sql, parameters);
  INFO(value.status());
  REQUIRE(value.ok());
  return *value;
}

}  // namespace clinicd::testing
