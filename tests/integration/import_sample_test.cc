// Imports the sample of Synthea data that lies beside the checkout, if it does.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/integration/import_fixture.h"
#include "tests/support/source_directory.h"

namespace clinicd::testing {
namespace {

constexpr int kSkipped = 77;

// The sample's directory. Ends the test as skipped if it is not there.
std::string SampleDirectory() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only read.
  const char* const given = std::getenv("CLINICD_SHARED_DIR");
  const std::filesystem::path shared =
      given != nullptr ? given : SourceDirectory() / ".." / "shared";
  const std::filesystem::path sample = shared / "data" / "synthea";
  if (!std::filesystem::exists(sample / "patients.csv")) {
    std::cout << "skipped: there is no " << sample.string() << std::endl;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread has been started.
    std::exit(kSkipped);
  }
  return sample.string();
}

TEST_CASE("The Synthea sample is imported once, however often", "[import][integration]") {
  const std::string sample = SampleDirectory();
  ImportFixture fixture;
  const auto owner = fixture.SignIn(identity::v1::ROLE_OWNER);

  const importer::ImportReport first = fixture.Import(*owner, sample).report;
  const std::vector<std::string> counts = fixture.Counts();
  const importer::ImportResult second = fixture.Import(*owner, sample);

  CHECK(first.CountsOf(importer::SyntheaFile::kOrganizations).created == 63);
  CHECK(first.CountsOf(importer::SyntheaFile::kProviders).created == 166);
  CHECK(first.CountsOf(importer::SyntheaFile::kPatients).created == 27);
  const importer::FileCounts& encounters = first.CountsOf(importer::SyntheaFile::kEncounters);
  CHECK(encounters.read == 604);
  CHECK(encounters.created + encounters.refused == 604);
  CHECK(encounters.created > 500);
  for (const auto& [reason, count] : ReasonsOf(first)) {
    CAPTURE(reason, count);
    CHECK((reason == "encounters APPOINTMENT_SLOT_TAKEN" ||
           reason == "encounters DURATION_OUT_OF_RANGE" ||
           reason == "encounters LOCAL_TIME_AMBIGUOUS"));
  }
  REQUIRE(second.status.ok());
  CHECK(fixture.Counts() == counts);
  CHECK(second.report.CountsOf(importer::SyntheaFile::kEncounters).created == 0);
  CHECK(second.report.CountsOf(importer::SyntheaFile::kEncounters).existing == encounters.created);
  CHECK(ReasonsOf(second.report) == ReasonsOf(first));
}

}  // namespace
}  // namespace clinicd::testing
