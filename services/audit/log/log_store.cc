#include "services/audit/log/log_store.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/try.h"
#include "common/merkle/tiles.h"
#include "db/queries/audit_log.h"
#include "services/audit/log/hash_text.h"
#include "services/audit/log/leaf_row.h"

namespace clinicd::audit {
namespace {

using merkle::Hash;
using merkle::HashRun;
using merkle::TileId;

absl::Status Damaged() {
  return absl::DataLossError("the log of audit events is damaged: hashes are missing");
}

struct HeadRow {
  LogHead head;
  std::string root;
};

HeadRow ReadHead(const db::RowReader& row) {
  HeadRow read;
  read.head.tree_size = static_cast<std::uint64_t>(row.Int("tree_size"));
  read.root = row.BytesValue("root_hash");
  read.head.meta_index = static_cast<std::uint64_t>(row.Int("meta_index"));
  read.head.sealed_at = row.Time("sealed_at");
  read.head.meta_size = static_cast<std::uint64_t>(row.Int("meta_size"));
  read.head.note = row.Text("note");
  read.head.note += row.TextOrEmpty("cosignatures");
  return read;
}

struct LeafRow {
  LogLeaf leaf;
  std::string hash;
};

LeafRow ReadPlace(const db::RowReader& row) {
  LeafRow read;
  read.leaf.index = static_cast<std::uint64_t>(row.Int("leaf_index"));
  read.hash = row.BytesValue("leaf_hash");
  return read;
}

LeafRow ReadWholeLeaf(const db::RowReader& row) {
  LeafRow read = ReadPlace(row);
  if (row.OptionalUuid("id")) read.leaf.leaf = ReadLeaf(row);
  return read;
}

absl::StatusOr<LogLeaf> ToLeaf(LeafRow row) {
  const std::optional<Hash> hash = merkle::ToHash(row.hash);
  if (!hash) return Damaged();
  row.leaf.hash = *hash;
  return std::move(row.leaf);
}

// What is stored of the runs that a proof needs.
struct Stored {
  std::map<TileId, std::vector<Hash>> tiles;
  // Of the leaves from `first_leaf` on, which are in no full tile.
  std::uint64_t first_leaf = 0;
  std::vector<Hash> leaves;
};

// The hashes of one run, of which Stored has everything.
absl::StatusOr<std::vector<Hash>> HashesIn(const HashRun& run, const Stored& stored) {
  std::vector<Hash> hashes;
  if (!run.in_tiles) {
    const std::uint64_t skip = run.first - stored.first_leaf;
    if (run.first < stored.first_leaf || skip + run.count > stored.leaves.size()) return Damaged();
    const auto begin = stored.leaves.begin() + static_cast<std::ptrdiff_t>(skip);
    hashes.assign(begin, begin + static_cast<std::ptrdiff_t>(run.count));
    return hashes;
  }
  TileId tile = run.first_tile();
  std::uint64_t skip = run.offset();
  for (std::uint64_t left = run.tile_count(); left > 0; --left, ++tile.index, skip = 0) {
    const auto found = stored.tiles.find(tile);
    if (found == stored.tiles.end()) return Damaged();
    const std::uint64_t take = std::min(run.count, merkle::kTileWidth);
    const auto begin = found->second.begin() + static_cast<std::ptrdiff_t>(skip);
    hashes.insert(hashes.end(), begin, begin + static_cast<std::ptrdiff_t>(take));
  }
  return hashes;
}

absl::StatusOr<std::vector<HashRun>> RunsOf(const merkle::ProofPlan& plan, std::uint64_t size) {
  std::vector<HashRun> runs;
  for (const merkle::NodeId& node : plan.nodes()) {
    const std::optional<HashRun> run = merkle::RunOf(node, size);
    if (!run) return Damaged();
    runs.push_back(*run);
  }
  return runs;
}

std::set<TileId> TilesOf(const std::vector<HashRun>& runs) {
  std::set<TileId> tiles;
  for (const HashRun& run : runs) {
    if (!run.in_tiles) continue;
    TileId tile = run.first_tile();
    for (std::uint64_t left = run.tile_count(); left > 0; --left, ++tile.index) tiles.insert(tile);
  }
  return tiles;
}

struct TileRow {
  TileId tile;
  std::string hashes;
};

// Reads everything that `runs` need in one round trip.
absl::StatusOr<Stored> Fetch(db::TenantTx& tx, LogTree tree, const std::vector<HashRun>& runs,
                             std::uint64_t size) {
  const bool clinic = tree == LogTree::kClinic;
  Stored stored{
      .tiles = {}, .first_leaf = merkle::FullTiles(0, size) * merkle::kTileWidth, .leaves = {}};
  std::vector<TileRow> tiles;
  const std::set<TileId> wanted = TilesOf(runs);
  const auto text = [&](auto field) {
    return absl::StrJoin(wanted, " ", [&](std::string* out, const TileId& tile) {
      absl::StrAppend(out, field(tile));
    });
  };
  tx.DeferRead(clinic ? sql::kListTiles : sql::kListMetaTiles,
               db::Params()
                   .Set("tile_levels", text([](const TileId& tile) { return tile.level; }))
                   .Set("tile_indexes", text([](const TileId& tile) { return tile.index; })),
               [&tiles](const db::RowReader& row) {
                 TileRow& read = tiles.emplace_back();
                 read.tile.level = static_cast<int>(row.Int("tile_level"));
                 read.tile.index = static_cast<std::uint64_t>(row.Int("tile_index"));
                 read.hashes = row.BytesValue("hashes");
               });
  CLINICD_ASSIGN_OR_RETURN(
      const std::vector<std::string> leaves,
      tx.Many(
          clinic ? sql::kListLeafHashes : sql::kListMetaLeafHashes,
          db::Params()
              .Set("first_index", static_cast<std::int64_t>(stored.first_leaf))
              .Set("end_index", static_cast<std::int64_t>(size)),
          +[](const db::RowReader& row) { return row.BytesValue("leaf_hash"); }));
  CLINICD_ASSIGN_OR_RETURN(stored.leaves, HashesOf(leaves));
  for (const TileRow& row : tiles) {
    CLINICD_ASSIGN_OR_RETURN(std::vector<Hash> hashes, SplitHashes(row.hashes));
    if (hashes.size() != merkle::kTileWidth) return Damaged();
    stored.tiles.emplace(row.tile, std::move(hashes));
  }
  return stored;
}

}  // namespace

absl::StatusOr<std::optional<LogHead>> LogStore::FindHead(db::TenantTx& tx) const {
  CLINICD_ASSIGN_OR_RETURN(std::optional<HeadRow> row,
                           tx.Optional(sql::kGetCheckpoint, {}, ReadHead));
  if (!row) return std::nullopt;
  const std::optional<Hash> root = merkle::ToHash(row->root);
  if (!root) return Damaged();
  row->head.root = *root;
  return std::move(row->head);
}

absl::StatusOr<std::optional<LogLeaf>> LogStore::FindLeaf(db::TenantTx& tx,
                                                          const Uuid& event) const {
  CLINICD_ASSIGN_OR_RETURN(
      std::optional<LeafRow> row,
      tx.Optional(sql::kFindLeaf, db::Params().Set("event_id", event), ReadPlace));
  if (!row) return std::nullopt;
  CLINICD_ASSIGN_OR_RETURN(LogLeaf leaf, ToLeaf(*std::move(row)));
  return leaf;
}

absl::StatusOr<std::vector<LogLeaf>> LogStore::ListLeaves(db::TenantTx& tx, std::uint64_t start,
                                                          std::int32_t limit) const {
  CLINICD_ASSIGN_OR_RETURN(
      std::vector<LeafRow> rows,
      tx.Many(
          sql::kListLeaves,
          db::Params().Set("start_index", static_cast<std::int64_t>(start)).Set("row_limit", limit),
          ReadWholeLeaf));
  std::vector<LogLeaf> leaves;
  leaves.reserve(rows.size());
  for (LeafRow& row : rows) {
    CLINICD_ASSIGN_OR_RETURN(leaves.emplace_back(), ToLeaf(std::move(row)));
  }
  return leaves;
}

absl::StatusOr<std::vector<Hash>> LogStore::Prove(db::TenantTx& tx, LogTree tree,
                                                  const merkle::ProofPlan& plan,
                                                  std::uint64_t size) const {
  CLINICD_ASSIGN_OR_RETURN(std::vector<std::vector<Hash>> proofs,
                           ProveAll(tx, tree, {&plan, 1}, size));
  return std::move(proofs.front());
}

absl::StatusOr<std::vector<std::vector<Hash>>> LogStore::ProveAll(
    db::TenantTx& tx, LogTree tree, std::span<const merkle::ProofPlan> plans,
    std::uint64_t size) const {
  std::vector<std::vector<HashRun>> runs;
  std::vector<HashRun> all_runs;
  for (const merkle::ProofPlan& plan : plans) {
    CLINICD_ASSIGN_OR_RETURN(runs.emplace_back(), RunsOf(plan, size));
    all_runs.insert(all_runs.end(), runs.back().begin(), runs.back().end());
  }
  CLINICD_ASSIGN_OR_RETURN(const Stored stored, Fetch(tx, tree, all_runs, size));
  std::vector<std::vector<Hash>> proofs;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    std::vector<Hash> hashes;
    hashes.reserve(runs[i].size());
    for (const HashRun& run : runs[i]) {
      CLINICD_ASSIGN_OR_RETURN(const std::vector<Hash> run_hashes, HashesIn(run, stored));
      hashes.push_back(merkle::FoldRun(run_hashes));
    }
    CLINICD_ASSIGN_OR_RETURN(proofs.emplace_back(), plans[i].Assemble(hashes));
  }
  return proofs;
}

}  // namespace clinicd::audit
