// Proofs about a known tree, made of its own nodes and of whatever: none proves what is not so.
#include <bit>
#include <vector>

#include "common/merkle/frontier.h"
#include "common/merkle/proof.h"
#include "common/merkle/tiles.h"
#include "tests/fuzz/edge/fuzz_input.h"

namespace clinicd::fuzz {
namespace {

using merkle::Hash;

constexpr std::size_t kSize = 27;

// A tree, the roots it had, and all hashes that a liar could have from it.
struct Tree {
  std::vector<Hash> leaves;
  std::vector<Hash> roots{merkle::EmptyRoot()};
  std::vector<Hash> known{merkle::EmptyRoot(), Hash{}};

  Tree() {
    merkle::Frontier frontier;
    for (std::size_t i = 0; i < kSize; ++i) {
      leaves.push_back(merkle::HashLeaf(std::string(1, static_cast<char>(i))));
      frontier.Append(leaves.back(),
                      [this](merkle::NodeId, const Hash& hash) { known.push_back(hash); });
      roots.push_back(frontier.Root());
      known.push_back(frontier.Root());
    }
  }
};

// A number that is small, or of any size.
std::uint64_t Number(Input& input) {
  const std::uint8_t byte = input.Byte();
  if (byte < 0x80) return byte;
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = (number << 8) | input.Byte();
  return byte < 0xc0 ? number : std::uint64_t{1} << (byte & 0x3f);
}

std::vector<Hash> Proof(const Tree& tree, Input& input) {
  std::vector<Hash> proof;
  while (!input.rest().empty() && proof.size() < 100) {
    const std::uint8_t byte = input.Byte();
    Hash hash = tree.known[byte % tree.known.size()];
    if (byte >= 0xf0) hash[input.Byte() % hash.size()] ^= input.Byte();
    proof.push_back(hash);
  }
  return proof;
}

void Check(const Tree& tree, Input input) {
  const std::uint64_t one = Number(input);
  const std::uint64_t two = Number(input);
  const Hash claim = tree.known[input.Byte() % tree.known.size()];
  const std::vector<Hash> proof = Proof(tree, input);
  const std::string_view root = merkle::AsView(tree.roots.back());

  if (merkle::InclusionHolds(one, kSize, claim, proof, root)) {
    Require(one < kSize && tree.leaves[one] == claim, "only a leaf is proven, in its place");
  }
  if (merkle::ConsistencyHolds(one, merkle::AsView(claim), kSize, root, proof)) {
    Require(one > 0 && one <= kSize && tree.roots[one] == claim, "only old roots are proven");
  }
  merkle::InclusionHolds(one, two, claim, proof, root);
  merkle::ConsistencyHolds(one, merkle::AsView(claim), two, root, proof);
  if (const auto plan = merkle::NodesForInclusion(one, two); plan.ok()) {
    for (const merkle::NodeId& node : plan->nodes()) {
      Require(merkle::RunOf(node, two).has_value(), "what a proof needs is somewhere");
    }
  }
  if (const auto plan = merkle::NodesForConsistency(one, two); plan.ok()) {
    Require(plan->nodes().size() <= 64 * 64, "a plan is short");
  }
}

}  // namespace
}  // namespace clinicd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const clinicd::fuzz::Tree tree;
  clinicd::fuzz::Check(tree, clinicd::fuzz::Input(data, size));
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto frontier = clinicd::merkle::Frontier::Parse(bytes); frontier.ok()) {
    clinicd::fuzz::Require(frontier->Serialize() == bytes, "a frontier has one form");
  }
  return 0;
}
