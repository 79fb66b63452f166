// One step of the schema.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace clinicd::db {

struct Migration {
  int version = 0;
  // The file's name, NNNN_verb_object.sql.
  std::string name;
  std::string sql;
  // SHA-256 of the file, in hexadecimal.
  std::string checksum;
  // False if the first line is "-- clinicd: no transaction".
  bool in_transaction = true;

  // A part of the header, such as "Purpose" or "Locks", on one line; empty if there is none.
  std::string HeaderPart(std::string_view part) const;
};

// A migration of a file's name and content. INVALID_ARGUMENT if the name is not
// NNNN_verb_object.sql.
absl::StatusOr<Migration> ParseMigration(std::string_view name, std::string_view content);

// The migrations of this program, by version from 1 without gaps.
std::vector<Migration> EmbeddedMigrations();

}  // namespace clinicd::db
