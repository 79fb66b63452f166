#include "services/audit/log/sealer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "common/base/try.h"
#include "common/merkle/checkpoint.h"
#include "common/merkle/epoch.h"
#include "services/audit/log/growing_tree.h"

namespace clinicd::audit {
namespace {

using merkle::Frontier;
using merkle::Hash;

constexpr absl::Duration kBatchPatience = absl::Seconds(30);

std::vector<ClinicId> ClinicsOf(const std::vector<NewEvent>& events) {
  std::vector<ClinicId> clinics;
  clinics.reserve(events.size());
  for (const NewEvent& event : events) clinics.push_back(event.leaf.clinic_id);
  std::ranges::sort(clinics);
  clinics.erase(std::unique(clinics.begin(), clinics.end()), clinics.end());
  return clinics;
}

}  // namespace

absl::StatusOr<SealReport> Sealer::SealBatch() const {
  SealReport report;
  const db::TenantScope scope{.deadline = parts_.clock.Now() + kBatchPatience};
  CLINICD_RETURN_IF_ERROR(parts_.runner.InClinic(scope, [&](db::TenantTx& tx) {
    report = {};
    return SealIn(tx, report);
  }));
  return report;
}

absl::Status Sealer::SealIn(db::TenantTx& tx, SealReport& report) const {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<SealState> state, store_.Lock(tx));
  if (!state) {
    report.busy = true;
    return absl::OkStatus();
  }
  if (parts_.guard) CLINICD_RETURN_IF_ERROR(parts_.guard(tx, *state));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<NewEvent> events,
                           store_.ListNew(tx, *state, parts_.batch_max));
  report.more = std::ssize(events) == parts_.batch_max;
  const bool adopt = state->moved && !report.more;
  if (events.empty()) {
    if (adopt) store_.Adopt(tx, *state);
    return absl::OkStatus();
  }

  std::vector<ClinicTree> grown;
  CLINICD_RETURN_IF_ERROR(StoreLeaves(tx, events, grown));
  CLINICD_ASSIGN_OR_RETURN(const Frontier meta, StoreHeads(tx, grown, state->meta, report.heads));
  std::vector<const merkle::NoteSigner*> signers;
  for (const merkle::NoteSigner& signer : parts_.signers) signers.push_back(&signer);
  const merkle::TreeHead head{.origin = merkle::OriginOf(parts_.origin, state->epoch),
                              .size = meta.size(),
                              .root = meta.Root()};
  CLINICD_ASSIGN_OR_RETURN(report.note, merkle::SignTreeHead(head, signers, parts_.clock.Now()));
  store_.InsertCheckpoint(tx, meta.size(), report.note);
  store_.UpdateState(tx, events.back(), meta);
  if (adopt) store_.Adopt(tx, *state);

  report.events = std::ssize(events);
  report.clinics = std::ssize(grown);
  report.meta_size = head.size;
  report.meta_root = head.root;
  for (const NewEvent& event : events) {
    report.oldest = std::min(report.oldest, event.leaf.recorded_at);
  }
  return absl::OkStatus();
}

absl::Status Sealer::StoreLeaves(db::TenantTx& tx, const std::vector<NewEvent>& events,
                                 std::vector<ClinicTree>& grown) const {
  CLINICD_ASSIGN_OR_RETURN(auto frontiers, store_.ListTrees(tx, ClinicsOf(events)));
  // By clinic: what is written in one order is locked in one order.
  absl::btree_map<ClinicId, GrowingTree> trees;
  std::vector<PlacedLeaf> leaves;
  leaves.reserve(events.size());
  for (const NewEvent& event : events) {
    const ClinicId clinic = event.leaf.clinic_id;
    GrowingTree& tree = trees.try_emplace(clinic, std::move(frontiers[clinic])).first->second;
    const Hash hash = merkle::HashLeaf(EncodeLeaf(event.leaf));
    leaves.push_back(
        {.clinic = clinic, .index = tree.Append(hash), .event = event.leaf.id, .hash = hash});
  }
  store_.InsertLeaves(tx, leaves);
  for (auto& [clinic, tree] : trees) {
    for (const merkle::TileId& tile : tree.full_tiles()) {
      CLINICD_RETURN_IF_ERROR(store_.StoreTile(tx, clinic, tile));
    }
    grown.push_back({.clinic = clinic, .frontier = tree.frontier()});
  }
  store_.StoreTrees(tx, grown);
  return absl::OkStatus();
}

absl::StatusOr<Frontier> Sealer::StoreHeads(db::TenantTx& tx, const std::vector<ClinicTree>& grown,
                                            const Frontier& meta,
                                            std::vector<AnchoredHead>& heads) const {
  GrowingTree tree(meta);
  std::vector<Hash> leaves;
  for (const ClinicTree& clinic : grown) {
    leaves.push_back(merkle::HashLeaf(EncodeClinicHead({.clinic_id = clinic.clinic,
                                                        .tree_size = clinic.frontier.size(),
                                                        .root = clinic.frontier.Root()})));
    heads.push_back({.clinic = clinic.clinic,
                     .tree_size = clinic.frontier.size(),
                     .root = clinic.frontier.Root(),
                     .meta_index = tree.Append(leaves.back())});
  }
  store_.InsertHeads(tx, grown, leaves, meta.size());
  for (const merkle::TileId& tile : tree.full_tiles()) {
    CLINICD_RETURN_IF_ERROR(store_.StoreTile(tx, std::nullopt, tile));
  }
  return tree.frontier();
}

}  // namespace clinicd::audit
