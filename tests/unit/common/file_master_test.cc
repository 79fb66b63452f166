#include "common/auth/file_master.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "common/auth/key_file.h"
#include "common/auth/private_file.h"
#include "tests/support/fakes.h"
#include "tests/support/temporary_directory.h"

namespace clinicd::auth {
namespace {

const std::string kKey(32, 'k');

class Places final {
 public:
  Places() {
    std::filesystem::create_directory(keys());
    std::filesystem::create_directory(credentials());
    for (const std::string& directory : {keys(), credentials()}) ::chmod(directory.c_str(), 0700);
  }

  std::string keys() const { return directory_.path("keys"); }
  std::string credentials() const { return directory_.path("credentials"); }
  void Add(const std::string& directory, std::uint32_t number) {
    REQUIRE(MakeKeyFile(directory, KeyName(kMasterPurpose, number), random_).ok());
  }
  auto Load() {
    return FileMaster::Load({.key_directory = keys(), .credential_directory = credentials()},
                            random_);
  }

 private:
  testing::TemporaryDirectory directory_;
  testing::FakeRandom random_{11};
};

std::string Unwrapped(FileMaster& master, std::string_view wrapped, std::string_view context) {
  const auto key = master.Unwrap(wrapped, context);
  return key.ok() ? std::string(key->view()) : std::string(key.status().message());
}

TEST_CASE("FileMaster unwraps what it wrapped, in the same context only", "[auth][unit]") {
  Places places;
  places.Add(places.keys(), 1);
  const auto master = *places.Load();

  std::string wrapped = *master->Wrap(kKey, "context");

  CHECK(Unwrapped(*master, wrapped, "context") == kKey);
  CHECK(absl::IsDataLoss(master->Unwrap(wrapped, "other").status()));
  wrapped.back() ^= 1;
  CHECK(absl::IsDataLoss(master->Unwrap(wrapped, "context").status()));
}

TEST_CASE("FileMaster sees keys that another process made", "[auth][unit]") {
  Places places;
  places.Add(places.keys(), 1);
  const auto one = *places.Load();
  const auto other = *places.Load();
  const std::string before = *one->Wrap(kKey, "c");

  CHECK(other->AddKey().value() == 2);
  const std::string after = *other->Wrap(kKey, "c");

  CHECK(Unwrapped(*one, after, "c") == kKey);
  CHECK_FALSE(one->IsNewest(before).value());
  CHECK(one->IsNewest(after).value());
  CHECK(one->IsNewest(one->Wrap(kKey, "c").value()).value());
}

TEST_CASE("FileMaster does not open what a retired key wrapped", "[auth][unit]") {
  Places places;
  places.Add(places.keys(), 1);
  const auto master = *places.Load();
  const std::string before = *master->Wrap(kKey, "c");
  REQUIRE(master->AddKey().ok());
  REQUIRE(Unwrapped(*master, before, "c") == kKey);

  CHECK(master->RetireOlder().value() == 1);

  CHECK(absl::IsDataLoss(master->Unwrap(before, "c").status()));
  CHECK(master->NewestNumber().value() == 2);
  CHECK_FALSE(std::filesystem::exists(places.keys() + "/master-1.key"));
}

TEST_CASE("FileMaster prefers credentials, and keeps to them", "[auth][unit]") {
  Places places;
  places.Add(places.keys(), 1);
  const auto files = *places.Load();
  const std::string before = *files->Wrap(kKey, "c");
  places.Add(places.credentials(), 2);

  const auto master = *places.Load();

  CHECK(master->NewestNumber().value() == 2);
  CHECK(Unwrapped(*master, before, "c") == kKey);
  CHECK(absl::IsFailedPrecondition(master->AddKey().status()));
  CHECK_FALSE(std::filesystem::exists(places.keys() + "/master-3.key"));
}

TEST_CASE("FileMaster is not loaded without a key, or with one open to others", "[auth][unit]") {
  Places places;
  CHECK(absl::IsFailedPrecondition(places.Load().status()));

  places.Add(places.keys(), 1);
  const std::string file = places.keys() + "/master-1.key";
  const auto mode = GENERATE(table<mode_t, bool>(
      {{0600, true}, {0400, true}, {0640, false}, {0604, false}, {0620, false}}));
  ::chmod(file.c_str(), std::get<0>(mode));

  CHECK(places.Load().ok() == std::get<1>(mode));
}

TEST_CASE("Root's credential may show the rights of a list, and no others", "[auth][unit]") {
  Places places;
  places.Add(places.credentials(), 1);
  const std::string file = places.credentials() + "/master-1.key";
  const bool roots = ::geteuid() == 0;
  const auto mode =
      GENERATE(table<mode_t, bool>({{0400, true}, {0440, false}, {0460, false}, {0444, false}}));
  ::chmod(file.c_str(), std::get<0>(mode));

  const bool listed = roots && std::get<0>(mode) == 0440;
  CHECK(places.Load().ok() == (std::get<1>(mode) || listed));
}

TEST_CASE("ReplacePrivateFile leaves the new content, closed to others, and nothing else",
          "[auth][unit]") {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.path("file");
  for (const std::string content : {"first", "second, longer", ""}) {
    // As a crash left it.
    directory.Write("file.new", "half");

    REQUIRE(ReplacePrivateFile(path, content).ok());

    CHECK(directory.Read("file") == content);
    CHECK_FALSE(std::filesystem::exists(path + ".new"));
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms(0777)) ==
          std::filesystem::perms(0600));
  }
}

TEST_CASE("ReplacePrivateFile overwrites what it replaces", "[auth][unit]") {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.Write("file", "secret");
  // Another name of the same content shows what becomes of it.
  std::filesystem::create_hard_link(path, directory.path("trace"));

  REQUIRE(ReplacePrivateFile(path, "new").ok());

  CHECK(directory.Read("trace") == std::string(6, '\0'));
}

TEST_CASE("DestroyPrivateFile overwrites a file and removes it, with what a crash left",
          "[auth][unit]") {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.Write("file", "secret");
  directory.Write("file.new", "other");
  std::filesystem::create_hard_link(path, directory.path("trace"));
  std::filesystem::create_hard_link(path + ".new", directory.path("trace.new"));

  CHECK(DestroyPrivateFile(path).ok());

  CHECK(directory.Read("trace") == std::string(6, '\0'));
  CHECK(directory.Read("trace.new") == std::string(5, '\0'));
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
  CHECK(DestroyPrivateFile(path).ok());
}

TEST_CASE("ReadPrivateFile tells a missing file from a bad one", "[auth][unit]") {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.Write("file", "12345");

  CHECK(ReadPrivateFile(path, 5)->view() == "12345");
  CHECK(absl::IsFailedPrecondition(ReadPrivateFile(path, 4).status()));
  CHECK(absl::IsNotFound(ReadPrivateFile(directory.path("none"), 5).status()));
  CHECK(absl::IsFailedPrecondition(ReadPrivateFile(directory.path(), 5).status()));
}

}  // namespace
}  // namespace clinicd::auth
