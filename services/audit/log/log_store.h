// The log of one clinic, as its server reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/merkle/plan.h"
#include "db/access/tenant_tx.h"
#include "services/audit/proof/leaf.h"

namespace clinicd::audit {

// What a checkpoint is made of, without its proof.
struct LogHead {
  std::uint64_t tree_size = 0;
  merkle::Hash root{};
  std::uint64_t meta_index = 0;
  std::uint64_t meta_size = 0;
  // With all signatures.
  std::string note = {};
  absl::Time sealed_at = {};
};

// A leaf, where it stands.
struct LogLeaf {
  std::uint64_t index = 0;
  merkle::Hash hash{};
  // Absent when the event was removed after its retention period.
  std::optional<Leaf> leaf = {};
};

// Which tree a proof is about.
enum class LogTree {
  // Of the clinic of the transaction.
  kClinic,
  // Of the heads of all clinics.
  kHeads,
};

// Stateless. Errors: as TenantTx; DATA_LOSS where the log in the database is damaged.
class LogStore final {
 public:
  // The newest head under the newest checkpoint; nullopt before the first one.
  absl::StatusOr<std::optional<LogHead>> FindHead(db::TenantTx& tx) const;
  // Where the leaf of an event stands, without its content.
  absl::StatusOr<std::optional<LogLeaf>> FindLeaf(db::TenantTx& tx, const Uuid& event) const;
  // At most `limit` leaves from `start` on.
  absl::StatusOr<std::vector<LogLeaf>> ListLeaves(db::TenantTx& tx, std::uint64_t start,
                                                  std::int32_t limit) const;

  // The proof that `plan` asks for, in a tree of `size` leaves. One round trip.
  absl::StatusOr<std::vector<merkle::Hash>> Prove(db::TenantTx& tx, LogTree tree,
                                                  const merkle::ProofPlan& plan,
                                                  std::uint64_t size) const;
  // The same for each of `plans`, in their order; still one round trip.
  absl::StatusOr<std::vector<std::vector<merkle::Hash>>> ProveAll(
      db::TenantTx& tx, LogTree tree, std::span<const merkle::ProofPlan> plans,
      std::uint64_t size) const;
};

}  // namespace clinicd::audit
