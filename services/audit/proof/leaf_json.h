// A leaf for reading: the same fields, by their names.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "services/audit/proof/leaf.h"

namespace clinicd::audit {

// Ids and hashes as text (UUID, hexadecimal), instants as RFC 3339 in UTC with six digits, whatever
// is absent as null. Instants outside the years 1 to 9999 cannot be written so; the log has none.
nlohmann::ordered_json LeafToJson(const Leaf& leaf);

// Reads only what LeafToJson() writes, the members in any order: two objects that differ in a value
// are different leaves.
std::optional<Leaf> LeafFromJson(const nlohmann::json& json);

}  // namespace clinicd::audit
