// Proofs, good and bad, that another maker collected; they lie beside the checkout.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "common/crypto/base64.h"
#include "common/merkle/proof.h"
#include "tests/support/source_directory.h"

namespace clinicd::merkle {
namespace {

constexpr int kSkipped = 77;

using nlohmann::json;

// The directory of one kind of proof. Ends the test as skipped if it is not there.
std::filesystem::path ProofDirectory(const char* kind) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only read.
  const char* const given = std::getenv("CLINICD_SHARED_DIR");
  const std::filesystem::path shared =
      given != nullptr ? given : testing::SourceDirectory() / ".." / "shared";
  const std::filesystem::path proofs = shared / "data" / "merkle-proofs" / kind;
  if (!std::filesystem::exists(proofs)) {
    std::cout << "skipped: there is no " << proofs.string() << std::endl;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread has been started.
    std::exit(kSkipped);
  }
  return proofs;
}

std::vector<json> FilesOf(const char* kind) {
  std::vector<json> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(ProofDirectory(kind))) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    files.push_back(json::parse(file));
    files.back()["file"] = entry.path().string();
  }
  return files;
}

std::string BytesOf(const json& text) {
  return text.is_null() ? "" : crypto::Base64Decode(text.get<std::string>()).value();
}

std::optional<std::vector<Hash>> ProofOf(const json& file) {
  std::vector<std::string> parts;
  for (const json& part : file.at("proof")) parts.push_back(BytesOf(part));
  return ToHashes(parts);
}

TEST_CASE("Another maker's inclusion proofs are told good from bad", "[merkle][unit]") {
  std::size_t good = 0;
  const std::vector<json> files = FilesOf("inclusion");
  for (const json& file : files) {
    const auto proof = ProofOf(file);
    const std::optional<Hash> leaf = ToHash(BytesOf(file.at("leafHash")));
    const bool holds = proof && leaf &&
                       InclusionHolds(file.at("leafIdx").get<std::uint64_t>(),
                                      file.at("treeSize").get<std::uint64_t>(), *leaf, *proof,
                                      BytesOf(file.at("root")));
    CAPTURE(file.at("file"));
    CHECK(holds != file.at("wantErr").get<bool>());
    good += holds ? 1U : 0U;
  }
  CHECK(files.size() >= 90);
  CHECK(good >= 5);
}

TEST_CASE("Another maker's consistency proofs are told good from bad", "[merkle][unit]") {
  std::size_t good = 0;
  const std::vector<json> files = FilesOf("consistency");
  for (const json& file : files) {
    const auto proof = ProofOf(file);
    const bool holds =
        proof &&
        ConsistencyHolds(file.at("size1").get<std::uint64_t>(), BytesOf(file.at("root1")),
                         file.at("size2").get<std::uint64_t>(), BytesOf(file.at("root2")), *proof);
    CAPTURE(file.at("file"));
    CHECK(holds != file.at("wantErr").get<bool>());
    good += holds ? 1U : 0U;
  }
  CHECK(files.size() >= 90);
  CHECK(good >= 5);
}

}  // namespace
}  // namespace clinicd::merkle
