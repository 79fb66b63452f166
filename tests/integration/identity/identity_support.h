// Shortcuts for the tests of identity.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {

using SessionStub = identity::v1::SessionService::Stub;
using UserStub = identity::v1::UserService::Stub;
using ClinicStub = identity::v1::ClinicService::Stub;
using PractitionerStub = identity::v1::PractitionerService::Stub;

// Longest time that a change of rights may take to be seen on every node.
inline constexpr absl::Duration kBiteTime = absl::Seconds(1);

// Now, in whole seconds: the database keeps microseconds only.
inline absl::Time WholeNow() { return absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now())); }

// Deadlines of clients follow the machine's clock, also where the server's has been moved ahead.
inline constexpr absl::Duration kAnyClock = absl::Hours(24 * 90);

// Signs in with a password.
Reply<identity::v1::SignInResponse> SignIn(TestServer& server, const std::string& slug,
                                           const std::string& email,
                                           const std::string& password = kTestPassword);

Reply<identity::v1::RefreshResponse> Refresh(TestServer& server, const std::string& token);

// A call that every signed-in user may make.
Reply<identity::v1::WhoAmIResponse> WhoAmI(const Client& client);

// A client that uses `access_token`.
Client With(TestServer& server, const std::string& access_token);

// How long it takes until `client` is refused for `reason`; more than `max` if it is not by then.
absl::Duration TimeUntilRefused(const Client& client, ErrorReason reason,
                                absl::Duration max = absl::Seconds(5));

// One value from the database of the server, as text; fails the test if it is not one value.
std::string ValueOf(const TestServer& server, const std::string& sql,
                    const db::AdminConnection::Row& parameters = {});

}  // namespace clinicd::testing
