// A witness that is killed in the middle of its work.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <thread>

#include "services/audit/log/witness_client.h"
#include "tests/support/witness_scene.h"

namespace clinicd::testing {
namespace {

constexpr char kOrigin[] = "clinic.example/audit";
constexpr std::uint64_t kRounds = 60;

audit::WitnessClient ClientOf(const WitnessProcess& witness) {
  const auto endpoint = audit::ParseWitnessEndpoint(witness.url() + " " + witness.key());
  REQUIRE(endpoint.ok());
  auto client = audit::WitnessClient::Create(*endpoint, {.timeout = absl::Seconds(20)});
  REQUIRE(client.ok());
  return *std::move(client);
}

// Whether the witness cosigned what `log` is now.
bool Offer(const WitnessProcess& witness, const MadeUpLog& log, std::uint64_t old_size) {
  audit::WitnessClient client = ClientOf(witness);
  const auto answer = client.Add(old_size, log.ProofFrom(old_size), log.Note());
  return answer.ok() && answer->status == 200;
}

void Spin(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

TEST_CASE("A witness that is killed never cosigns two histories of one size", "[witness][fault]") {
  MadeUpLog log(kOrigin);
  WitnessProcess witness(log.signer().verifier().ToText());
  std::mt19937 random(20270322);  // NOLINT(cert-msc51-cpp): the same moments each time.
  int cosigned = 0;
  int lost = 0;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    const std::uint64_t known = log.size();
    MadeUpLog one = log;
    one.Grow(1 + round % 3, "one history");
    MadeUpLog other = log;
    other.Grow(1 + round % 3, "another history");
    witness.Start();
    bool cosigned_one = false;
    std::thread client([&] { cosigned_one = Offer(witness, one, known); });
    Spin(std::chrono::microseconds(random() % 4000));
    witness.Kill();
    client.join();

    witness.Start();
    const bool cosigned_other = Offer(witness, other, known);
    CHECK_FALSE((cosigned_one && cosigned_other));
    audit::WitnessClient asking = ClientOf(witness);
    const auto kept = asking.Newest(kOrigin);
    REQUIRE(kept.ok());
    REQUIRE(*kept);
    // What was answered is what is kept; what is kept need not have been answered.
    log = **kept == one.Note() ? one : other;
    CHECK(**kept == log.Note());
    if (cosigned_one) CHECK(**kept == one.Note());
    if (cosigned_other) CHECK(**kept == other.Note());
    cosigned += cosigned_one ? 1 : 0;
    lost += **kept == one.Note() && !cosigned_one ? 1 : 0;
    witness.Kill();
  }
  WARN(cosigned << " of " << kRounds << " were answered before the end, " << lost
                << " kept and not answered");
}

}  // namespace
}  // namespace clinicd::testing
