// The two forms in which events leave the server with their proof; README.md describes them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/uuid.h"
#include "common/merkle/frontier.h"
#include "services/audit/proof/clinic_checkpoint.h"
#include "services/audit/proof/leaf.h"

namespace clinicd::audit {

inline constexpr std::string_view kExportKind = "clinicd-audit-export";
inline constexpr std::string_view kExportEnd = "end";
inline constexpr std::int64_t kExportVersion = 1;

// All events from some index on, as a CBOR sequence: ExportHead(), then for each event EncodeLeaf()
// of it or RedactedEvent(), in the order of the log, then ExportEnd().
//
// `before` is the log before the first event.
std::string ExportHead(const ClinicId& clinic, const merkle::Frontier& before);
// An event that was purged: what is left is the hash of its leaf.
std::string RedactedEvent(const merkle::Hash& leaf);
// `meta_consistency` proves that the log of all clinics goes on from an older checkpoint of whoever
// asked.
std::string ExportEnd(const ClinicCheckpoint& checkpoint,
                      const std::optional<std::vector<merkle::Hash>>& meta_consistency);

// Proofs of consistency with an older checkpoint, where somebody asked for them.
struct Consistency {
  std::optional<std::vector<merkle::Hash>> clinic;
  std::optional<std::vector<merkle::Hash>> meta;
};

// Some events, as JSON Lines: LinesHead(), then EventLine() for each in the order of the log, then
// LinesEnd(). Each ends with a newline.
std::string LinesHead(const ClinicCheckpoint& checkpoint, const Consistency& consistency);
// What whoever may read an event may see besides: decrypted snapshots, which the proof does not
// cover.
struct Snapshots {
  std::optional<nlohmann::ordered_json> before;
  std::optional<nlohmann::ordered_json> after;
};
std::string EventLine(std::uint64_t index, const Leaf& leaf, const std::vector<merkle::Hash>& proof,
                      const Snapshots& snapshots);
// `events` is how many there were.
std::string LinesEnd(std::uint64_t events);

}  // namespace clinicd::audit
