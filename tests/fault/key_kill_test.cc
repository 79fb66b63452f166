// kill -9 of what rotates and shreds keys.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/crypto/digest.h"
#include "tests/support/child_process.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/vault_scene.h"

namespace clinicd::testing {
namespace {

constexpr std::string_view kText = "allergic to penicillin";
constexpr int kPatients = 40;
constexpr int kKills = 50;
constexpr int kShreds = 24;

// Ends its process as kill -9 does when it is asked for the `last`th time, which happens in the
// middle of whatever makes keys, nonces and ids.
class DeadlyRandom final : public Random {
 public:
  explicit DeadlyRandom(int last) : left_(last) {}

  void Fill(std::span<std::uint8_t> bytes) override {
    if (--left_ == 0) kill(getpid(), SIGKILL);
    system_.Fill(bytes);
  }

 private:
  SystemRandom system_;
  std::atomic<int> left_;
};

// Lets a process tell another how far it is.
class Steps final {
 public:
  Steps() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) std::abort();
  }
  ~Steps() {
    for (const int end : ends_) close(end);
  }
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  void Done() const {
    if (write(ends_[1], "x", 1) != 1) std::abort();
  }
  void Await(int count) const {
    char step = 0;
    while (count > 0) {
      const ssize_t got = read(ends_[0], &step, 1);
      if (got == 1) --count;
      if (got < 0 && errno != EINTR) std::abort();
    }
  }

 private:
  std::array<int, 2> ends_{};
};

struct Value {
  std::optional<PatientId> patient;
  Uuid row;
  std::string sealed;
};

// A clinic whose values are sealed. Starts no thread, so that processes can be forked.
struct Scene {
  Scene() : clinic(clinics.AddClinic()) {
    VaultProcess process(keys(), clock);
    for (int i = 0; i < kPatients; ++i) Seal(process, clinics.AddPatient(clinic));
    Seal(process, std::nullopt);
  }

  std::string keys() const { return directory.path("keys"); }

  static db::FieldPlace PlaceOf(const Uuid& row) {
    return {.table = "notes", .column = "text", .row = row};
  }

  void Seal(VaultProcess& process, const std::optional<PatientId>& patient) {
    Value value{.patient = patient, .row = clinics.ids().NewUuid(), .sealed = {}};
    db::TenantTx tx = clinics.Transaction(clinic);
    const auto sealed = process.vault().Seal(tx, patient, PlaceOf(value.row), kText);
    REQUIRE(sealed.ok());
    REQUIRE(tx.Commit().ok());
    value.sealed = *sealed;
    values.push_back(std::move(value));
  }

  // nullopt where the patient was shredded. All else must open, in a process that has read nothing.
  absl::StatusOr<std::optional<std::string>> Open(VaultProcess& process, const Value& value) {
    db::TenantTx tx = clinics.Transaction(clinic);
    return process.vault().Open(tx, value.patient, PlaceOf(value.row), value.sealed);
  }
  int CountOpen() {
    VaultProcess process(keys(), clock);
    int count = 0;
    for (const Value& value : values) {
      const auto opened = Open(process, value);
      if (opened.ok() && *opened == std::optional<std::string>(kText)) ++count;
    }
    return count;
  }

  TemporaryDirectory directory;
  SystemClock clock;
  ScratchClinics clinics;
  ClinicId clinic;
  std::vector<Value> values;
};

// Rotates whatever there is to rotate until it is killed; false at an error.
bool RotateForEver(Scene& scene, Random& random, const Steps& steps) {
  VaultProcess process(scene.keys(), scene.clock, nullptr, &random);
  KeyOffice office(scene.clinics.database().app(), process,
                   {.batch = 7, .retire_after = absl::ZeroDuration()});
  const db::KeyAdmin::Advance advance = [&steps](std::int64_t) { steps.Done(); };
  for (std::size_t round = 0;; ++round) {
    const std::optional<PatientId> patient = scene.values[round % scene.values.size()].patient;
    const bool rotated = office.admin().RotateClinic(scene.clinic, advance).ok() &&
                         office.admin().RotateMaster(false, advance).ok() &&
                         office.admin().RotateDataKey(scene.clinic, patient).ok() &&
                         office.admin().RetireClinic(scene.clinic, advance).ok() &&
                         office.admin().RotateMaster(true, advance).ok();
    if (!rotated) return false;
    steps.Done();
  }
}

