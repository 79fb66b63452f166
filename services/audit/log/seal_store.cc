#include "services/audit/log/seal_store.h"

#include <span>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/try.h"
#include "common/crypto/digest.h"
#include "db/queries/audit_log.h"
#include "services/audit/log/hash_text.h"
#include "services/audit/log/leaf_row.h"

namespace clinicd::audit {
namespace {

using merkle::Frontier;
using merkle::Hash;

absl::Status Unreadable(std::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the log of audit events is damaged: ", std::string(what)));
}

struct StateRow {
  SealState state;
  std::string frontier;
};

StateRow ReadState(const db::RowReader& row) {
  StateRow read;
  read.state.last_transaction = row.Int("last_transaction");
  read.state.last_event = row.UuidValue("last_event_id");
  read.frontier = row.BytesValue("meta_frontier");
  read.state.moved = row.Bool("moved");
  read.state.horizon = row.Int("horizon");
  read.state.epoch = static_cast<std::uint32_t>(row.Int32("epoch"));
  return read;
}

NewEvent ReadNewEvent(const db::RowReader& row) {
  return {.leaf = ReadLeaf(row), .transaction = row.Int("transaction_number")};
}

struct TreeRow {
  ClinicId clinic;
  std::string frontier;
};

TreeRow ReadTree(const db::RowReader& row) {
  const auto clinic = row.Id<ClinicId>("clinic_id");
  return {.clinic = clinic, .frontier = row.BytesValue("frontier")};
}

std::string ReadLeafHash(const db::RowReader& row) { return row.BytesValue("leaf_hash"); }
std::string ReadHashes(const db::RowReader& row) { return row.BytesValue("hashes"); }

absl::StatusOr<Frontier> ParseFrontier(const std::string& bytes) {
  if (bytes.empty()) return Frontier();
  absl::StatusOr<Frontier> frontier = Frontier::Parse(bytes);
  return frontier.ok() ? std::move(frontier) : Unreadable("a frontier");
}

// A list as the statements take it.
template <typename Items, typename Text>
std::string Listed(const Items& items, Text text) {
  return absl::StrJoin(
      items, " ", [&](std::string* out, const auto& item) { absl::StrAppend(out, text(item)); });
}

}  // namespace

absl::StatusOr<std::optional<SealState>> SealStore::Lock(db::TenantTx& tx) const {
  tx.Defer(sql::kInsertSealer, {});
  CLINICD_ASSIGN_OR_RETURN(std::optional<StateRow> row,
                           tx.Optional(sql::kLockSealer, {}, ReadState));
  if (!row) return std::nullopt;
  CLINICD_ASSIGN_OR_RETURN(row->state.meta, ParseFrontier(row->frontier));
  return std::move(row->state);
}

absl::StatusOr<std::vector<NewEvent>> SealStore::ListNew(db::TenantTx& tx, const SealState& state,
                                                         std::int32_t limit) const {
  if (state.moved) {
    return tx.Many(sql::kListUnsealedEvents, db::Params().Set("row_limit", limit), ReadNewEvent);
  }
  return tx.Many(sql::kListNewEvents,
                 db::Params()
                     .Set("last_transaction", state.last_transaction)
                     .Set("last_event_id", state.last_event)
                     .Set("horizon", state.horizon)
                     .Set("row_limit", limit),
                 ReadNewEvent);
}

absl::StatusOr<absl::flat_hash_map<ClinicId, Frontier>> SealStore::ListTrees(
    db::TenantTx& tx, const std::vector<ClinicId>& clinics) const {
  const std::string listed = Listed(clinics, [](const ClinicId& id) { return id.ToString(); });
  CLINICD_ASSIGN_OR_RETURN(const std::vector<TreeRow> rows,
                           tx.Many(sql::kListTrees, db::Params().Set("clinics", listed), ReadTree));
  absl::flat_hash_map<ClinicId, Frontier> trees;
  for (const TreeRow& row : rows) {
    CLINICD_ASSIGN_OR_RETURN(trees[row.clinic], ParseFrontier(row.frontier));
  }
  return trees;
}

void SealStore::InsertLeaves(db::TenantTx& tx, const std::vector<PlacedLeaf>& leaves) const {
  const auto text = [&](auto field) {
    return Listed(leaves, [&](const PlacedLeaf& leaf) { return field(leaf); });
  };
  tx.Defer(sql::kInsertLeaves,
           db::Params()
               .Set("clinics", text([](const PlacedLeaf& leaf) { return leaf.clinic.ToString(); }))
               .Set("leaf_indexes",
                    text([](const PlacedLeaf& leaf) { return absl::StrCat(leaf.index); }))
               .Set("event_ids", text([](const PlacedLeaf& leaf) { return leaf.event.ToString(); }))
               .Set("leaf_hashes", text([](const PlacedLeaf& leaf) {
                      return crypto::ToHex(merkle::AsView(leaf.hash));
                    })));
}

void SealStore::StoreTrees(db::TenantTx& tx, const std::vector<ClinicTree>& trees) const {
  const auto text = [&](auto field) {
    return Listed(trees, [&](const ClinicTree& tree) { return field(tree); });
  };
  tx.Defer(sql::kUpsertTrees,
           db::Params()
               .Set("clinics", text([](const ClinicTree& tree) { return tree.clinic.ToString(); }))
               .Set("tree_sizes",
                    text([](const ClinicTree& tree) { return absl::StrCat(tree.frontier.size()); }))
               .Set("frontiers", text([](const ClinicTree& tree) {
                      return crypto::ToHex(tree.frontier.Serialize());
                    })));
}

void SealStore::InsertHeads(db::TenantTx& tx, const std::vector<ClinicTree>& trees,
                            const std::vector<Hash>& meta_leaves,
                            std::uint64_t first_meta_index) const {
  const auto text = [&](auto field) {
    return Listed(trees, [&](const ClinicTree& tree) { return field(tree); });
  };
  const auto first = static_cast<std::int64_t>(first_meta_index);
  tx.Defer(sql::kInsertHeads,
           db::Params()
               .Set("clinics", text([](const ClinicTree& tree) { return tree.clinic.ToString(); }))
               .Set("tree_sizes",
                    text([](const ClinicTree& tree) { return absl::StrCat(tree.frontier.size()); }))
               .Set("root_hashes", text([](const ClinicTree& tree) {
                      return crypto::ToHex(merkle::AsView(tree.frontier.Root()));
                    }))
               .Set("first_meta_index", first));
  tx.Defer(sql::kInsertMetaLeaves,
           db::Params()
               .Set("first_meta_index", first)
               .Set("leaf_hashes", Listed(meta_leaves, [](const Hash& hash) {
                      return crypto::ToHex(merkle::AsView(hash));
                    })));
}

void SealStore::InsertCheckpoint(db::TenantTx& tx, std::uint64_t meta_size,
                                 const std::string& note) const {
  tx.Defer(sql::kInsertCheckpoint,
           db::Params().Set("meta_size", static_cast<std::int64_t>(meta_size)).Set("note", note));
}

void SealStore::UpdateState(db::TenantTx& tx, const NewEvent& last, const Frontier& meta) const {
  const std::string frontier = meta.Serialize();
  tx.Defer(sql::kUpdateSealer, db::Params()
                                   .Set("last_transaction", last.transaction)
                                   .Set("last_event_id", last.leaf.id)
                                   .Set("meta_size", static_cast<std::int64_t>(meta.size()))
                                   .Set("meta_frontier", db::Bytes{frontier}));
}

void SealStore::Adopt(db::TenantTx& tx, const SealState& state) const {
  tx.Defer(sql::kAdoptSealer, db::Params().Set("last_transaction", state.horizon));
}

absl::StatusOr<std::vector<Hash>> SealStore::LeafHashes(db::TenantTx& tx,
                                                        const std::optional<ClinicId>& clinic,
                                                        merkle::TileId tile) const {
  const auto first = static_cast<std::int64_t>(tile.index * merkle::kTileWidth);
  db::Params params;
  params.Set("first_index", first)
      .Set("end_index", first + static_cast<std::int64_t>(merkle::kTileWidth))
      .Set("clinic", clinic);
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::string> rows,
                           tx.Many(clinic ? sql::kListSealedLeafHashes : sql::kListMetaLeafHashes,
                                   params, ReadLeafHash));
  return HashesOf(rows);
}

