#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/merkle/frontier.h"
#include "services/audit/proof/cbor_fields.h"
#include "services/audit/proof/event_check.h"
#include "services/audit/proof/export_format.h"
#include "services/audit/proof/verification.h"

namespace clinicd::audit {
namespace {

// Far above what a leaf, a frontier or a checkpoint takes.
constexpr std::size_t kItemBytesMax = 1024 * 1024;
// How the last item begins: an array of three.
constexpr char kEndStart = '\x83';

using Proof = std::vector<merkle::Hash>;

// A size at which the root is known already, and the root that the export has there.
struct Waypoint {
  const std::optional<OpenedCheckpoint>& known;
  std::string_view check;
  std::optional<merkle::Hash> root;
};

class SequenceVerification final {
 public:
  SequenceVerification(cbor::ByteSource source, const Trust& trust, ReceiptCheck* receipts)
      : items_(std::move(source), kItemBytesMax),
        trust_(trust),
        receipts_(receipts),
        waypoints_{Waypoint{trust.since(), "since", std::nullopt},
                   Waypoint{trust.head(), "head", std::nullopt}} {}

  absl::StatusOr<Report> Run() {
    CLINICD_ASSIGN_OR_RETURN(report_.finding, Read());
    report_.events = frontier_.size() - report_.first_index;
    return report_;
  }

 private:
  using Step = absl::StatusOr<std::optional<Finding>>;

  // The next item. An error of the source is an error, a broken sequence is a finding.
  struct Item {
    std::optional<Finding> finding;
    std::string_view bytes;
  };
  absl::StatusOr<Item> Next();

  Step Read();
  std::optional<Finding> ReadHead(std::string_view item);
  std::optional<Finding> ReadEvent(std::string_view item);
  std::optional<Finding> ReadEnd(std::string_view item);
  std::optional<Finding> CheckEnd(const ClinicCheckpoint& checkpoint,
                                  const std::optional<Proof>& meta_consistency);
  std::optional<Finding> CheckWaypoints() const;
  void PassWaypoints();
  Finding AtEvent(std::string_view check, std::string_view message) const;

