#include "services/audit/log/stored_log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/merkle/epoch.h"
#include "common/merkle/note.h"
#include "db/queries/audit_log.h"

namespace clinicd::audit {
namespace {

struct EpochRow {
  std::int64_t epoch = 0;
  std::string note;
};

EpochRow ReadEpoch(const db::RowReader& row) {
  const std::int64_t epoch = row.Int32("epoch");
  return {.epoch = epoch, .note = row.Text("note")};
}

struct CheckpointRow {
  std::uint64_t size = 0;
  std::string note;
};

CheckpointRow ReadCheckpoint(const db::RowReader& row) {
  const auto size = static_cast<std::uint64_t>(row.Int("meta_size"));
  return {.size = size, .note = row.Text("note")};
}

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(absl::StrCat("the database's own log is damaged: ", ToAbsl(what)));
}

}  // namespace

absl::StatusOr<RememberedHead> StoredLogReader::Open(const std::string& note,
                                                     const std::string& source) const {
  CLINICD_ASSIGN_OR_RETURN(const merkle::Note parsed, merkle::ParseNote(note));
  CLINICD_ASSIGN_OR_RETURN(merkle::TreeHead head, merkle::ParseTreeHead(parsed.text));
  const std::optional<std::uint32_t> epoch = merkle::EpochOf(parts_.log, head.origin);
  if (!epoch) {
    return absl::PermissionDeniedError(absl::StrCat("it is of another log, ", head.origin));
  }
  CLINICD_RETURN_IF_ERROR(
      merkle::OpenCheckpoint(note,
                             {.origin = head.origin, .log_keys = parts_.log_keys, .witnesses = {}})
          .status());
  return RememberedHead{.source = source, .epoch = *epoch, .head = std::move(head)};
}

absl::StatusOr<std::vector<Acknowledgement>> StoredLogReader::ReadAcknowledgements(
    db::TenantTx& tx) const {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<EpochRow> rows,
                           tx.Many(sql::kListEpochs, {}, ReadEpoch));
  std::vector<Acknowledgement> acknowledgements;
  for (const EpochRow& row : rows) {
    absl::StatusOr<Acknowledgement> acknowledgement =
        OpenAcknowledgement(row.note, parts_.log, parts_.log_keys);
    if (!acknowledgement.ok() || acknowledgement->epoch != row.epoch ||
        acknowledgement->epoch != acknowledgements.size() + 1) {
      return Damaged(absl::StrCat("the acknowledgement of epoch ", row.epoch,
                                  " was not signed by the log's keys, or others are missing"));
    }
    acknowledgements.push_back(*std::move(acknowledgement));
  }
  return acknowledgements;
}

absl::StatusOr<merkle::Hash> StoredLogReader::RootAt(db::TenantTx& tx, std::uint64_t size,
                                                     std::uint64_t stored_size) const {
  if (size == 0) return merkle::EmptyRoot();
  merkle::ProofPlan plan;
  plan.AddPart(0, size);
  CLINICD_ASSIGN_OR_RETURN(const std::vector<merkle::Hash> root,
                           store_.Prove(tx, LogTree::kHeads, plan, stored_size));
  return root.front();
}

absl::StatusOr<StoredLog> StoredLogReader::Read(db::TenantTx& tx) const {
  StoredLog stored;
  CLINICD_ASSIGN_OR_RETURN(stored.acknowledgements, ReadAcknowledgements(tx));
  stored.epoch = static_cast<std::uint32_t>(stored.acknowledgements.size());
  stored.root = merkle::EmptyRoot();
  CLINICD_ASSIGN_OR_RETURN(const std::optional<CheckpointRow> row,
                           tx.Optional(sql::kGetNewestCheckpoint, {}, ReadCheckpoint));
  if (!row) return stored;
  const absl::StatusOr<RememberedHead> newest = Open(row->note, "the database");
  if (!newest.ok()) {
    return Damaged(absl::StrCat("its newest checkpoint, of size ", row->size,
                                ", was not signed by the log's keys: ", newest.status().message()));
  }
  if (newest->head.size != row->size || newest->epoch > stored.epoch) {
    return Damaged("its newest checkpoint is another one than it is filed as");
  }
  stored.size = row->size;
  stored.note = row->note;
  CLINICD_ASSIGN_OR_RETURN(stored.root, RootAt(tx, stored.size, stored.size));
  if (stored.root != newest->head.root) {
    return Damaged("its hashes do not lead to the root of its newest checkpoint");
  }
  return stored;
}

absl::StatusOr<std::optional<std::string>> StoredLogReader::Contradiction(
    db::TenantTx& tx, const StoredLog& stored, const RememberedHead& remembered) const {
  const merkle::TreeHead& head = remembered.head;
  const std::string what =
      absl::StrCat(remembered.source, " has a checkpoint of ", head.origin, " of size ", head.size);
  if (remembered.epoch > stored.epoch) {
    return absl::StrCat(what, "; the database knows nothing of that name of the log");
  }
  if (remembered.epoch < stored.epoch) {
    // Whatever is lost of it was acknowledged, as far as it was known.
    const merkle::TreeHead& lost = stored.acknowledgements[remembered.epoch].lost;
    if (head.size < lost.size || head == lost) return std::nullopt;
    return absl::StrCat(what, "; what was acknowledged to be lost ended at ", lost.size);
  }
  if (head.size > stored.size) {
    return absl::StrCat(what, "; the database ends at ", stored.size);
  }
  CLINICD_ASSIGN_OR_RETURN(const merkle::Hash root, RootAt(tx, head.size, stored.size));
  if (root == head.root) return std::nullopt;
  return absl::StrCat(what, "; the database holds something else there");
}

}  // namespace clinicd::audit