absl::StatusOr<std::vector<Hash>> SealStore::TileRoots(db::TenantTx& tx,
                                                       const std::optional<ClinicId>& clinic,
                                                       merkle::TileId tile) const {
  const auto first = static_cast<std::int64_t>(tile.index * merkle::kTileWidth);
  db::Params params;
  params.Set("tile_level", std::int32_t{tile.level - 1})
      .Set("first_index", first)
      .Set("end_index", first + static_cast<std::int64_t>(merkle::kTileWidth))
      .Set("clinic", clinic);
  CLINICD_ASSIGN_OR_RETURN(
      const std::vector<std::string> rows,
      tx.Many(clinic ? sql::kListSealedTiles : sql::kListSealedMetaTiles, params, ReadHashes));
  std::vector<Hash> roots;
  for (const std::string& row : rows) {
    CLINICD_ASSIGN_OR_RETURN(const std::vector<Hash> hashes, SplitHashes(row));
    if (hashes.size() != merkle::kTileWidth) return Unreadable("a tile");
    roots.push_back(merkle::FoldRun(hashes));
  }
  return roots;
}

absl::Status SealStore::StoreTile(db::TenantTx& tx, const std::optional<ClinicId>& clinic,
                                  merkle::TileId tile) const {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Hash> hashes, tile.level == 0
                                                               ? LeafHashes(tx, clinic, tile)
                                                               : TileRoots(tx, clinic, tile));
  if (hashes.size() != merkle::kTileWidth) return Unreadable("hashes are missing");
  const std::string joined = JoinHashes(hashes);
  tx.Defer(clinic ? sql::kInsertSealedTile : sql::kInsertSealedMetaTile,
           db::Params()
               .Set("clinic", clinic)
               .Set("tile_level", std::int32_t{tile.level})
               .Set("tile_index", static_cast<std::int64_t>(tile.index))
               .Set("hashes", db::Bytes{joined}));
  return absl::OkStatus();
}

}  // namespace clinicd::audit