  cbor::SequenceReader items_;
  const Trust& trust_;
  ReceiptCheck* const receipts_;
  std::array<Waypoint, 2> waypoints_;
  merkle::Frontier frontier_;
  std::optional<EventCheck> events_;
  // The first event that is known by its hash only and was not to be purged.
  std::optional<std::uint64_t> missing_;
  Report report_;
};

std::optional<Proof> TakeHashes(cbor::Reader& reader) {
  const std::optional<std::uint64_t> count = reader.Array();
  if (!count || *count > merkle::kPathLengthMax) return std::nullopt;
  Proof hashes(*count);
  for (merkle::Hash& hash : hashes) {
    if (!TakeHash(reader, hash)) return std::nullopt;
  }
  return hashes;
}

Finding SequenceVerification::AtEvent(std::string_view check, std::string_view message) const {
  Finding finding = Tampered(check, message);
  finding.index = frontier_.size();
  return finding;
}

absl::StatusOr<SequenceVerification::Item> SequenceVerification::Next() {
  const absl::StatusOr<std::optional<std::string_view>> item = items_.Next();
  if (item.ok() && *item) return Item{.finding = std::nullopt, .bytes = **item};
  const std::string place = absl::StrCat(" at byte ", items_.offset());
  if (item.ok() || item.status().code() == absl::StatusCode::kOutOfRange) {
    return Item{.finding = Incomplete("end", absl::StrCat("the export breaks off", place)),
                .bytes = {}};
  }
  if (item.status().code() != absl::StatusCode::kInvalidArgument) return item.status();
  return Item{.finding = Tampered("format", absl::StrCat("not deterministic CBOR", place)),
              .bytes = {}};
}

SequenceVerification::Step SequenceVerification::Read() {
  CLINICD_ASSIGN_OR_RETURN(Item item, Next());
  if (item.finding) return item.finding;
  if (auto finding = ReadHead(item.bytes)) return finding;
  PassWaypoints();
  while (true) {
    CLINICD_ASSIGN_OR_RETURN(item, Next());
    if (item.finding) return item.finding;
    if (item.bytes.front() == kEndStart) break;
    if (auto finding = ReadEvent(item.bytes)) return finding;
    PassWaypoints();
  }
  const std::string end(item.bytes);
  const auto after = items_.Next();
  const bool is_broken = after.status().code() == absl::StatusCode::kOutOfRange ||
                         after.status().code() == absl::StatusCode::kInvalidArgument;
  if (!after.ok() && !is_broken) return after.status();
  if (is_broken || *after) return Tampered("trailing", "something follows the end of the export");
  return ReadEnd(end);
}

std::optional<Finding> SequenceVerification::ReadHead(std::string_view item) {
  cbor::Reader reader(item);
  ClinicId clinic;
  const Finding no_export = Tampered("format", "not an export of an audit log");
  if (reader.Array() != 5U || reader.Text() != kExportKind || reader.Int() != kExportVersion ||
      !TakeClinic(reader, clinic)) {
    return no_export;
  }
  const std::optional<std::uint64_t> first = reader.Uint();
  std::optional<Proof> peaks = first ? TakeHashes(reader) : std::nullopt;
  if (!peaks || !reader.at_end()) return no_export;
  absl::StatusOr<merkle::Frontier> frontier =
      merkle::Frontier::FromPeaks(*first, *std::move(peaks));
  if (!frontier.ok()) return Tampered("frontier", "what stands before the first event cannot be");
  frontier_ = *std::move(frontier);
  events_.emplace(clinic);
  report_.clinic_id = clinic;
  report_.first_index = *first;
  return trust_.CheckClinic(clinic);
}

std::optional<Finding> SequenceVerification::ReadEvent(std::string_view item) {
  if (frontier_.size() == merkle::kTreeSizeMax) return AtEvent("size", "no log is that long");
  cbor::Reader reader(item);
  merkle::Hash redacted;
  if (TakeHash(reader, redacted) && reader.at_end()) {
    if (!missing_ && frontier_.size() >= trust_.purged_below()) missing_ = frontier_.size();
    frontier_.Append(redacted);
    if (receipts_ != nullptr) receipts_->SeePurged(redacted);
    ++report_.redacted;
    return std::nullopt;
  }
  const absl::StatusOr<LeafOutline> leaf = OutlineLeaf(item);
  if (!leaf.ok()) return AtEvent("leaf", "neither an event nor the hash of a purged one");
  if (auto finding = events_->Check(frontier_.size(), *leaf)) return finding;
  const merkle::Hash hash = merkle::HashLeaf(item);
  frontier_.Append(hash);
  if (receipts_ != nullptr) receipts_->See(leaf->id, hash);
  return std::nullopt;
}

void SequenceVerification::PassWaypoints() {
  for (Waypoint& waypoint : waypoints_) {
    if (waypoint.known && waypoint.known->clinic.tree_size == frontier_.size()) {
      waypoint.root = frontier_.Root();
    }
  }
}

std::optional<Finding> SequenceVerification::ReadEnd(std::string_view item) {
  cbor::Reader reader(item);
  const Finding no_end = Tampered("format", "the end of the export is not one");
  if (reader.Array() != 3U || reader.Text() != kExportEnd) return no_end;
  const std::optional<std::string_view> json = reader.Text();
  if (!json) return no_end;
  std::optional<Proof> meta_consistency;
  if (!reader.TakeNull()) {
    meta_consistency = TakeHashes(reader);
    if (!meta_consistency) return no_end;
  }
  if (!reader.at_end()) return no_end;
  const absl::StatusOr<ClinicCheckpoint> checkpoint = ParseClinicCheckpoint(*json);
  if (!checkpoint.ok()) return Tampered("checkpoint", "the export's checkpoint is not one");
  return CheckEnd(*checkpoint, meta_consistency);
}

std::optional<Finding> SequenceVerification::CheckEnd(
    const ClinicCheckpoint& checkpoint, const std::optional<Proof>& meta_consistency) {
  report_.tree_size = checkpoint.tree_size;
  if (checkpoint.clinic_id != report_.clinic_id) {
    return Tampered("clinic", "the checkpoint is another clinic's");
  }
  if (frontier_.size() < checkpoint.tree_size) {
    return Incomplete("size", absl::StrCat("the log has ", checkpoint.tree_size,
                                           " events, and the export ends at ", frontier_.size()));
  }
  if (frontier_.size() > checkpoint.tree_size) {
    return Tampered("size", absl::StrCat("the log has ", checkpoint.tree_size,
                                         " events, and the export ends at ", frontier_.size()));
  }
  if (frontier_.Root() != checkpoint.root) {
    return Tampered("root", "the events are not those that the checkpoint is of");
  }
  Opening opening = trust_.Open(checkpoint);
  if (opening.finding) return opening.finding;
  report_.witnessed = opening.meta.witnessed;
  report_.alive_at = std::max(events_->recorded_at(), opening.meta.witnessed_at);
  const OpenedCheckpoint opened{.clinic = checkpoint, .meta = std::move(opening.meta)};
  if (auto finding = trust_.CheckLength(opened)) return finding;
  if (auto finding = CheckWaypoints()) return finding;
  if (auto finding = trust_.CheckMeta(opened, meta_consistency)) return finding;
  if (missing_) {
    Finding finding =
        Incomplete("purged", "an event that should be there is known by its hash only");
    finding.index = missing_;
    return finding;
  }
  return trust_.CheckAge(report_.alive_at);
}

std::optional<Finding> SequenceVerification::CheckWaypoints() const {
  for (const Waypoint& waypoint : waypoints_) {
    if (!waypoint.known) continue;
    const ClinicCheckpoint& known = waypoint.known->clinic;
    if (known.tree_size == 0 && known.root == merkle::EmptyRoot()) continue;
    if (!waypoint.root) {
      return Incomplete(waypoint.check, "the export begins after the known checkpoint");
    }
    if (*waypoint.root != known.root) {
      return Tampered(waypoint.check, absl::StrCat("the first ", known.tree_size,
                                                   " events are not those that were known"));
    }
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Report> VerifySequence(cbor::ByteSource source, const Trust& trust,
                                      ReceiptCheck* receipts) {
  return SequenceVerification(std::move(source), trust, receipts).Run();
}

}  // namespace clinicd::audit
