#include "services/witness/witness.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/random.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/witness_scene.h"

namespace clinicd::witness {
namespace {

using testing::MadeUpLog;
using testing::TemporaryDirectory;

constexpr char kOrigin[] = "clinic.example/audit";

// A witness of MadeUpLog(kOrigin).
class Scene final {
 public:
  Scene() : directory_(temporary_.path("witness")) {
    SystemRandom random;
    REQUIRE(InitializeWitness(directory_, "witness.example/w1", random).ok());
    Restart();
  }

  // As after the end of its process.
  void Restart() {
    witness_.reset();
    state_.reset();
    auto state = WitnessState::Open(directory_);
    REQUIRE(state.ok());
    state_ = *std::move(state);
    auto signers = LoadWitnessSigners(directory_);
    REQUIRE(signers.ok());
    key_ = signers->front().verifier();
    witness_ = std::make_unique<Witness>(
        Witness::Parts{.state = *state_,
                       .log_keys = {MadeUpLog(kOrigin).signer().verifier()},
                       .signers = *std::move(signers),
                       .clock = clock_});
  }

  Answer Offer(const MadeUpLog& log, std::uint64_t old_size) {
    return witness_->AddCheckpoint(log.Request(old_size));
  }

  // Whether `answer` cosigns what `log` is now.
  bool Cosigns(const Answer& answer, const MadeUpLog& log) const {
    const auto opened =
        merkle::OpenCheckpoint(log.Note() + answer.body, {.origin = kOrigin,
                                                          .log_keys = {log.signer().verifier()},
                                                          .witnesses = {*key_},
                                                          .quorum = 1});
    return answer.status == 200 && opened.ok() && opened->witnessed == 1;
  }

  Witness& witness() { return *witness_; }
  const std::string& directory() const { return directory_; }

