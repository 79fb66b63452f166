#include "services/server/demo/dev_file.h"

#include <unistd.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <nlohmann/json.hpp>

namespace clinicd::demo {
namespace {

DevFile Example() {
  return {.url = "https://127.0.0.1:8443",
          .ca = "/tmp/dev/tls/ca.pem",
          .grpc = "unix:/tmp/dev/grpc.sock",
          .database = "host=/tmp/dev user=clinicd_app password=a",
          .database_owner = "host=/tmp/dev user=postgres password=b",
          .logins = {{.clinic_slug = "clinica-sol",
                      .email = "reception@clinica-sol.example",
                      .password = "a password",
                      .role = "receptionist",
                      .totp_secret = ""}}};
}

TEST_CASE("dev.json has the members that scripts rely on", "[demo][unit]") {
  const auto json = nlohmann::json::parse(ToJson(Example()));

  CHECK(json.at("url") == "https://127.0.0.1:8443");
  CHECK(json.at("ca") == "/tmp/dev/tls/ca.pem");
  CHECK(json.at("grpc") == "unix:/tmp/dev/grpc.sock");
  CHECK(json.at("database") == "host=/tmp/dev user=clinicd_app password=a");
  CHECK(json.at("database_owner") == "host=/tmp/dev user=postgres password=b");
  REQUIRE(json.at("logins").size() == 1);
  CHECK(json.at("logins")[0] == nlohmann::json{{"clinic", "clinica-sol"},
                                               {"email", "reception@clinica-sol.example"},
                                               {"password", "a password"},
                                               {"role", "receptionist"}});
}

TEST_CASE("dev.json is read back as it was written", "[demo][unit]") {
  const auto file = ParseDevFile(ToJson(Example()));

  REQUIRE(file.ok());
  CHECK(ToJson(*file) == ToJson(Example()));
  CHECK(FindLogin(*file, "clinica-sol", "receptionist")->password == "a password");
  CHECK_FALSE(FindLogin(*file, "clinica-sol", "owner").has_value());
  CHECK_FALSE(FindLogin(*file, "lotus-dental", "receptionist").has_value());
}

TEST_CASE("What is no dev.json is refused", "[demo][unit]") {
  const std::string text = GENERATE(as<std::string>(), "", "{", "[]", "{}", R"({"url": 1})");
  CAPTURE(text);

  CHECK(ParseDevFile(text).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("dev.json is readable by its owner only", "[demo][unit]") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("clinicd-dev-file-" + std::to_string(::getpid()) + ".json");

  REQUIRE(WriteDevFile(path.string(), Example()).ok());

  CHECK(std::filesystem::status(path).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  CHECK(ReadDevFile(path.string()).ok());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace clinicd::demo
