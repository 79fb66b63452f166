#include "services/audit/proof/export_format.h"

#include "absl/strings/str_cat.h"
#include "common/cbor/writer.h"
#include "services/audit/proof/cbor_fields.h"
#include "services/audit/proof/leaf_json.h"
#include "services/audit/proof/strict_json.h"

namespace clinicd::audit {
namespace {

using nlohmann::ordered_json;

void PutHashes(cbor::Writer& writer, const std::vector<merkle::Hash>& hashes) {
  writer.Array(hashes.size());
  for (const merkle::Hash& hash : hashes) PutHash(writer, hash);
}

}  // namespace

std::string ExportHead(const ClinicId& clinic, const merkle::Frontier& before) {
  cbor::Writer writer;
  writer.Array(5);
  writer.Text(kExportKind);
  writer.Int(kExportVersion);
  PutUuid(writer, clinic.uuid());
  writer.Uint(before.size());
  PutHashes(writer, before.peaks());
  return writer.Take();
}

std::string RedactedEvent(const merkle::Hash& leaf) {
  cbor::Writer writer;
  PutHash(writer, leaf);
  return writer.Take();
}

std::string ExportEnd(const ClinicCheckpoint& checkpoint,
                      const std::optional<std::vector<merkle::Hash>>& meta_consistency) {
  cbor::Writer writer;
  writer.Array(3);
  writer.Text(kExportEnd);
  writer.Text(FormatClinicCheckpoint(checkpoint));
  PutOptional(writer, meta_consistency, PutHashes);
  return writer.Take();
}

std::string LinesHead(const ClinicCheckpoint& checkpoint, const Consistency& consistency) {
  ordered_json line{{"clinicd_audit_export", kExportVersion},
                    {"checkpoint", ordered_json::parse(FormatClinicCheckpoint(checkpoint))}};
  if (consistency.clinic) line["consistency"] = ProofToJson(*consistency.clinic);
  if (consistency.meta) line["meta_consistency"] = ProofToJson(*consistency.meta);
  return absl::StrCat(line.dump(), "\n");
}

std::string EventLine(std::uint64_t index, const Leaf& leaf, const std::vector<merkle::Hash>& proof,
                      const Snapshots& snapshots) {
  ordered_json line{
      {"leaf_index", index}, {"leaf", LeafToJson(leaf)}, {"proof", ProofToJson(proof)}};
  if (snapshots.before) line["before"] = *snapshots.before;
  if (snapshots.after) line["after"] = *snapshots.after;
  return absl::StrCat(line.dump(), "\n");
}

std::string LinesEnd(std::uint64_t events) {
  return absl::StrCat(ordered_json{{"clinicd_audit_export_end", events}}.dump(), "\n");
}

}  // namespace clinicd::audit
