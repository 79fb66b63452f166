// Two verifiers, written apart, have to say the same of everything.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/crypto/base64.h"
#include "tests/audit/cases.h"
#include "tests/audit/other_verifier.h"
#include "tests/support/long_tests.h"

namespace clinicd::audit {
namespace {

using nlohmann::json;

json Base64OrNull(const std::optional<std::string>& bytes) {
  return bytes ? json(crypto::Base64Encode(*bytes)) : json();
}

json CaseToJson(const Case& made) {
  json age;
  json clinic;
  if (made.clinic) clinic = made.clinic->ToString();
  if (made.age_max) age = absl::ToInt64Microseconds(*made.age_max);
  return {{"export", crypto::Base64Encode(made.bytes)},
          {"since", Base64OrNull(made.since)},
          {"head", Base64OrNull(made.head)},
          {"receipts", Base64OrNull(made.receipts)},
          {"quorum", made.quorum},
          {"clinic", clinic},
          {"age_max_us", age},
          {"purged_below", made.purged_below},
          {"now_us", absl::ToUnixMicros(made.now)}};
}

json OutcomeOf(const Report& report) {
  json outcome{{"verdict", NameOf(report.verdict())},
               {"exit_code", static_cast<int>(report.verdict())},
               {"check", nullptr},
               {"index", nullptr},
               {"events", report.events},
               {"redacted", report.redacted},
               {"receipts_proven", report.receipts_proven},
               {"receipts_unproven", json::array()}};
  for (const UnprovenReceipt& receipt : report.receipts_unproven) {
    outcome["receipts_unproven"].push_back({receipt.event.ToString(), NameOf(receipt.verdict)});
  }
  if (report.finding) outcome["check"] = report.finding->check;
  if (report.finding && report.finding->index) outcome["index"] = *report.finding->index;
  return outcome;
}

// Asks as many other verifiers as there are processors.
class OtherVerifiers final {
 public:
  OtherVerifiers() {
    for (std::size_t i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
      verifiers_.push_back(std::make_unique<OtherVerifier>(TestLog::Options().policy));
    }
  }

  // What they say of each case, in their order; null where one broke off.
  std::vector<json> Judge(const std::vector<Case>& cases) {
    std::vector<json> outcomes(cases.size());
    std::vector<std::thread> threads;
    for (std::size_t first = 0; first < verifiers_.size(); ++first) {
      threads.emplace_back([&, first] {
        std::vector<json> share;
        for (std::size_t i = first; i < cases.size(); i += verifiers_.size()) {
          share.push_back(CaseToJson(cases[i]));
        }
        std::vector<json> answers = verifiers_[first]->Judge(share);
        for (std::size_t i = 0; i < answers.size(); ++i) {
          outcomes[first + i * verifiers_.size()] = std::move(answers[i]);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return outcomes;
  }

  bool Finish() {
    return std::all_of(verifiers_.begin(), verifiers_.end(),
                       [](const auto& verifier) { return verifier->Finish(); });
  }

 private:
  std::vector<std::unique_ptr<OtherVerifier>> verifiers_;
};

// How often each check was what was found.
using Tally = std::map<std::string, int>;

void Compare(const std::vector<Case>& cases, OtherVerifiers& verifiers, Tally& tally) {
  const std::vector<json> others = verifiers.Judge(cases);
  REQUIRE(
      std::none_of(others.begin(), others.end(), [](const json& one) { return one.is_null(); }));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const json outcome = OutcomeOf(Verify(cases[i].bytes, cases[i].Options(), 1 + i % 5000));
    if (outcome != others[i]) {
      FAIL_CHECK("this one: " << outcome.dump() << "\nthe other: " << others[i].dump()
                              << "\nof: " << CaseToJson(cases[i]).dump());
    }
    ++tally[absl::StrCat(outcome["verdict"].get<std::string>(), " ",
                         outcome["check"].is_null() ? "" : outcome["check"].get<std::string>())];
  }
}

TEST_CASE("Both verifiers say the same of whatever they are given", "[audit][property]") {
  const int logs = testing::LongTests() ? 10'000 : 300;
  const int mutants = testing::LongTests() ? 20 : 10;
  const std::uint64_t seed = testing::LongTests() ? std::random_device()() : 20'261'122;
  CAPTURE(seed);
  Random random(seed);
  OtherVerifiers verifiers;
  Tally tally;
  std::vector<Case> cases;
  for (int i = 0; i < logs; ++i) {
    const RandomLog log(random);
    const RandomLog other(random);
    for (int j = 0; j < mutants; ++j) {
      Case made = log.Export(random);
      for (std::uint64_t bends = Below(random, 3); bends > 0; --bends) {
        made = Bent(made, (j % 2 == 0 ? log : other).Export(random), random);
      }
      cases.push_back(std::move(made));
    }
    if (cases.size() < 2'000 && i + 1 < logs) continue;
    Compare(cases, verifiers, tally);
    cases.clear();
  }
  CHECK(verifiers.Finish());
  // All kinds of things were found, or the cases are too tame.
  for (const char* check : {"ok ",
                            "tampered format",
                            "tampered leaf",
                            "tampered checkpoint",
                            "tampered trailing",
                            "tampered clinic",
                            "tampered recorded_at",
                            "tampered root",
                            "tampered inclusion",
                            "tampered order",
                            "tampered signature",
                            "tampered meta_inclusion",
                            "tampered size",
                            "incomplete size",
                            "incomplete count",
                            "incomplete end",
                            "incomplete quorum",
                            "incomplete purged",
                            "tampered note",
                            "tampered since",
                            "tampered head",
                            "incomplete since",
                            "incomplete head",
                            "stale since",
                            "stale head",
                            "incomplete meta_consistency",
                            "tampered receipts",
                            "tampered receipt",
                            "incomplete receipt",
                            "stale age"}) {
    CAPTURE(check);
    CHECK(tally[check] > 0);
  }
  if (!testing::LongTests()) return;
  for (const auto& [check, count] : tally) WARN(check << ": " << count);
}

}  // namespace
}  // namespace clinicd::audit