 private:
  const SystemClock clock_;
  TemporaryDirectory temporary_;
  std::string directory_;
  std::unique_ptr<WitnessState> state_;
  std::unique_ptr<Witness> witness_;
  std::optional<merkle::NoteVerifier> key_;
};

TEST_CASE("A witness cosigns what continues the last checkpoint, over a restart", "[witness]") {
  Scene scene;
  MadeUpLog log(kOrigin);
  std::uint64_t known = 0;
  for (const std::uint64_t more : {3U, 1U, 250U, 7U, 300U}) {
    log.Grow(more);
    CHECK(scene.Cosigns(scene.Offer(log, known), log));
    scene.Restart();
    // The answer may have been lost: the same is cosigned again.
    CHECK(scene.Cosigns(scene.Offer(log, log.size()), log));
    known = log.size();
  }
}

TEST_CASE("A witness tells the size it has to who does not know it", "[witness]") {
  Scene scene;
  MadeUpLog log(kOrigin);
  log.Grow(5);
  REQUIRE(scene.Offer(log, 0).status == 200);
  log.Grow(4);

  for (const std::uint64_t wrong : {0U, 4U, 6U, 9U}) {
    const Answer answer = scene.Offer(log, wrong);
    CHECK(answer.status == 409);
    CHECK(answer.content_type == "text/x.tlog.size");
    CHECK(answer.body == "5\n");
  }
  CHECK(scene.Offer(log, 5).status == 200);
}

TEST_CASE("A witness refuses a fork, whatever its size, and a rollback", "[witness]") {
  Scene scene;
  MadeUpLog log(kOrigin);
  log.Grow(6);
  MadeUpLog fork = log;
  MadeUpLog older = log;
  log.Grow(4, "in the one database");
  REQUIRE(scene.Offer(log, 0).status == 200);
  fork.Grow(4, "in the other database");

  CHECK(scene.Offer(fork, 10).status == 409);
  CHECK(scene.Offer(fork, 6).status == 409);
  CHECK(scene.Offer(older, 6).status == 409);
  CHECK(scene.Offer(older, 10).status == 400);
  fork.Grow(9, "in the other database");
  CHECK(scene.Offer(fork, 10).status == 422);
  CHECK(scene.Offer(fork, 0).status == 409);
  scene.Restart();
  CHECK(scene.Offer(fork, 10).status == 422);
  CHECK(scene.Cosigns(scene.Offer(log, 10), log));
}

TEST_CASE("A witness cosigns only for the logs and keys that it was given", "[witness]") {
  Scene scene;
  MadeUpLog stranger("elsewhere.example/audit");
  stranger.Grow(2);
  MadeUpLog thief(kOrigin, 't');
  thief.Grow(2);
  MadeUpLog log(kOrigin);
  log.Grow(2);

  CHECK(scene.Offer(stranger, 0).status == 404);
  CHECK(scene.Offer(thief, 0).status == 403);
  CHECK(scene.Offer(log, 0).status == 200);
  CHECK(scene.Offer(thief, 2).status == 403);
}

TEST_CASE("An epoch of a log is a log of its own for a witness", "[witness]") {
  Scene scene;
  MadeUpLog log(kOrigin);
  log.Grow(8);
  REQUIRE(scene.Offer(log, 0).status == 200);
  MadeUpLog restored(kOrigin);
  restored.Grow(3, "after the restore");
  const std::string next = absl::StrCat("old 0\n\n", restored.Note(absl::StrCat(kOrigin, "#1")));

  CHECK(scene.witness().NewestCheckpoint(kOrigin).body == log.Note());
  CHECK(scene.witness().AddCheckpoint(next).status == 200);
  CHECK(scene.witness().NewestCheckpoint(kOrigin).body ==
        restored.Note(absl::StrCat(kOrigin, "#1")));
  CHECK(scene.Offer(restored, 8).status == 400);
  CHECK(scene.witness().NewestCheckpoint("elsewhere.example/audit").status == 404);
  for (const char* origin : {"#0", "#01", "#", "#1#1", "#1000000", "2"}) {
    const std::string note = restored.Note(absl::StrCat(kOrigin, origin));
    CHECK(scene.witness().AddCheckpoint(absl::StrCat("old 0\n\n", note)).status == 404);
  }
}

TEST_CASE("A witness refuses what is no request", "[witness]") {
  Scene scene;
  MadeUpLog log(kOrigin);
  log.Grow(6);
  REQUIRE(scene.Offer(log, 0).status == 200);
  log.Grow(7);
  const std::string good = log.Request(6);
  const std::string hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
  std::string long_proof = "old 6\n";
  for (int i = 0; i < 64; ++i) long_proof += hash;

  for (const std::string& bad :
       {std::string(), std::string("old 6"), std::string("old 6\n"), std::string("old 6\n\n"),
        absl::StrReplaceAll(good, {{"old 6\n", "old 06\n"}}),
        absl::StrReplaceAll(good, {{"old 6\n", "old +6\n"}}),
        absl::StrReplaceAll(good, {{"old 6\n", "old -6\n"}}),
        absl::StrReplaceAll(good, {{"old 6\n", "new 6\n"}}),
        absl::StrReplaceAll(good, {{"old 6\n", "old 9223372036854775808\n"}}),
        absl::StrReplaceAll(good, {{"old 6\n", "old 6\nAAAA\n"}}),
        absl::StrCat(long_proof, "\n", log.Note()), log.Note()}) {
    INFO(bad);
    CHECK(scene.witness().AddCheckpoint(bad).status == 400);
  }
  // A proof too much, and none at all.
  CHECK(scene.witness()
            .AddCheckpoint(absl::StrReplaceAll(good, {{"old 6\n", absl::StrCat("old 6\n", hash)}}))
            .status == 422);
  CHECK(scene.witness().AddCheckpoint(absl::StrCat("old 6\n\n", log.Note())).status == 422);
  CHECK(scene.witness().AddCheckpoint(good).status == 200);
}

TEST_CASE("No request with a changed bit is cosigned as something else", "[witness]") {
  Scene scene;
  MadeUpLog log(kOrigin);
  log.Grow(6);
  REQUIRE(scene.Offer(log, 0).status == 200);
  MadeUpLog grown = log;
  grown.Grow(7);
  const std::string good = grown.Request(6);

  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const int status = scene.witness().AddCheckpoint(bad).status;
    CHECK(status != 200);
    CHECK(status != 500);
  }
  CHECK(scene.Offer(log, 6).status == 200);
}

TEST_CASE("One process has the directory of a witness, and a damaged one does not sign",
          "[witness]") {
  Scene scene;
  MadeUpLog log(kOrigin);
  log.Grow(6);
  REQUIRE(scene.Offer(log, 0).status == 200);

  CHECK(absl::IsAlreadyExists(WitnessState::Open(scene.directory()).status()));
  SystemRandom random;
  CHECK_FALSE(InitializeWitness(scene.directory(), "witness.example/w2", random).ok());
  for (const auto& entry : std::filesystem::directory_iterator(scene.directory())) {
    if (entry.path().extension() == ".checkpoint") std::filesystem::resize_file(entry.path(), 9);
  }
  CHECK(scene.Offer(log, 6).status == 500);
  CHECK(scene.Offer(log, 0).status == 500);
}

}  // namespace
}  // namespace clinicd::witness
