// An edge with a few simple handlers, for tests from outside. Prints a line of JSON with its ports,
// and one of numbers each time a line comes in; ends with its input.
//
//   clinicd_test_edge CERTIFICATE KEY [name=value ...]
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/edge/edge_server.h"
#include "common/log/sink.h"
#include "common/metrics/metrics.h"
#include "tests/edge/simple_handlers.h"

namespace clinicd::edge {
namespace {

using Settings = std::map<std::string, std::string>;

std::size_t Number(const Settings& settings, const std::string& name, std::size_t fallback) {
  const auto found = settings.find(name);
  std::size_t number = fallback;
  if (found != settings.end() && !absl::SimpleAtoi(found->second, &number)) std::exit(2);
  return number;
}

absl::Duration Milliseconds(const Settings& settings, const std::string& name,
                            absl::Duration fallback) {
  return absl::Milliseconds(static_cast<std::int64_t>(
      Number(settings, name, static_cast<std::size_t>(absl::ToInt64Milliseconds(fallback)))));
}

EdgeLimits Limits(const Settings& settings) {
  EdgeLimits limits;
  limits.connections = Number(settings, "connections", limits.connections);
  limits.connections_per_address =
      Number(settings, "connections_per_address", limits.connections_per_address);
  limits.connect_burst =
      static_cast<std::uint32_t>(Number(settings, "connect_burst", limits.connect_burst));
  limits.connect_rate =
      static_cast<std::uint32_t>(Number(settings, "connect_rate", limits.connect_rate));
  limits.in_flight = Number(settings, "in_flight", limits.in_flight);
  limits.handshake = Milliseconds(settings, "handshake_ms", limits.handshake);
  limits.settings_ack = Milliseconds(settings, "settings_ack_ms", limits.settings_ack);
  limits.head = Milliseconds(settings, "head_ms", limits.head);
  limits.body_idle = Milliseconds(settings, "body_idle_ms", limits.body_idle);
  limits.body_grace = Milliseconds(settings, "body_grace_ms", limits.body_grace);
  limits.idle = Milliseconds(settings, "idle_ms", limits.idle);
  limits.write = Milliseconds(settings, "write_ms", limits.write);
  limits.sweep = Milliseconds(settings, "sweep_ms", limits.sweep);
  return limits;
}

// Sanitizers keep freed memory for a while.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kMemoryIsOurs = false;
#else
constexpr bool kMemoryIsOurs = true;
#endif

std::string Numbers(const EdgeServer& server, const CertificateStore& certificates) {
  malloc_trim(0);
  std::string line = absl::StrCat(
      "{\"rss\":", static_cast<std::int64_t>(kMemoryIsOurs ? metrics::ResidentBytes() : 0),
      ",\"fds\":", static_cast<std::int64_t>(metrics::OpenFiles()),
      ",\"connections\":", server.connections(), ",\"in_flight\":", server.bytes_in_flight(),
      ",\"requests\":", server.counters().requests(),
      ",\"reload_failures\":", certificates.reload_failures());
  for (std::size_t i = 0; i < static_cast<std::size_t>(Cut::kCount); ++i) {
    const auto cut = static_cast<Cut>(i);
    absl::StrAppend(&line, ",\"cut_", std::string(NameOf(cut)), "\":", server.counters().cuts(cut));
  }
  return line + "}";
}

int Run(const TlsFiles& files, const Settings& settings) {
  const SystemClock clock;
  auto sink = log::OpenSink("-");
  if (!sink.ok()) return 1;
  log::Logger logger(log::Level::kInfo, *std::move(sink), clock);
  const auto certificates = CertificateStore::Open(files, clock, logger);
  if (!certificates.ok()) {
    std::cerr << certificates.status() << "\n";
    return 1;
  }
  const config::Address any_port = {.host = "127.0.0.1", .port = 0};
  using Kind = ListenerOptions::Kind;
  const auto server =
      EdgeServer::Start({.listeners = {{.kind = Kind::kTls, .address = any_port},
                                       {.kind = Kind::kClear, .address = any_port},
                                       {.kind = Kind::kRedirect, .address = any_port}},
                         .threads = 2,
                         .limits = Limits(settings)},
                        SimpleRouter(), certificates->get(), clock);
  if (!server.ok()) {
    std::cerr << server.status() << "\n";
    return 1;
  }
  std::cout << absl::StrCat("{\"tls\":", (*server)->port(0), ",\"clear\":", (*server)->port(1),
                            ",\"redirect\":", (*server)->port(2), ",\"pid\":", ::getpid(), "}")
            << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "drain") (*server)->Drain();
    if (line == "stop") (*server)->Stop(absl::Seconds(5));
    std::cout << Numbers(**server, **certificates) << std::endl;
  }
  (*server)->Stop(absl::ZeroDuration());
  return 0;
}

}  // namespace
}  // namespace clinicd::edge

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  signal(SIGPIPE, SIG_IGN);
  clinicd::edge::Settings settings;
  for (int i = 3; i < argc; ++i) {
    const std::string text = argv[i];
    const std::size_t equals = text.find('=');
    settings[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return clinicd::edge::Run({.certificate = argv[1], .key = argv[2]}, settings);
}