TEST_CASE("Nothing becomes unreadable by 50 kills during rotations", "[vault][fault]") {
  Scene scene;
  const int all = static_cast<int>(scene.values.size());
  REQUIRE(scene.CountOpen() == all);
  std::mt19937 engine(20270322);
  std::uniform_int_distribution<int> uses(1, 250);
  std::uniform_int_distribution<int> steps_before(1, 12);
  std::uniform_int_distribution<int> pause(0, 3000);

  for (int i = 0; i < kKills; ++i) {
    CAPTURE(i);
    const Steps steps;
    const bool from_inside = i % 2 == 0;
    DeadlyRandom deadly(from_inside ? uses(engine) : -1);
    ChildProcess child([&] { return RotateForEver(scene, deadly, steps); });
    if (from_inside) {
      CHECK_FALSE(child.Succeeded());
    } else {
      steps.Await(steps_before(engine));
      // So long that it hits anything.
      std::string work(64, 'x');
      for (int left = pause(engine); left > 0; --left) crypto::Sha256(work);
    }
    child.Kill();

    REQUIRE(scene.CountOpen() == all);
  }

  // What was left is finished.
  VaultProcess process(scene.keys(), scene.clock);
  KeyOffice office(scene.clinics.database().app(), process);
  const db::KeyAdmin::Advance advance = [](std::int64_t) {};
  REQUIRE(office.admin().RotateMaster(true, advance).ok());
  REQUIRE(office.admin().RotateClinic(scene.clinic, advance).ok());
  const auto status = office.admin().Status(scene.clinic);
  REQUIRE(status.ok());
  CHECK(status->under_newest_master);
  CHECK(status->versions.back().number > 5);
  for (const auto& version : status->versions) {
    CHECK(version.kept);
    CHECK((version.data_keys == 0 || &version == &status->versions.back()));
  }
  CHECK(scene.CountOpen() == all);
}

// Has this process end as soon as a file that it writes gets longer than `size`.
bool DieBeyond(rlim_t size) {
  const rlimit no_core{0, 0};
  const rlimit short_files{size, size};
  return setrlimit(RLIMIT_CORE, &no_core) == 0 && setrlimit(RLIMIT_FSIZE, &short_files) == 0;
}

TEST_CASE("Nothing becomes unreadable when a process dies in the middle of a key file",
          "[vault][fault]") {
  Scene scene;
  const int all = static_cast<int>(scene.values.size());

  for (const rlim_t size : {0U, 1U, 22U, 60U, 100U, 150U, 200U, 250U}) {
    CAPTURE(size);
    const Steps steps;
    SystemRandom random;
    ChildProcess child([&] { return DieBeyond(size) && RotateForEver(scene, random, steps); });

    CHECK_FALSE(child.Succeeded());
    child.Kill();
    CHECK(scene.CountOpen() == all);
  }
}

TEST_CASE("A shredding that was killed has shredded nothing, or is finished by another",
          "[vault][fault]") {
  Scene scene;
  int open = static_cast<int>(scene.values.size());
  int halves = 0;

  for (int i = 0; i < kShreds; ++i) {
    CAPTURE(i);
    const Value& value = scene.values[static_cast<std::size_t>(i)];
    // Each use of randomness in turn.
    DeadlyRandom deadly(1 + i % 8);
    ChildProcess child([&] {
      VaultProcess process(scene.keys(), scene.clock, nullptr, &deadly);
      KeyOffice office(scene.clinics.database().app(), process);
      return office.admin().ShredPatient(scene.clinic, *value.patient).ok();
    });
    const bool finished = child.Succeeded();
    child.Kill();
    const int left = scene.CountOpen();
    CHECK((left == open || left == open - 1));
    if (finished) CHECK(left == open - 1);
    if (!finished) ++halves;

    // In a process of its own, because the next round forks again.
    ChildProcess again([&] {
      VaultProcess process(scene.keys(), scene.clock);
      KeyOffice office(scene.clinics.database().app(), process);
      return office.admin().ShredPatient(scene.clinic, *value.patient).ok() &&
             office.admin().Status(scene.clinic)->unfinished == 0;
    });
    REQUIRE(again.Succeeded());
    again.Kill();
    --open;
    REQUIRE(scene.CountOpen() == open);
    VaultProcess process(scene.keys(), scene.clock);
    const auto gone = scene.Open(process, value);
    REQUIRE(gone.ok());
    CHECK_FALSE(gone->has_value());
  }

  CHECK(halves > 3);
}

}  // namespace
}  // namespace clinicd::testing
