#include "db/migrate/migration.h"

#include <openssl/sha.h>

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/text.h"
#include "db/migrate/embedded_sql.h"

namespace clinicd::db {
namespace {

constexpr char kNoTransaction[] = "-- clinicd: no transaction\n";

std::string Checksum(std::string_view content) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data());
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace

std::string Migration::HeaderPart(std::string_view part) const {
  const std::string start = absl::StrCat("-- ", std::string(part), ":");
  std::string found;
  bool inside = false;
  for (const absl::string_view line : absl::StrSplit(sql, '\n')) {
    if (!absl::StartsWith(line, "--")) break;
    if (absl::StartsWith(line, start)) {
      inside = true;
      found = std::string(absl::StripAsciiWhitespace(line.substr(start.size())));
    } else if (inside && absl::StartsWith(line, "--  ")) {
      // The header goes on, indented, where a part needs several lines.
      absl::StrAppend(&found, " ", absl::StripAsciiWhitespace(line.substr(2)));
    } else {
      inside = false;
    }
  }
  return found;
}

absl::StatusOr<Migration> ParseMigration(std::string_view name, std::string_view content) {
  Migration migration{.name = std::string(name),
                      .sql = std::string(content),
                      .checksum = Checksum(content),
                      .in_transaction = !absl::StartsWith(ToAbsl(content), kNoTransaction)};
  if (name.size() < 10 || name[4] != '_' || !name.ends_with(".sql") ||
      !absl::SimpleAtoi(ToAbsl(name.substr(0, 4)), &migration.version) || migration.version < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(migration.name, " is not named NNNN_verb_object.sql"));
  }
  return migration;
}

std::vector<Migration> EmbeddedMigrations() {
  std::vector<Migration> migrations;
  for (const EmbeddedFile& file : EmbeddedMigrationFiles()) {
    // The build refuses files that would not parse.
    migrations.push_back(ParseMigration(file.name, file.content).value());
  }
  return migrations;
}

}  // namespace clinicd::db
