#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>
#include <libpq-fe.h>
#include <openssl/crypto.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "db/migrate/migration.h"
#include "services/server/commands/command.h"

namespace clinicd::server {

void AddVersionCommand(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand("version", "Prints the version");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Prints JSON, with the versions of the libraries");
  command->callback([json, &exit_code] {
    exit_code = kExitOk;
    if (!*json) {
      std::cout << "clinicd " << CLINICD_VERSION << "\n";
      return;
    }
    const nlohmann::ordered_json versions{
        {"clinicd", CLINICD_VERSION},
        {"schema", db::EmbeddedMigrations().size()},
        {"grpc", grpc::Version()},
        {"protobuf", google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION)},
        {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
        {"libpq", PQlibVersion()},
    };
    std::cout << versions.dump(2) << "\n";
  });
}

}  // namespace clinicd::server
