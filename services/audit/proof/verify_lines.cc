#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/merkle/proof.h"
#include "services/audit/proof/event_check.h"
#include "services/audit/proof/export_format.h"
#include "services/audit/proof/leaf_json.h"
#include "services/audit/proof/line_reader.h"
#include "services/audit/proof/strict_json.h"
#include "services/audit/proof/verification.h"

namespace clinicd::audit {
namespace {

// Snapshots are in the lines.
constexpr std::size_t kLineBytesMax = 16 * 1024 * 1024;
constexpr const char* kEndMember = "clinicd_audit_export_end";

class LinesVerification final {
 public:
  LinesVerification(cbor::ByteSource source, const Trust& trust, ReceiptCheck* receipts)
      : lines_(std::move(source), kLineBytesMax), trust_(trust), receipts_(receipts) {}

  absl::StatusOr<Report> Run() {
    CLINICD_ASSIGN_OR_RETURN(report_.finding, Read());
    return report_;
  }

 private:
  using Step = absl::StatusOr<std::optional<Finding>>;

  // The next line's object. An error of the source is an error, a broken file is a finding.
  struct Line {
    std::optional<Finding> finding;
    nlohmann::json object;
  };
  absl::StatusOr<Line> Next();

  Step Read();
  std::optional<Finding> ReadHead(const nlohmann::json& line);
  std::optional<Finding> CheckHead(const Consistency& consistency);
  std::optional<Finding> CheckSince(const std::optional<std::vector<merkle::Hash>>& proof) const;
  std::optional<Finding> ReadEvent(const nlohmann::json& line);
  std::optional<Finding> ReadEnd(const nlohmann::json& line);
  Finding Malformed(std::string_view what) const;

