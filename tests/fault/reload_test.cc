// SIGHUP and SIGTERM to a running server.
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "services/server/dev_certificates.h"
#include "tests/support/front_desk.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/watcher.h"

namespace clinicd::testing {
namespace {

using server::DevCertificates;

DevCertificates MakeCertificates(const std::filesystem::path& directory) {
  const SystemClock clock;
  SystemRandom random;
  const auto made = server::EnsureDevCertificates(directory, clock.Now(), random);
  REQUIRE(made.ok());
  return *made;
}

// Certificates behind links, so that the directory that the server watches never changes.
class LinkedCertificates final {
 public:
  LinkedCertificates() {
    for (const char* name : {"live", "behind"}) {
      std::filesystem::create_directory(directory_.path(name));
    }
    std::filesystem::create_symlink(directory_.path("behind/pem"), files().certificate);
    std::filesystem::create_symlink(directory_.path("behind/key"), files().key);
  }

  // New ones with an authority of their own; what trusts it, PEM.
  std::string Use(const std::string& name) {
    const DevCertificates made = MakeCertificates(directory_.path(name));
    constexpr auto kReplace = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(made.server.certificate, directory_.path("behind/pem"), kReplace);
    std::filesystem::copy_file(made.server.key, directory_.path("behind/key"), kReplace);
    return directory_.Read(name + "/ca.pem");
  }
  edge::TlsFiles files() const {
    return {.certificate = directory_.path("live/pem"), .key = directory_.path("live/key")};
  }

 private:
  TemporaryDirectory directory_;
};

// A connection of its own, for who trusts that authority alone.
std::shared_ptr<grpc::Channel> Trusting(const std::string& authority, int port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  return grpc::CreateCustomChannel(
      absl::StrCat("127.0.0.1:", port),
      grpc::SslCredentials(
          {.pem_root_certs = authority, .pem_private_key = "", .pem_cert_chain = ""}),
      arguments);
}

// Less than the minute after which the server looks at the files by itself.
bool Connects(grpc::Channel& channel) {
  return channel.WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
}

TEST_CASE("SIGHUP makes a server use its new certificate and ends no connection", "[fault]") {
  const TestDatabase database;
  ServerProcess process(database);
  LinkedCertificates certificates;
  const std::string old_authority = certificates.Use("old");
  const int port = process.Listen(certificates.files());
  TestServer::Options options;
  options.database = &database;
  options.key_directory = process.key_directory();
  TestServer other(options);
  const FrontDesk desk(other, "a");
  const std::string patient = desk.RegisteredPatient();
  const std::string practitioner = desk.AddPractitioner();
  process.Start();
  const Client client(Trusting(old_authority, port), desk.client().token());
  REQUIRE(Connects(*client.channel()));
  Watcher watcher(client, DayRequest(2027, 3, 29));
  REQUIRE(watcher.Await([](const Watcher& each) { return each.complete(); }));

  const std::string new_authority = certificates.Use("new");
  REQUIRE(Connects(*Trusting(old_authority, port)));
  REQUIRE(kill(process.pid(), SIGHUP) == 0);

  CHECK(Connects(*Trusting(new_authority, port)));
  const auto booked = desk.Booked(AppointmentForm(patient, practitioner, "2027-03-29T10:00"));
  CHECK(watcher.Await([&](const Watcher& each) { return each.day().count(booked.id()) == 1; }));
  CHECK(client.channel()->GetState(false) == GRPC_CHANNEL_READY);
  CHECK(process.Stop(SIGTERM) == 0);
}

TEST_CASE("SIGTERM ends open streams with a token that the next server takes", "[fault]") {
  const TestDatabase database;
  ServerProcess process(database);
  LinkedCertificates certificates;
  const std::string authority = certificates.Use("only");
  const int port = process.Listen(certificates.files());
  TestServer::Options options;
  options.database = &database;
  options.key_directory = process.key_directory();
  TestServer other(options);
  const FrontDesk desk(other, "a");
  const std::string patient = desk.RegisteredPatient();
  const std::string practitioner = desk.AddPractitioner();
  process.Start();
  const auto channel = Trusting(authority, port);
  const Client client(channel, desk.client().token());
  REQUIRE(Connects(*channel));
  Watcher watcher(client, DayRequest(2027, 3, 29));
  const auto seen = desk.Booked(AppointmentForm(patient, practitioner, "2027-03-29T10:00"));
  REQUIRE(watcher.Await(
      [&](const Watcher& each) { return each.complete() && each.day().count(seen.id()) == 1; }));

  CHECK(process.Stop(SIGTERM) == 0);

  CHECK(watcher.End().error_code() == grpc::StatusCode::UNAVAILABLE);
  REQUIRE_FALSE(watcher.token().empty());
  const auto missed = desk.Booked(AppointmentForm(patient, practitioner, "2027-03-29T11:00"));
  process.Start();
  REQUIRE(Connects(*channel));
  Watcher next(client, DayRequest(2027, 3, 29, watcher.token()));
  CHECK(next.Await([&](const Watcher& each) { return each.day().count(missed.id()) == 1; }));
  CHECK(process.Stop(SIGTERM) == 0);
  CHECK(next.End().error_code() == grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace clinicd::testing
