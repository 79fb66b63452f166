#include "common/config/key.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/text.h"

namespace clinicd::config {
namespace {

constexpr std::int64_t kTextMax = 4096;
constexpr std::int64_t kOriginsMax = 32;
constexpr std::int64_t kWitnessesMax = 16;
// What fits into sockaddr_un with its final NUL.
constexpr std::int64_t kSocketPathMax = 107;
// A host name of 253 bytes with its port.
constexpr std::int64_t kHostMax = 259;

constexpr std::array<std::string_view, 2> kTenantModes = {"set_config", "set_local"};
constexpr std::array<std::string_view, 4> kLogLevels = {"debug", "info", "warning", "error"};

constexpr std::array kKeys = {
    Key{.name = "server.listen",
        .type = Type::kAddress,
        .default_text = "127.0.0.1:8443",
        .doc = "Address of the TLS listener for clients, or off."},
    Key{.name = "server.grpc_socket",
        .type = Type::kPath,
        .default_text = "",
        .doc = "Path of a Unix socket that serves gRPC without TLS; empty: none.",
        .max = kSocketPathMax},
    Key{.name = "server.tls_certificate_file",
        .type = Type::kPath,
        .default_text = "",
        .doc = "PEM file with the certificate chain of the TLS listener, leaf first.",
        .max = kTextMax},
    Key{.name = "server.tls_key_file",
        .type = Type::kPath,
        .default_text = "",
        .doc = "PEM file with the private key of the certificate.",
        .max = kTextMax,
        .rule = Rule::kSecretFile},
    Key{.name = "server.http_redirect_listen",
        .type = Type::kAddress,
        .default_text = "off",
        .doc = "Address of a plain HTTP listener that only leads to HTTPS, or off."},
    Key{.name = "server.public_authority",
        .type = Type::kString,
        .default_text = "",
        .doc = "host[:port] that plain HTTP leads to; empty: the host asked for, if the "
               "certificate has it.",
        .max = kHostMax},
    Key{.name = "server.clear_listen",
        .type = Type::kAddress,
        .default_text = "off",
        .doc = "Loopback address of HTTP without TLS, for a proxy on this machine, or off.",
        .rule = Rule::kLoopback},
    Key{.name = "server.clear_socket",
        .type = Type::kPath,
        .default_text = "",
        .doc = "Path of a Unix socket with HTTP without TLS, for a proxy on this machine; empty: "
               "none.",
        .max = kSocketPathMax},
    Key{.name = "server.cors_origins",
        .type = Type::kList,
        .default_text = "",
        .doc =
            "Web origins besides the server's own that may call, such as https://portal.example.",
        .max = kOriginsMax},
    Key{.name = "server.security_contact",
        .type = Type::kString,
        .default_text = "",
        .doc =
            "URI for reports of weaknesses, such as mailto:security@clinic.example; empty: none.",
        .max = kTextMax},
    Key{.name = "server.connections_max",
        .type = Type::kInteger,
        .default_text = "4096",
        .doc = "Connections of clients in all.",
        .min = 16,
        .max = 65536},
    Key{.name = "server.connections_per_address",
        .type = Type::kInteger,
        .default_text = "64",
        .doc = "Connections from one IPv4 address or one IPv6 /64 network.",
        .min = 1,
        .max = 65536},
    Key{.name = "server.admin_listen",
        .type = Type::kAddress,
        .default_text = "127.0.0.1:9464",
        .doc = "Loopback address of /metrics, /healthz and /readyz, or off.",
        .rule = Rule::kLoopback},
    Key{.name = "server.callback_threads",
        .type = Type::kInteger,
        .default_text = "2",
        .doc = "Threads that move bytes between clients and workers.",
        .min = 1,
        .max = 16},
    Key{.name = "server.drain_seconds",
        .type = Type::kDuration,
        .default_text = "25",
        .doc = "How long running calls may take to end when the server stops.",
        .min = 0,
        .max = 600,
        .unit = absl::Seconds(1)},
    Key{.name = "server.stream_minutes_max",
        .type = Type::kDuration,
        .default_text = "12",
        .doc = "Age at which a stream is ended; the client goes on with its resume token.",
        .min = 1,
        .max = 60,
        .unit = absl::Minutes(1)},
    Key{.name = "server.stream_heartbeat_seconds",
        .type = Type::kDuration,
        .default_text = "20",
        .doc = "Time after which a stream that has nothing to tell says that it is alive.",
        .min = 1,
        .max = 60,
        .unit = absl::Seconds(1)},
    Key{.name = "db.conninfo",
        .type = Type::kString,
        .default_text = "",
        .doc = "libpq connection string of role clinicd_app, without a password.",
        .max = kTextMax,
        .rule = Rule::kNoPassword},
    Key{.name = "db.password_file",
        .type = Type::kPath,
        .default_text = "",
        .doc = "File with the password of clinicd_app; empty: no password is needed.",
        .max = kTextMax,
        .rule = Rule::kSecretFile},
    Key{.name = "db.auth_conninfo",
        .type = Type::kString,
        .default_text = "",
        .doc = "libpq connection string of role clinicd_auth, without a password.",
        .max = kTextMax,
        .rule = Rule::kNoPassword},
    Key{.name = "db.auth_password_file",
        .type = Type::kPath,
        .default_text = "",
        .doc = "File with the password of clinicd_auth; empty: no password is needed.",
        .max = kTextMax,
        .rule = Rule::kSecretFile},
    Key{.name = "db.jobs_conninfo",
        .type = Type::kString,
        .default_text = "",
        .doc =
            "libpq connection string of role clinicd_jobs, without a password; empty: nothing is "
            "done for all clinics in the background.",
        .max = kTextMax,
        .rule = Rule::kNoPassword},
    Key{.name = "db.jobs_password_file",
        .type = Type::kPath,
        .default_text = "",
        .doc = "File with the password of clinicd_jobs; empty: no password is needed.",
        .max = kTextMax,
        .rule = Rule::kSecretFile},
    Key{.name = "db.sealer_conninfo",
        .type = Type::kString,
        .default_text = "",
        .doc = "libpq connection string of role clinicd_sealer, without a password; empty: this "
               "server does not seal audit events.",
        .max = kTextMax,
        .rule = Rule::kNoPassword},
    Key{.name = "db.sealer_password_file",
        .type = Type::kPath,
        .default_text = "",
        .doc = "File with the password of clinicd_sealer; empty: no password is needed.",
        .max = kTextMax,
        .rule = Rule::kSecretFile},
    Key{.name = "db.workers",
        .type = Type::kInteger,
        .default_text = "8",
        .doc = "Worker threads; each owns one database connection.",
        .min = 1,
        .max = 64},
    Key{.name = "db.queue",
        .type = Type::kInteger,
        .default_text = "256",
        .doc = "Calls that may wait for a worker before further ones are refused.",
        .min = 1,
        .max = 65536},
    Key{.name = "db.statement_timeout_ms",
        .type = Type::kDuration,
        .default_text = "10000",
        .doc = "Longest run of one statement; a call's own deadline may be shorter.",
        .min = 100,
        .max = 600'000,
        .unit = absl::Milliseconds(1)},
    Key{.name = "db.tenant_mode",
        .type = Type::kString,
        .default_text = "set_config",
        .doc = "How a transaction learns its clinic; set_local is for sharded engines.",
        .max = kTextMax,
        .choices = kTenantModes},
    Key{.name = "keys.directory",
        .type = Type::kPath,
        .default_text = "/var/lib/clinicd/keys",
        .doc = "Directory of the token, pepper and page keys.",
        .min = 1,
        .max = kTextMax},
    Key{.name = "auth.access_token_minutes",
        .type = Type::kDuration,
        .default_text = "10",
        .doc = "Life of an access token.",
        .min = 1,
        .max = 10,
        .unit = absl::Minutes(1)},
    Key{.name = "auth.hash_concurrency",
        .type = Type::kInteger,
        .default_text = "2",
        .doc = "Password hashes computed at the same time; each takes 19 MiB.",
        .min = 1,
        .max = 4},
    Key{.name = "auth.refresh_days",
        .type = Type::kDuration,
        .default_text = "30",
        .doc = "Longest life of a session without a new sign-in.",
        .min = 1,
        .max = 365,
        .unit = absl::Hours(24)},
    Key{.name = "audit.strict_reads",
        .type = Type::kBoolean,
        .default_text = "false",
        .doc = "Whether a read is answered only after its access row is on disk."},
    Key{.name = "audit.origin",
        .type = Type::kString,
        .default_text = "clinicd.local/audit",
        .doc = "Name of the audit log and of the keys that sign it, for ever; best one that nobody "
               "else uses, such as clinic.example/audit.",
        .max = 255},
    Key{.name = "audit.node",
        .type = Type::kString,
        .default_text = "",
        .doc = "What audit events call this server; empty: the name of the machine.",
        .max = 255},
    Key{.name = "audit.anchor_directory",
        .type = Type::kPath,
        .default_text = "",
        .doc = "Directory outside the database and its backups in which the server remembers what "
               "it sealed; empty: nowhere.",
        .max = kTextMax},
    Key{.name = "audit.witnesses",
        .type = Type::kList,
        .default_text = "",
        .doc = "Witnesses of the audit log: each an address (https://, http:// or unix:/path), a "
               "space, and the key that `clinicd-witness keys` prints.",
        .max = kWitnessesMax},
    Key{.name = "audit.witness_authorities_file",
        .type = Type::kPath,
        .default_text = "",
        .doc = "PEM file of the authorities of the witnesses' certificates; empty: those of the "
               "system.",
        .max = kTextMax},
    Key{.name = "isolation.probe_hour",
        .type = Type::kInteger,
        .default_text = "3",
        .doc =
            "Hour of UTC at which the server tries to get from one clinic into another and gives "
            "every clinic the certificate of it; needs db.jobs_conninfo; -1: never by itself.",
        .min = -1,
        .max = 23},
    Key{.name = "log.level",
        .type = Type::kString,
        .default_text = "info",
        .doc = "Least severe events that are logged.",
        .max = kTextMax,
        .choices = kLogLevels},
    Key{.name = "log.file",
        .type = Type::kPath,
        .default_text = "-",
        .doc = "File that log lines are appended to; -: standard error.",
        .min = 1,
        .max = kTextMax},
};

std::string Bounds(const Key& key) { return absl::StrCat(key.min, " to ", key.max); }

// Keys of durations end in the name of their unit.
std::string DurationRequirement(const Key& key) {
  const std::string low = absl::FormatDuration(key.unit * key.min);
  const std::string high = absl::FormatDuration(key.unit * key.max);
  const std::string_view unit = key.name.substr(key.name.rfind('_') + 1);
  return absl::StrCat("a duration from ", low, " to ", high, ", as a number of ", ToAbsl(unit),
                      " or as text such as \"", high, "\"");
}

// Distance in single-character insertions, deletions, replacements and swaps of neighbours.
std::size_t EditDistance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before(to.size() + 1);
  std::vector<std::size_t> previous(to.size() + 1);
  std::vector<std::size_t> current(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    before.swap(previous);
    previous.swap(current);
  }
  return previous[to.size()];
}

}  // namespace

