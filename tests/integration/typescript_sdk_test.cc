// The TypeScript SDK's own tests, against a real server.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/front_desk_clinic.h"
#include "tests/support/source_directory.h"

namespace clinicd::testing {
namespace {

constexpr int kSkipped = 77;

// Proofs that another maker collected; they lie beside the checkout.
std::filesystem::path MerkleProofs() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only read.
  const char* const given = std::getenv("CLINICD_SHARED_DIR");
  const std::filesystem::path shared =
      given != nullptr ? given : SourceDirectory() / ".." / "shared";
  return shared / "data" / "merkle-proofs";
}

TEST_CASE("The TypeScript SDK passes its own tests", "[typescript][integration]") {
  const std::string package = CLINICD_TYPESCRIPT_PACKAGE;
  if (package.empty()) {
    std::cout << "skipped: there is no Node.js 20 to run the TypeScript SDK with\n";
    std::exit(kSkipped);  // NOLINT(concurrency-mt-unsafe): no other thread runs.
  }
  const FrontDeskClinic clinic;

  const std::filesystem::path proofs = MerkleProofs();
  const bool has_proofs = std::filesystem::exists(proofs);
  if (!has_proofs) std::cout << "skipped in part: there is no " << proofs.string() << "\n";

  const CommandOutput output = RunCommand(
      absl::StrCat("CLINICD_DEV_JSON='", clinic.dev_file(), "' CLINICD_MERKLE_PROOFS='",
                   has_proofs ? proofs.string() : "", "' node --test '", package, "/dist/test/'"));

  CAPTURE(output.text);
  CHECK(output.exit_code == 0);
  CHECK(output.Has("# fail 0"));
  CHECK(output.Has(has_proofs ? "# skipped 0" : "# skipped 2"));
  CHECK_FALSE(output.Has("# pass 0"));
}

}  // namespace
}  // namespace clinicd::testing
