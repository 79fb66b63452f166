#include "tests/audit/cases.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/base64.h"
#include "tests/support/bits.h"

namespace clinicd::audit {
namespace {

std::string RandomText(Random& random) {
  static const std::vector<std::string> kPieces{"",
                                                "a",
                                                "\"",
                                                "\\",
                                                "/",
                                                "\n",
                                                std::string(1, '\0'),
                                                "\x1b",
                                                "\x1f",
                                                "\x7f",
                                                "\xc3\xa9",
                                                "\xe2\x80\xa8",
                                                "\xf0\x9f\xa6\xb7",
                                                "user-agent/1",
                                                "dentist,",
                                                "<&>"};
  std::string text;
  for (std::uint64_t i = Below(random, 6); i > 0; --i) {
    text += kPieces[Below(random, kPieces.size())];
  }
  return text;
}

std::optional<Uuid> MaybeId(Random& random) {
  if (Below(random, 3) == 0) return std::nullopt;
  return TestUuid(7, random());
}

Leaf RandomLeaf(std::uint64_t index, Random& random) {
  Leaf leaf = TestLeaf(index);
  if (Below(random, 4) == 0) leaf.user_agent = RandomText(random);
  if (Below(random, 4) == 0) leaf.actor_id = MaybeId(random);
  if (Below(random, 4) == 0) leaf.acting_for = MaybeId(random);
  if (Below(random, 4) == 0) leaf.request_id = RandomText(random);
  if (Below(random, 4) == 0) leaf.entity_version = static_cast<std::int64_t>(random());
  if (Below(random, 30) == 0) leaf.recorded_at -= absl::Minutes(Below(random, 8));
  if (Below(random, 100) == 0) leaf.clinic_id = ClinicId(TestUuid(1, 7));
  return leaf;
}

// Where the items of a CBOR sequence or the lines of a file begin and end.
std::vector<std::string> PartsOf(const std::string& bytes) {
  std::vector<std::string> parts;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    std::size_t size = 0;
    if (bytes.starts_with('{')) {
      size = rest.find('\n') == std::string_view::npos ? rest.size() : rest.find('\n') + 1;
    } else {
      cbor::Reader reader(rest);
      const auto item = reader.Any();
      size = item ? item->size() : rest.size();
    }
    parts.emplace_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return parts;
}

std::string WithPartsBent(const std::string& bytes, const std::string& other, Random& random) {
  std::vector<std::string> parts = PartsOf(bytes);
  const std::vector<std::string> others = PartsOf(other);
  if (parts.empty() || others.empty()) return other;
  const auto at = [&](std::uint64_t i) { return parts.begin() + static_cast<std::ptrdiff_t>(i); };
  const std::uint64_t one = Below(random, parts.size());
  const std::uint64_t two = Below(random, parts.size());
  const std::string& loan = others[Below(random, others.size())];
  switch (Below(random, 6)) {
    case 0:
      parts.erase(at(one));
      break;
    case 1:
      parts.insert(at(one), std::string(parts[one]));
      break;
    case 2:
      std::swap(parts[one], parts[two]);
      break;
    case 3:
      parts[one] = loan;
      break;
    case 4:
      parts.insert(at(one), loan);
      break;
    default:
      parts.resize(one);
  }
  std::string bent;
  for (const std::string& part : parts) bent += part;
  return bent;
}

std::string WithBytesBent(std::string bytes, Random& random) {
  if (bytes.empty()) return "x";
  const std::size_t at = Below(random, bytes.size());
  const std::size_t count = 1 + Below(random, std::min<std::uint64_t>(40, bytes.size() - at));
  switch (Below(random, 5)) {
    case 0:
      return bytes.erase(at, count);
    case 1:
      return bytes.insert(at, bytes.substr(at, count));
    case 2:
      return bytes.insert(at, 1, static_cast<char>(random()));
    case 3:
      return bytes.substr(0, at);
    default:
      bytes[at] = static_cast<char>(random());
      return bytes;
  }
}

// Puts one token in another's place, where JSON is.
std::string WithTokenBent(std::string bytes, Random& random) {
  static const std::vector<std::string> kTokens{"-0",
                                                "0",
                                                "1",
                                                "01",
                                                "1.0",
                                                "1e0",
                                                "1e999",
                                                "-1",
                                                "9223372036854775807",
                                                "9223372036854775808",
                                                "18446744073709551616",
                                                "1234567890123456789012345678901234567890",
                                                "\"1\"",
                                                "\"01\"",
                                                "null",
                                                "true",
                                                "[]",
                                                "{}",
                                                "[null]",
                                                "\"\\ud800\"",
                                                "\"\\u001F\"",
                                                "NaN",
                                                "{\"a\":1,\"a\":1}",
                                                "\"\""};
  if (bytes.empty()) return "{}";
  std::size_t at = bytes.find(':', Below(random, bytes.size()));
  if (at == std::string::npos) return WithBytesBent(std::move(bytes), random);
  ++at;
  const std::size_t end = bytes.find_first_of(",}]", at);
  const std::string& token = kTokens[Below(random, kTokens.size())];
  return bytes.replace(at, end == std::string::npos ? end : end - at, token);
}

// The same events under a checkpoint that says something else.
std::string WithCheckpointBent(const std::string& bytes, Random& random) {
  const std::size_t at = bytes.rfind("{\"clinicId\"");
  const std::size_t end = bytes.rfind("\\n\"}");
  if (at == std::string::npos || end == std::string::npos || end < at) {
    return WithBytesBent(bytes, random);
  }
  auto checkpoint = ParseClinicCheckpoint(bytes.substr(at, end + 4 - at));
  if (!checkpoint.ok()) return WithBytesBent(bytes, random);
  const auto note = merkle::ParseNote(checkpoint->note);
  if (!note.ok() || !merkle::ParseTreeHead(note->text).ok()) return WithBytesBent(bytes, random);
  std::vector<merkle::Hash>& proof = checkpoint->meta_proof;
  switch (Below(random, 9)) {
    case 0:
      checkpoint->tree_size += 1;
      break;
    case 1:
      checkpoint->tree_size -= checkpoint->tree_size > 0 ? 1U : 0U;
      break;
    case 2:
      checkpoint->tree_size = Below(random, 2) == 0 ? 0 : merkle::kTreeSizeMax;
      break;
    case 3:
      checkpoint->root = proof.empty() ? merkle::EmptyRoot() : proof.front();
      break;
    case 4:
      checkpoint->meta_index = Below(random, 2) == 0 ? merkle::kTreeSizeMax : random() % 20;
      break;
    case 5:
      proof.resize(Below(random, 66), merkle::EmptyRoot());
      break;
    case 6:
      proof.insert(proof.begin(), checkpoint->root);
      break;
    case 7:
      checkpoint = TestLog::SignedByAnother(*checkpoint);
      break;
    default:
      checkpoint->clinic_id = ClinicId(TestUuid(1, 3));
  }
  const std::string said = FormatClinicCheckpoint(*checkpoint);
  if (bytes.starts_with('{')) return bytes.substr(0, at) + said + bytes.substr(end + 4);
  // The text's length stands in front of it.
  const std::size_t end_item = bytes.rfind(std::string(1, '\x83') + "cend");
  return bytes.substr(0, end_item) + ExportEnd(*checkpoint, std::nullopt);
}

std::optional<std::string> MaybeKnown(const std::vector<ClinicCheckpoint>& checkpoints,
                                      Random& random) {
  if (Below(random, 2) == 0) return std::nullopt;
  return FormatClinicCheckpoint(checkpoints[Below(random, checkpoints.size())]);
}

// Receipts of some events, of which some are as no event of the log was.
std::string RandomReceipts(const std::vector<Leaf>& leaves, Random& random) {
  std::string lines;
  for (std::uint64_t i = Below(random, 6); i > 0 && !leaves.empty(); --i) {
    Leaf leaf = leaves[Below(random, leaves.size())];
    if (Below(random, 12) == 0) leaf.outcome += "!";
    if (Below(random, 12) == 0) leaf.id = TestUuid(9, random());
    if (Below(random, 24) == 0) leaf.clinic_id = ClinicId(TestUuid(1, 2));
    lines += ReceiptLine(leaf);
  }
  return lines;
}

}  // namespace

std::string ReceiptLine(const Leaf& leaf) {
  const merkle::Hash hash = merkle::HashLeaf(EncodeLeaf(leaf));
  return absl::StrCat("{\"clinicId\":\"", leaf.clinic_id.ToString(), "\",\"eventId\":\"",
                      leaf.id.ToString(), "\",\"leafHash\":\"",
                      crypto::Base64Encode(merkle::AsView(hash)),
                      "\",\"recordTime\":\"2026-09-21T14:13:20Z\"}\n");
}

VerifyOptions Case::Options() const {
  VerifyOptions options = TestLog::Options(quorum);
  options.since = since;
  options.head = head;
  options.receipts = receipts;
  options.clinic = clinic;
  options.purged_below = purged_below;
  options.age_max = age_max;
  options.now = now;
  return options;
}

std::uint64_t Below(Random& random, std::uint64_t limit) { return random() % limit; }

RandomLog::RandomLog(Random& random) {
  std::uint64_t index = 0;
  for (std::uint64_t seals = 1 + Below(random, 3); seals > 0; --seals) {
    for (std::uint64_t events = Below(random, 12); events > 0; --events) {
      log_.Append(RandomLeaf(index++, random));
    }
    if (index > 0 && Below(random, 3) == 0) log_.Redact(Below(random, index));
    for (std::uint64_t others = Below(random, 4); others > 0; --others) log_.AppendStranger();
    checkpoints_.push_back(
        log_.Seal(Below(random, 3), TestLog::SealedAt() - absl::Minutes(Below(random, 60))));
  }
}

Case RandomLog::Export(Random& random) const {
  const ClinicCheckpoint& end =
      checkpoints_[Below(random, 4) == 0 ? Below(random, checkpoints_.size())
                                         : checkpoints_.size() - 1];
  Case made{.bytes = {},
            .since = MaybeKnown(checkpoints_, random),
            .head = {},
            .clinic = {},
            .receipts = {},
            .purged_below = merkle::kTreeSizeMax,
            .age_max = {}};
  std::optional<ClinicCheckpoint> since;
  if (made.since && Below(random, 8) != 0) since = *ParseClinicCheckpoint(*made.since);
  if (since && since->meta_index > end.meta_index) since.reset();
  if (Below(random, 2) == 0) {
    const std::uint64_t first = Below(random, 3) == 0 ? Below(random, end.tree_size + 1) : 0;
    made.bytes = log_.Sequence(end, first, since);
  } else {
    std::vector<std::uint64_t> indexes;
    for (std::uint64_t i = 0; i < end.tree_size; ++i) {
      if (Below(random, 3) == 0) indexes.push_back(i);
    }
    made.bytes = log_.Lines(end, indexes, since);
  }
  if (Below(random, 2) == 0) made.receipts = RandomReceipts(log_.leaves(), random);
  if (Below(random, 4) == 0) made.head = MaybeKnown(checkpoints_, random);
  made.quorum = Below(random, 3);
  if (Below(random, 4) == 0) made.clinic = ClinicId(TestUuid(1, 1 + Below(random, 4) / 3));
  if (Below(random, 3) == 0) made.purged_below = Below(random, 8);
  if (Below(random, 3) == 0) made.age_max = absl::Minutes(Below(random, 60));
  return made;
}

Case Bent(Case original, const Case& other, Random& random) {
  switch (Below(random, 9)) {
    case 0:
      if (original.bytes.empty()) break;
      original.bytes =
          merkle::WithBitFlipped(original.bytes, Below(random, original.bytes.size() * 8));
      break;
    case 1:
    case 2:
      original.bytes = WithPartsBent(original.bytes, other.bytes, random);
      break;
    case 3:
      original.bytes = WithBytesBent(std::move(original.bytes), random);
      break;
    case 4:
      original.bytes = WithTokenBent(std::move(original.bytes), random);
      break;
    case 5:
      original.bytes = WithCheckpointBent(original.bytes, random);
      break;
    case 6:
      if (Below(random, 2) == 0) {
        original.receipts = other.receipts;
      } else if (original.receipts) {
        original.receipts = WithTokenBent(WithBytesBent(*original.receipts, random), random);
      }
      break;
    case 7:
      original.since = other.since;
      original.head = other.head;
      break;
    default:
      if (original.since) original.since = WithBytesBent(*original.since, random);
      if (original.head) original.head = WithTokenBent(*original.head, random);
  }
  return original;
}

}  // namespace clinicd::audit