std::span<const Key> Keys() { return kKeys; }

const Key* FindKey(std::span<const Key> keys, std::string_view name) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [name](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

std::optional<std::string_view> NearestKey(std::span<const Key> keys, std::string_view name) {
  constexpr std::size_t kNameLengthMax = 100;
  if (name.size() > kNameLengthMax) return std::nullopt;
  const std::string given = absl::AsciiStrToLower(ToAbsl(name));
  std::optional<std::string_view> nearest;
  std::size_t nearest_distance = std::max<std::size_t>(2, name.size() / 4) + 1;
  for (const Key& key : keys) {
    // Whoever forgets the section means the key all the same.
    const std::string_view bare = key.name.substr(key.name.find('.') + 1);
    const std::size_t distance = given == bare ? 0 : EditDistance(given, key.name);
    if (distance < nearest_distance) {
      nearest = key.name;
      nearest_distance = distance;
    }
  }
  return nearest;
}

std::string EnvironmentName(std::string_view key_name) {
  std::string name = "CLINICD_";
  for (const char c : key_name) {
    if (c == '.') {
      name += "__";
    } else {
      name += absl::ascii_toupper(static_cast<unsigned char>(c));
    }
  }
  return name;
}

std::string Requirement(const Key& key) {
  switch (key.type) {
    case Type::kInteger:
      return absl::StrCat("a whole number from ", Bounds(key));
    case Type::kBoolean:
      return "true or false";
    case Type::kDuration:
      return DurationRequirement(key);
    case Type::kAddress:
      return key.rule == Rule::kLoopback
                 ? "a loopback address such as 127.0.0.1:9464 or [::1]:9464, or off"
                 : "an address such as 0.0.0.0:8443, [::]:8443 or clinic.example:8443, or off";
    case Type::kList:
      return absl::StrCat("a list of ", Bounds(key), " texts");
    case Type::kPath:
      return absl::StrCat("a path of ", Bounds(key), " bytes without control characters");
    case Type::kString:
      break;
  }
  if (key.choices.empty()) {
    return absl::StrCat("a text of ", Bounds(key), " bytes without control characters");
  }
  return absl::StrCat(
      "one of ", absl::StrJoin(key.choices, ", ", [](std::string* out, std::string_view choice) {
        absl::StrAppend(out, ToAbsl(choice));
      }));
}

}  // namespace clinicd::config
