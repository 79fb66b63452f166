// Signing in through the whole server.

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/auth/key_file.h"
#include "tests/integration/identity/identity_support.h"
#include "tests/support/fakes.h"

namespace clinicd::testing {
namespace {

using grpc::StatusCode;
using identity::v1::ROLE_OWNER;
using identity::v1::ROLE_RECEPTIONIST;

constexpr char kEmail[] = "ana@north.example";

std::string FailuresOf(const TestServer& server, const TestUser& user) {
  return ValueOf(server, "SELECT failed_sign_ins FROM clinicd.memberships WHERE id = $1",
                 {user.id.ToString()});
}

TEST_CASE("SignIn gives tokens that work and say who the caller is", "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north", "America/Bogota");
  const TestUser ana = server.AddUserWithPassword(north, kEmail, {ROLE_RECEPTIONIST});

  const auto reply = SignIn(server, "north", "  ANA@North.Example ");

  REQUIRE(reply.ok());
  const auto self = WhoAmI(With(server, reply.response.tokens().access_token()));
  REQUIRE(self.ok());
  CHECK(self.response.user().id() == ana.id.ToString());
  CHECK(self.response.user().email() == kEmail);
  CHECK(self.response.user().roles_size() == 1);
  CHECK(self.response.clinic().id() == north.id.ToString());
  CHECK(self.response.clinic().time_zone() == "America/Bogota");
  CHECK(self.response.session_id() == reply.response.session().id());
  CHECK(std::is_sorted(self.response.permissions().begin(), self.response.permissions().end()));
  CHECK(std::count(self.response.permissions().begin(), self.response.permissions().end(),
                   "patients.patient.write") == 1);
  CHECK(reply.response.session().current());
}

TEST_CASE("SignIn answers everything that is wrong in the same way", "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestClinic closed = server.AddClinic("closed");
  server.AddUserWithPassword(north, kEmail, {ROLE_OWNER});
  const TestUser gone = server.AddUserWithPassword(north, "gone@north.example", {ROLE_OWNER});
  const TestUser no_password = server.AddUser(north, {ROLE_OWNER});
  server.AddUserWithPassword(closed, kEmail, {ROLE_OWNER});
  REQUIRE(
      server.database()
          .Connect()
          .Execute(absl::StrCat("UPDATE clinicd.memberships SET state = 'disabled' WHERE id = '",
                                gone.id.ToString(),
                                "'; UPDATE clinicd.clinics SET state = 'suspended' "
                                "WHERE slug = 'closed'"))
          .ok());

  const std::vector<Reply<identity::v1::SignInResponse>> replies = {
      SignIn(server, "north", kEmail, "a wrong password"),
      SignIn(server, "north", "nobody@north.example"),
      SignIn(server, "nowhere", kEmail),
      SignIn(server, "north", gone.email),
      SignIn(server, "north", no_password.email),
      SignIn(server, "closed", kEmail),
      SignIn(server, "north", "gone@north.example", "a wrong password"),
  };

  for (const auto& reply : replies) {
    CHECK(reply.code() == StatusCode::UNAUTHENTICATED);
    CHECK(reply.reason() == ErrorReason::CREDENTIALS_INVALID);
    CHECK(reply.status.error_details() == replies[0].status.error_details());
    CHECK(reply.status.error_message() == replies[0].status.error_message());
  }
}

TEST_CASE("SignIn leaves a trace in the clinic, whether it succeeds or not",
          "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestUser ana = server.AddUserWithPassword(north, kEmail, {ROLE_OWNER});

  SignIn(server, "north", kEmail, "a wrong password");
  SignIn(server, "north", "nobody@north.example");
  SignIn(server, "nowhere", kEmail);
  const auto good = SignIn(server, "north", kEmail);

  const auto rows = server.database().Connect().Query(
      "SELECT action, outcome, actor_id, entity_type, entity_id, session_id, clinic_id "
      "FROM clinicd.audit_events WHERE method LIKE '%/SignIn' ORDER BY id");
  REQUIRE(rows.ok());
  REQUIRE(rows->size() == 3);
  using Row = db::AdminConnection::Row;
  const std::string clinic = north.id.ToString();
  const std::string session = good.response.session().id();
  CHECK(rows->at(0) == Row{"execute", "CREDENTIALS_INVALID", std::nullopt, "user",
                           ana.id.ToString(), std::nullopt, clinic});
  CHECK(rows->at(1) == Row{"execute", "CREDENTIALS_INVALID", std::nullopt, std::nullopt,
                           std::nullopt, std::nullopt, clinic});
  CHECK(rows->at(2) == Row{"execute", "OK", ana.id.ToString(), "session", session, session, clinic});
  // Neither password nor token is in any row.
  CHECK(ValueOf(server,
                "SELECT count(*) FROM clinicd.audit_events AS a "
                "WHERE a::text LIKE '%password%' OR a::text LIKE '%crt1.%'") == "0");
}

TEST_CASE("Five wrong passwords are free, then the right one has to wait as well",
          "[identity][integration]") {
  FakeClock clock(WholeNow());
  TestServer server({.clock = &clock});
  const TestClinic north = server.AddClinic("north");
  const TestUser ana = server.AddUserWithPassword(north, kEmail, {ROLE_OWNER});
  const Client running = server.SignedInAs(ana);
  for (int i = 0; i < 5; ++i) {
    REQUIRE(SignIn(server, "north", kEmail, "a wrong password").reason() ==
            ErrorReason::CREDENTIALS_INVALID);
  }

  const auto throttled = SignIn(server, "north", kEmail);
  CHECK(throttled.code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(throttled.reason() == ErrorReason::SIGN_IN_THROTTLED);
  // Who is in stays in.
  CHECK(WhoAmI(running).ok());

  clock.Advance(absl::Seconds(59));
  CHECK(SignIn(server, "north", kEmail).reason() == ErrorReason::SIGN_IN_THROTTLED);
  clock.Advance(absl::Seconds(1));
  CHECK(SignIn(server, "north", kEmail, "a wrong password").reason() ==
        ErrorReason::CREDENTIALS_INVALID);
  clock.Advance(absl::Seconds(119));
  CHECK(SignIn(server, "north", kEmail).reason() == ErrorReason::SIGN_IN_THROTTLED);
  CHECK(FailuresOf(server, ana) == "6");
  clock.Advance(absl::Seconds(1));
  CHECK(SignIn(server, "north", kEmail).ok());
  CHECK(FailuresOf(server, ana) == "0");
}

TEST_CASE("A user who does not exist is slowed down like one who does", "[identity][integration]") {
  FakeClock clock(WholeNow());
  TestServer server({.clock = &clock});
  const TestClinic north = server.AddClinic("north");
  server.AddUserWithPassword(north, kEmail, {ROLE_OWNER});
  const std::string slug = GENERATE("north", "nowhere");
  const std::string email = "nobody@north.example";

  for (int i = 0; i < 8; ++i) {
    const auto known = SignIn(server, "north", kEmail, "a wrong password");
    const auto unknown = SignIn(server, slug, email, "a wrong password");
    CAPTURE(i);
    CHECK(unknown.code() == known.code());
    CHECK(unknown.status.error_details() == known.status.error_details());
    clock.Advance(absl::Seconds(30));
  }
}

TEST_CASE("A guess counts, although the caller did not wait for the answer",
          "[identity][integration]") {
  TestServer server;
  const TestUser ana = server.AddUserWithPassword(server.AddClinic("north"), kEmail, {ROLE_OWNER});
  // Nothing can be written down while the row is locked.
  auto holder = server.database().Connect();
  const std::string lock =
      absl::StrCat("SELECT failed_sign_ins FROM clinicd.memberships WHERE id = '",
                   ana.id.ToString(), "' FOR UPDATE");
  REQUIRE(holder.Execute("BEGIN").ok());
  REQUIRE(holder.QueryValue(lock).ok());
  identity::v1::SignInRequest guess;
  guess.set_clinic_slug("north");
  guess.set_email(kEmail);
  guess.set_password("a wrong password");
  const Client client = server.Anonymous();

  const auto reply = client.Call(client.sessions(), &SessionStub::SignIn, guess, absl::Seconds(2));
  REQUIRE(holder.Execute("COMMIT").ok());

  CHECK(reply.code() == StatusCode::DEADLINE_EXCEEDED);
  // Written down in its own time, which begins with the call.
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (FailuresOf(server, ana) != "1" && absl::Now() < end) continue;
  CHECK(FailuresOf(server, ana) == "1");
  CHECK(ValueOf(server,
                "SELECT count(*) FROM clinicd.audit_events WHERE outcome = "
                "'CREDENTIALS_INVALID'") == "1");
}

TEST_CASE("Passwords that are guessed all at once are still counted", "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestUser ana = server.AddUserWithPassword(north, kEmail, {ROLE_OWNER});

  std::vector<std::thread> guessers;
  for (int i = 0; i < 12; ++i) {
    guessers.emplace_back([&] { SignIn(server, "north", kEmail, "a wrong password"); });
  }
  for (std::thread& guesser : guessers) guesser.join();

  CHECK(SignIn(server, "north", kEmail).reason() == ErrorReason::SIGN_IN_THROTTLED);
  CHECK(std::stoi(FailuresOf(server, ana)) >= 5);
}

// Resident memory of this process in MiB.
double ResidentMiB() {
  std::ifstream statm("/proc/self/statm");
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * 4096 / 1024 / 1024;
}

TEST_CASE("Fifty people signing in at once get in or are told that the server is busy",
          "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  for (int i = 0; i < 5; ++i) {
    server.AddUserWithPassword(north, absl::StrCat("user", i, "@north.example"), {ROLE_OWNER});
  }
  REQUIRE(SignIn(server, "north", "user0@north.example").ok());
  const double before = ResidentMiB();
  std::atomic<int> in = 0;
  std::atomic<int> busy = 0;

  std::vector<std::thread> people;
  for (int i = 0; i < 50; ++i) {
    people.emplace_back([&, i] {
      const auto reply = SignIn(server, "north", absl::StrCat("user", i % 5, "@north.example"));
      if (reply.ok()) ++in;
      if (reply.reason() == ErrorReason::SERVER_BUSY) ++busy;
    });
  }
  for (std::thread& person : people) person.join();

  CHECK(in + busy == 50);
  CHECK(in >= 10);
  // A hash takes 19 MiB, so fifty at once would take a gigabyte. Most of what is allowed here is
  // the clients'.
  CHECK(ResidentMiB() - before < 150);
}

TEST_CASE("A password sealed under an older pepper is sealed anew when its owner signs in",
          "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestUser ana = server.AddUserWithPassword(north, kEmail, {ROLE_OWNER});
  SystemRandom random;
  REQUIRE(auth::MakeKeyFile(server.key_directory().string(), "pepper-2", random).ok());
  TestServer rotated({.database = &server.database(), .key_directory = server.key_directory()});
  const std::string sql =
      "SELECT encode(password_ct, 'hex') FROM clinicd.memberships WHERE id = $1";
  const std::string before = ValueOf(server, sql, {ana.id.ToString()});

  REQUIRE(SignIn(rotated, "north", kEmail).ok());

  const std::string after = ValueOf(server, sql, {ana.id.ToString()});
  CHECK(after != before);
  CHECK(SignIn(rotated, "north", kEmail).ok());
  CHECK(ValueOf(server, sql, {ana.id.ToString()}) == after);
}

TEST_CASE("SignIn works in the clinic that is named and in no other", "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestClinic south = server.AddClinic("south");
  server.AddUserWithPassword(north, kEmail, {ROLE_OWNER});
  // The same person there, under a password that is stored in a copied row.
  const TestUser twin = server.AddUser(south, {ROLE_OWNER});
  REQUIRE(server.database()
              .Connect()
              .Query("UPDATE clinicd.memberships SET email = $1, email_key = $1, "
                     "password_set_at = now(), password_ct = (SELECT password_ct "
                     "FROM clinicd.memberships WHERE clinic_id = $2) WHERE id = $3",
                     {kEmail, north.id.ToString(), twin.id.ToString()})
              .ok());

  CHECK(SignIn(server, "north", kEmail).ok());
  CHECK_FALSE(SignIn(server, "south", kEmail).ok());
}

}  // namespace
}  // namespace clinicd::testing
