// One SQL statement of db/queries, embedded at build time.
#pragma once

#include <span>
#include <string_view>

namespace clinicd::db {

// How many rows a statement returns.
enum class Cardinality { kOne, kOptional, kMany, kCount };

struct Query {
  // "<area>/<verb_noun>", as in db/queries.
  std::string_view name;
  // With named parameters (":file_number"), without comments.
  std::string_view sql;
  Cardinality returns = Cardinality::kCount;
  // The parameters that callers bind, in the order of first use; never clinic_id.
  std::span<const std::string_view> parameters;
  // True where the header says @global: the statement does not name a clinic.
  bool global = false;
};

}  // namespace clinicd::db
