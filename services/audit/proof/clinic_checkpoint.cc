#include "services/audit/proof/clinic_checkpoint.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/base64.h"
#include "services/audit/proof/strict_json.h"

namespace clinicd::audit {

std::string FormatClinicCheckpoint(const ClinicCheckpoint& checkpoint) {
  const nlohmann::ordered_json json{
      {"clinicId", checkpoint.clinic_id.ToString()},
      {"treeSize", absl::StrCat(checkpoint.tree_size)},
      {"rootHash", crypto::Base64Encode(merkle::AsView(checkpoint.root))},
      {"metaIndex", absl::StrCat(checkpoint.meta_index)},
      {"metaProof", ProofToJson(checkpoint.meta_proof)},
      {"note", checkpoint.note}};
  return json.dump();
}

absl::StatusOr<ClinicCheckpoint> ParseClinicCheckpoint(std::string_view text) {
  const std::optional<nlohmann::json> json = ParseStrictObject(text);
  if (!json) return absl::InvalidArgumentError("a clinic's checkpoint is a JSON object");
  return ClinicCheckpointFromJson(*json);
}

absl::StatusOr<ClinicCheckpoint> ClinicCheckpointFromJson(const nlohmann::json& json) {
  MemberReader members(json);
  // What is zero or empty is left out of proto3 JSON.
  ClinicCheckpoint checkpoint{.clinic_id = ClinicId(members.Id("clinicId")),
                              .tree_size = members.Size("treeSize", /*optional=*/true),
                              .root = members.Base64Hash("rootHash"),
                              .meta_index = members.Size("metaIndex", /*optional=*/true),
                              .meta_proof = members.Proof("metaProof", /*optional=*/true),
                              .note = members.Text("note")};
  if (!members.ok()) return absl::InvalidArgumentError("not a clinic's checkpoint");
  return checkpoint;
}

}  // namespace clinicd::audit
