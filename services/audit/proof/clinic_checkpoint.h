// What a client keeps of a clinic's log: its head, and the proof that the head is in the log of all
// clinics, which is the one that is signed.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/merkle/hash.h"

namespace clinicd::audit {

struct ClinicCheckpoint {
  ClinicId clinic_id;
  std::uint64_t tree_size = 0;
  merkle::Hash root{};
  // Where the clinic's head is in the log of all clinics, and its path there in the tree that
  // `note` signs.
  std::uint64_t meta_index = 0;
  std::vector<merkle::Hash> meta_proof;
  std::string note;

  friend bool operator==(const ClinicCheckpoint&, const ClinicCheckpoint&) = default;
};

// As clinicd.audit.v1.Checkpoint has it in proto3 JSON, on one line.
std::string FormatClinicCheckpoint(const ClinicCheckpoint& checkpoint);

// Reads that JSON, with any whitespace. INVALID_ARGUMENT for other members, members given twice,
// sizes that no tree has, and text forms of ids, numbers and hashes that are not the usual one.
absl::StatusOr<ClinicCheckpoint> ParseClinicCheckpoint(std::string_view json);
// The same of JSON that was parsed already, by ParseStrictObject().
absl::StatusOr<ClinicCheckpoint> ClinicCheckpointFromJson(const nlohmann::json& json);

}  // namespace clinicd::audit
