#include "common/merkle/frontier.h"

#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "absl/strings/escaping.h"
#include "common/base/text.h"
#include "tests/unit/common/merkle/oracle.h"

namespace clinicd::merkle {
namespace {

// The leaves that all implementations of RFC 6962 are tried with, and the roots of the trees of the
// first 0 to 8 of them.
constexpr std::array<std::string_view, 8> kLeaves{"",
                                                  "00",
                                                  "10",
                                                  "2021",
                                                  "3031",
                                                  "40414243",
                                                  "5051525354555657",
                                                  "606162636465666768696a6b6c6d6e6f"};
constexpr std::array<std::string_view, 9> kRoots{
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

TEST_CASE("Trees of the known leaves have the known roots", "[merkle][unit]") {
  Frontier frontier;
  std::vector<Hash> leaves;
  CHECK(crypto::ToHex(AsView(frontier.Root())) == kRoots[0]);

  for (std::size_t i = 0; i < kLeaves.size(); ++i) {
    leaves.push_back(HashLeaf(absl::HexStringToBytes(ToAbsl(kLeaves[i]))));
    frontier.Append(leaves.back());
    CAPTURE(i);
    CHECK(crypto::ToHex(AsView(frontier.Root())) == kRoots[i + 1]);
    CHECK(crypto::ToHex(AsView(RootOf(leaves))) == kRoots[i + 1]);
  }
}

TEST_CASE("A frontier has the root of the whole tree at every size", "[merkle][unit]") {
  const std::vector<Hash> leaves = LeafHashes(600);
  Frontier frontier;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (frontier.Root() != OracleRoot(Hashes(leaves).first(i))) ++wrong;
    frontier.Append(leaves[i]);
    // What was stored and read again goes on like the original.
    const absl::StatusOr<Frontier> stored = Frontier::Parse(frontier.Serialize());
    if (!stored.ok() || *stored != frontier) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(frontier.size() == 600);
}

TEST_CASE("A frontier tells each node as its last leaf comes", "[merkle][unit]") {
  const std::vector<Hash> leaves = LeafHashes(200);
  Frontier frontier;
  std::map<NodeId, Hash> told;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    frontier.Append(leaves[i], [&](NodeId node, const Hash& hash) {
      CHECK(((node.index + 1) << node.level) == i + 1);
      CHECK(told.emplace(node, hash).second);
    });
  }

  std::size_t nodes = 0;
  for (std::size_t level = 0; level < 8; ++level) nodes += leaves.size() >> level;
  CHECK(told.size() == nodes);
  for (const auto& [node, hash] : told) CHECK(hash == OracleNode(node, leaves));
}

TEST_CASE("A frontier that cannot be is refused", "[merkle][unit]") {
  Frontier frontier;
  for (const Hash& leaf : LeafHashes(5)) frontier.Append(leaf);
  const std::string bytes = frontier.Serialize();
  std::string huge(8, '\xff');
  for (int i = 0; i < 64; ++i) huge.append(32, 'x');

  CHECK_FALSE(Frontier::Parse("").ok());
  CHECK_FALSE(Frontier::Parse(bytes.substr(0, 7)).ok());
  CHECK_FALSE(Frontier::Parse(bytes.substr(0, bytes.size() - 1)).ok());
  CHECK_FALSE(Frontier::Parse(bytes.substr(0, bytes.size() - 32)).ok());
  CHECK_FALSE(Frontier::Parse(bytes + std::string(32, 'x')).ok());
  CHECK_FALSE(Frontier::Parse(bytes + "x").ok());
  CHECK_FALSE(Frontier::Parse(huge).ok());
  CHECK_FALSE(Frontier::FromPeaks(3, {EmptyRoot()}).ok());
  CHECK(Frontier::FromPeaks(4, {EmptyRoot()}).ok());
  CHECK(Frontier::Parse(std::string(8, '\0')).ok());
}

}  // namespace
}  // namespace clinicd::merkle