  LineReader lines_;
  const Trust& trust_;
  ReceiptCheck* const receipts_;
  OpenedCheckpoint opened_;
  std::optional<EventCheck> events_;
  std::uint64_t line_ = 0;
  // The least that the next event may have.
  std::uint64_t next_index_ = 0;
  Report report_;
};

Finding LinesVerification::Malformed(std::string_view what) const {
  return Tampered("format", absl::StrCat("line ", line_, " is not ", ToAbsl(what)));
}

absl::StatusOr<LinesVerification::Line> LinesVerification::Next() {
  const absl::StatusOr<std::optional<std::string_view>> line = lines_.Next();
  ++line_;
  if ((line.ok() && !*line) || line.status().code() == absl::StatusCode::kOutOfRange) {
    return Line{.finding = Incomplete("end", absl::StrCat("the export breaks off at line ", line_)),
                .object = {}};
  }
  if (!line.ok() && line.status().code() != absl::StatusCode::kInvalidArgument) {
    return line.status();
  }
  std::optional<nlohmann::json> object = line.ok() ? ParseStrictObject(**line) : std::nullopt;
  if (!object) return Line{.finding = Malformed("a JSON object"), .object = {}};
  return Line{.finding = std::nullopt, .object = *std::move(object)};
}

LinesVerification::Step LinesVerification::Read() {
  CLINICD_ASSIGN_OR_RETURN(Line line, Next());
  if (line.finding) return line.finding;
  if (auto finding = ReadHead(line.object)) return finding;
  while (true) {
    CLINICD_ASSIGN_OR_RETURN(line, Next());
    if (line.finding) return line.finding;
    if (line.object.contains(kEndMember)) break;
    if (auto finding = ReadEvent(line.object)) return finding;
    ++report_.events;
  }
  const auto after = lines_.Next();
  const bool is_broken = after.status().code() == absl::StatusCode::kOutOfRange ||
                         after.status().code() == absl::StatusCode::kInvalidArgument;
  if (!after.ok() && !is_broken) return after.status();
  if (is_broken || *after) return Tampered("trailing", "something follows the end of the export");
  return ReadEnd(line.object);
}

std::optional<Finding> LinesVerification::ReadHead(const nlohmann::json& line) {
  MemberReader members(line);
  const std::int64_t version = members.Int("clinicd_audit_export");
  const nlohmann::json& checkpoint = members.Any("checkpoint");
  Consistency consistency;
  if (members.Has("consistency")) consistency.clinic = members.Proof("consistency");
  if (members.Has("meta_consistency")) consistency.meta = members.Proof("meta_consistency");
  if (!members.ok() || version != kExportVersion) {
    return Malformed("the beginning of an export of an audit log");
  }
  absl::StatusOr<ClinicCheckpoint> parsed = ClinicCheckpointFromJson(checkpoint);
  if (!parsed.ok()) return Tampered("checkpoint", "the export's checkpoint is not one");
  opened_.clinic = *std::move(parsed);
  return CheckHead(consistency);
}

std::optional<Finding> LinesVerification::CheckHead(const Consistency& consistency) {
  report_.clinic_id = opened_.clinic.clinic_id;
  report_.tree_size = opened_.clinic.tree_size;
  events_.emplace(opened_.clinic.clinic_id);
  if (auto finding = trust_.CheckClinic(opened_.clinic.clinic_id)) return finding;
  Opening opening = trust_.Open(opened_.clinic);
  if (opening.finding) return opening.finding;
  opened_.meta = std::move(opening.meta);
  report_.witnessed = opened_.meta.witnessed;
  if (auto finding = trust_.CheckLength(opened_)) return finding;
  if (auto finding = CheckSince(consistency.clinic)) return finding;
  return trust_.CheckMeta(opened_, consistency.meta);
}

std::optional<Finding> LinesVerification::CheckSince(
    const std::optional<std::vector<merkle::Hash>>& proof) const {
  const ClinicCheckpoint& now = opened_.clinic;
  if (trust_.since() && trust_.since()->clinic.tree_size < now.tree_size) {
    const ClinicCheckpoint& since = trust_.since()->clinic;
    const bool is_empty = since.tree_size == 0 && since.root == merkle::EmptyRoot();
    if (!proof && !is_empty) {
      return Incomplete(
          "since", absl::StrCat("the export does not prove that the log goes on from ", "size ",
                                since.tree_size));
    }
    if (!is_empty && !merkle::ConsistencyHolds(since.tree_size, merkle::AsView(since.root),
                                               now.tree_size, merkle::AsView(now.root), *proof)) {
      return Tampered("since", "the log does not go on from the known checkpoint");
    }
  }
  if (trust_.head() && trust_.head()->clinic.tree_size < now.tree_size) {
    return Incomplete("head", "an export of some events cannot show what it was before its end");
  }
  return std::nullopt;
}

std::optional<Finding> LinesVerification::ReadEvent(const nlohmann::json& line) {
  MemberReader members(line);
  const std::uint64_t index = members.Size("leaf_index");
  const nlohmann::json& readable = members.Any("leaf");
  const std::vector<merkle::Hash> proof = members.Proof("proof");
  for (const char* const snapshot : {"before", "after"}) {
    if (members.Has(snapshot)) members.Any(snapshot);
  }
  if (members.Has("before") || members.Has("after")) ++report_.unproven_snapshots;
  if (!members.ok()) return Malformed("an event with its proof");
  const auto at_event = [index](std::string_view check, std::string_view message) {
    Finding finding = Tampered(check, message);
    finding.index = index;
    return finding;
  };
  if (index < next_index_) return at_event("order", "the event stands before this one in the log");
  next_index_ = index + 1;
  const std::optional<Leaf> leaf = LeafFromJson(readable);
  if (!leaf) return at_event("leaf", "not an event");
  const LeafOutline outline{
      .clinic_id = leaf->clinic_id, .id = leaf->id, .recorded_at = leaf->recorded_at};
  if (auto finding = events_->Check(index, outline)) return finding;
  const merkle::Hash hash = merkle::HashLeaf(EncodeLeaf(*leaf));
  if (!merkle::InclusionHolds(index, opened_.clinic.tree_size, hash, proof,
                              merkle::AsView(opened_.clinic.root))) {
    return at_event("inclusion", "the log does not have this event here");
  }
  if (receipts_ != nullptr) receipts_->See(leaf->id, hash);
  return std::nullopt;
}

std::optional<Finding> LinesVerification::ReadEnd(const nlohmann::json& line) {
  MemberReader members(line);
  const std::uint64_t count = members.Size(kEndMember);
  if (!members.ok()) return Malformed("the end of an export");
  if (report_.events < count) {
    return Incomplete(
        "count", absl::StrCat("there were ", count, " events, and ", report_.events, " are left"));
  }
  if (report_.events > count) {
    return Tampered(
        "count", absl::StrCat("there were ", count, " events, and now there are ", report_.events));
  }
  report_.alive_at = std::max(events_->recorded_at(), opened_.meta.witnessed_at);
  return trust_.CheckAge(report_.alive_at);
}

}  // namespace

absl::StatusOr<Report> VerifyLines(cbor::ByteSource source, const Trust& trust,
                                   ReceiptCheck* receipts) {
  return LinesVerification(std::move(source), trust, receipts).Run();
}

}  // namespace clinicd::audit
