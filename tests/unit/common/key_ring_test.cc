#include "common/auth/key_ring.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "common/auth/key_file.h"
#include "common/crypto/digest.h"
#include "tests/support/fakes.h"

namespace clinicd::auth {
namespace {

// A directory of its own for one test case, with a path for keys inside.
class Scratch final {
 public:
  Scratch() {
    std::string path = (std::filesystem::temp_directory_path() / "clinicd-keys-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    root_ = path;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string keys() const { return root_ + "/keys"; }
  std::string file(const std::string& name) const { return keys() + "/" + name; }

 private:
  std::string root_;
};

mode_t ModeOf(const std::string& path) {
  struct stat info = {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

std::string ContentOf(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

std::vector<std::string> FilesIn(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST_CASE("A new key directory is complete and closed to others", "[auth][unit]") {
  const Scratch scratch;
  testing::FakeRandom random(1);

  const auto made = KeyRing::CreateMissing(scratch.keys(), random);

  REQUIRE(made.ok());
  CHECK(made->size() == 7);
  CHECK(FilesIn(scratch.keys()) == std::vector<std::string>{"audit-log-1.key", "master-1.key",
                                                            "page-token-1.key", "pepper-1.key",
                                                            "refresh-1.key", "request-hash-1.key",
                                                            "signing-1.key"});
  CHECK(ModeOf(scratch.keys()) == 0700);
  for (const std::string& name : FilesIn(scratch.keys())) CHECK(ModeOf(scratch.file(name)) == 0600);
  const auto ring = KeyRing::Load(scratch.keys());
  REQUIRE(ring.ok());
  CHECK(ring->signing_keys().size() == 1);
  CHECK(ring->request_hash().size() == 32);
  CHECK(ring->refresh().size() == 32);
  CHECK(ring->request_hash().view() != ring->refresh().view());
}

TEST_CASE("CreateMissing leaves keys that exist as they are", "[auth][unit]") {
  const Scratch scratch;
  testing::FakeRandom random(1);
  REQUIRE(KeyRing::CreateMissing(scratch.keys(), random).ok());
  const std::string pepper = ContentOf(scratch.file("pepper-1.key"));
  std::filesystem::remove(scratch.file("refresh-1.key"));

  const auto made = KeyRing::CreateMissing(scratch.keys(), random);

  REQUIRE(made.ok());
  CHECK(*made == std::vector<std::string>{"refresh-1.key"});
  CHECK(ContentOf(scratch.file("pepper-1.key")) == pepper);
}

TEST_CASE("Processes that create keys at once end up with the same keys", "[auth][unit]") {
  const Scratch scratch;
  testing::FakeRandom random(1);
  std::vector<std::thread> threads;
  std::vector<std::size_t> made(8);

  for (std::size_t i = 0; i < made.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto names = KeyRing::CreateMissing(scratch.keys(), random);
      made[i] = names.ok() ? names->size() : 100;
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::size_t total = 0;
  for (const std::size_t count : made) total += count;
  CHECK(total == 7);
  CHECK(FilesIn(scratch.keys()).size() == 7);
  CHECK(KeyRing::Load(scratch.keys()).ok());
}

TEST_CASE("A key id is the start of the hash of the public key", "[auth][unit]") {
  const auto key = MakeSigningKey(std::string(32, 's'));

  REQUIRE(key.ok());
  CHECK(key->id ==
        crypto::ToHex(crypto::AsView(crypto::Sha256(key->public_key.bytes()))).substr(0, 16));
  CHECK(key->public_key.Verify("m", *key->private_key.Sign("m")));
}

TEST_CASE("Rotation keeps the predecessor and drops what is older", "[auth][unit]") {
  const Scratch scratch;
  testing::FakeRandom random(1);
  REQUIRE(KeyRing::CreateMissing(scratch.keys(), random).ok());
  const std::string first = KeyRing::Load(scratch.keys())->newest_signing_key().id;

  const auto second = KeyRing::RotateSigningKey(scratch.keys(), random);
  REQUIRE(second.ok());
  const auto after_one = KeyRing::Load(scratch.keys());
  const auto third = KeyRing::RotateSigningKey(scratch.keys(), random);
  REQUIRE(third.ok());
  const auto after_two = KeyRing::Load(scratch.keys());

  REQUIRE(after_one->signing_keys().size() == 2);
  CHECK(after_one->signing_keys()[0].id == first);
  CHECK(after_one->newest_signing_key().id == *second);
  REQUIRE(after_two->signing_keys().size() == 2);
  CHECK(after_two->signing_keys()[0].id == *second);
  CHECK(after_two->newest_signing_key().id == *third);
  CHECK_FALSE(std::filesystem::exists(scratch.file("signing-1.key")));
}

TEST_CASE("The tenth key of a purpose is newer than the ninth", "[auth][unit]") {
  const Scratch scratch;
  testing::FakeRandom random(1);
  REQUIRE(KeyRing::CreateMissing(scratch.keys(), random).ok());
  REQUIRE(MakeKeyFile(scratch.keys(), "pepper-9", random).ok());
  REQUIRE(MakeKeyFile(scratch.keys(), "pepper-10", random).ok());

  CHECK(KeyRing::Load(scratch.keys())->pepper().newest_number() == 10);
}

TEST_CASE("A key file that others may read is refused", "[auth][unit]") {
  const Scratch scratch;
  testing::FakeRandom random(1);
  REQUIRE(KeyRing::CreateMissing(scratch.keys(), random).ok());

  for (const std::string& name : FilesIn(scratch.keys())) {
    // Read by FileMaster and by whoever seals the audit log.
    if (name == "master-1.key" || name == "audit-log-1.key") continue;
    for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U}) {
      INFO(name << " " << mode);
      REQUIRE(::chmod(scratch.file(name).c_str(), mode) == 0);
      CHECK(absl::IsFailedPrecondition(KeyRing::Load(scratch.keys()).status()));
    }
    REQUIRE(::chmod(scratch.file(name).c_str(), 0600) == 0);
    CHECK(KeyRing::Load(scratch.keys()).ok());
  }
}

TEST_CASE("A key directory that others may write to is refused", "[auth][unit]") {
  const Scratch scratch;
  testing::FakeRandom random(1);
  REQUIRE(KeyRing::CreateMissing(scratch.keys(), random).ok());
  REQUIRE(::chmod(scratch.keys().c_str(), GENERATE(0770U, 0702U)) == 0);

  CHECK(absl::IsFailedPrecondition(KeyRing::Load(scratch.keys()).status()));
  CHECK(absl::IsFailedPrecondition(KeyRing::CreateMissing(scratch.keys(), random).status()));
}

TEST_CASE("A missing key, directory, or a link instead of a file is refused", "[auth][unit]") {
  const Scratch scratch;
  testing::FakeRandom random(1);
  CHECK(absl::IsFailedPrecondition(KeyRing::Load(scratch.keys()).status()));
  REQUIRE(KeyRing::CreateMissing(scratch.keys(), random).ok());
  REQUIRE(KeyRing::Load(scratch.keys()).ok());

  std::filesystem::rename(scratch.file("pepper-1.key"), scratch.file("kept"));
  CHECK(absl::IsFailedPrecondition(KeyRing::Load(scratch.keys()).status()));
  std::filesystem::create_symlink(scratch.file("kept"), scratch.file("pepper-1.key"));
  CHECK(absl::IsFailedPrecondition(KeyRing::Load(scratch.keys()).status()));
}

TEST_CASE("A key file copied over another or cut short is refused", "[auth][unit]") {
  const Scratch scratch;
  testing::FakeRandom random(1);
  REQUIRE(KeyRing::CreateMissing(scratch.keys(), random).ok());
  const std::string path = scratch.file("pepper-1.key");
  const std::string good = ContentOf(path);
  const std::vector<std::string> bad = {ContentOf(scratch.file("refresh-1.key")),
                                        good.substr(0, good.size() - 2),
                                        good + "x",
                                        good + good,
                                        "",
                                        std::string(32, 'k'),
                                        std::string(100'000, 'k')};

  for (const std::string& content : bad) {
    std::ofstream(path, std::ios::trunc) << content;
    CHECK(absl::IsFailedPrecondition(KeyRing::Load(scratch.keys()).status()));
  }
  std::ofstream(path, std::ios::trunc) << good;
  CHECK(KeyRing::Load(scratch.keys()).ok());
}

TEST_CASE("Files that are not keys of the ring do no harm", "[auth][unit]") {
  const Scratch scratch;
  testing::FakeRandom random(1);
  REQUIRE(KeyRing::CreateMissing(scratch.keys(), random).ok());
  for (const char* name :
       {"tls.key", "pepper-.key", "pepper-02.key", "pepper-+2.key", "pepper-x.key",
        "pepper-99999999999.key", ".pepper-3.abc.new", "README"}) {
    std::ofstream(scratch.file(name)) << "not a key";
  }

  const auto ring = KeyRing::Load(scratch.keys());

  REQUIRE(ring.ok());
  CHECK(ring->pepper().newest_number() == 1);
}

}  // namespace
}  // namespace clinicd::auth
