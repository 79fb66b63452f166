// What the sealer reads and writes, as clinicd_sealer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/merkle/frontier.h"
#include "common/merkle/tiles.h"
#include "db/access/tenant_tx.h"
#include "services/audit/proof/leaf.h"

namespace clinicd::audit {

// Where sealing stands.
struct SealState {
  // The last event that was sealed, in the order of sealing: by transaction, then by id.
  std::int64_t last_transaction = 0;
  Uuid last_event = {};
  merkle::Frontier meta = {};
  // The rows came from another cluster, where transactions have other numbers.
  bool moved = false;
  // Transactions below it have ended.
  std::int64_t horizon = 0;
  // How often it was acknowledged that the log goes on although it lost something.
  std::uint32_t epoch = 0;
};

// An event that is to be sealed.
struct NewEvent {
  Leaf leaf = {};
  std::int64_t transaction = 0;
};

// The leaf of an event, in its place.
struct PlacedLeaf {
  ClinicId clinic = {};
  std::uint64_t index = 0;
  Uuid event = {};
  merkle::Hash hash{};
};

struct ClinicTree {
  ClinicId clinic = {};
  merkle::Frontier frontier = {};
};

// Stateless. The transactions name no clinic. Errors: as TenantTx; DATA_LOSS where the database
// holds what the sealer never writes.
class SealStore final {
 public:
  // Locks the state for this transaction; nullopt when another transaction has it.
  absl::StatusOr<std::optional<SealState>> Lock(db::TenantTx& tx) const;
  // The next events to seal, at most `limit`, in order.
  absl::StatusOr<std::vector<NewEvent>> ListNew(db::TenantTx& tx, const SealState& state,
                                                std::int32_t limit) const;
  // The trees of those of `clinics` that have one.
  absl::StatusOr<absl::flat_hash_map<ClinicId, merkle::Frontier>> ListTrees(
      db::TenantTx& tx, const std::vector<ClinicId>& clinics) const;

  // All of these are sent with the next flush.
  void InsertLeaves(db::TenantTx& tx, const std::vector<PlacedLeaf>& leaves) const;
  void StoreTrees(db::TenantTx& tx, const std::vector<ClinicTree>& trees) const;
  // The heads of `trees`, as the leaves of the tree of heads from `first_meta_index` on.
  void InsertHeads(db::TenantTx& tx, const std::vector<ClinicTree>& trees,
                   const std::vector<merkle::Hash>& meta_leaves,
                   std::uint64_t first_meta_index) const;
  void InsertCheckpoint(db::TenantTx& tx, std::uint64_t meta_size, const std::string& note) const;
  void UpdateState(db::TenantTx& tx, const NewEvent& last, const merkle::Frontier& meta) const;
  // Goes on by the numbers of this cluster, from its horizon.
  void Adopt(db::TenantTx& tx, const SealState& state) const;

  // Makes a tile that has become full of what is stored, and stores it. Of the tree of heads where
  // `clinic` is nullopt.
  absl::Status StoreTile(db::TenantTx& tx, const std::optional<ClinicId>& clinic,
                         merkle::TileId tile) const;

 private:
  absl::StatusOr<std::vector<merkle::Hash>> LeafHashes(db::TenantTx& tx,
                                                       const std::optional<ClinicId>& clinic,
                                                       merkle::TileId tile) const;
  absl::StatusOr<std::vector<merkle::Hash>> TileRoots(db::TenantTx& tx,
                                                      const std::optional<ClinicId>& clinic,
                                                      merkle::TileId tile) const;
};

}  // namespace clinicd::audit
