#include "services/audit/log/hash_text.h"

#include <optional>

namespace clinicd::audit {
namespace {

absl::Status NotHashes() {
  return absl::DataLossError("the log of audit events is damaged: a value is no hash");
}

}  // namespace

absl::StatusOr<std::vector<merkle::Hash>> HashesOf(const std::vector<std::string>& rows) {
  std::vector<merkle::Hash> hashes;
  hashes.reserve(rows.size());
  for (const std::string& row : rows) {
    const std::optional<merkle::Hash> hash = merkle::ToHash(row);
    if (!hash) return NotHashes();
    hashes.push_back(*hash);
  }
  return hashes;
}

absl::StatusOr<std::vector<merkle::Hash>> SplitHashes(std::string_view joined) {
  if (joined.size() % merkle::kHashSize != 0) return NotHashes();
  std::vector<merkle::Hash> hashes;
  hashes.reserve(joined.size() / merkle::kHashSize);
  for (; !joined.empty(); joined.remove_prefix(merkle::kHashSize)) {
    hashes.push_back(*merkle::ToHash(joined.substr(0, merkle::kHashSize)));
  }
  return hashes;
}

std::string JoinHashes(std::span<const merkle::Hash> hashes) {
  std::string joined;
  joined.reserve(hashes.size() * merkle::kHashSize);
  for (const merkle::Hash& hash : hashes) joined += merkle::AsView(hash);
  return joined;
}

}  // namespace clinicd::audit
