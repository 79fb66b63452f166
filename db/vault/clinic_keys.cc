#include "db/vault/clinic_keys.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/base/try.h"

namespace clinicd::db {
namespace {

using crypto::PuncturableKey;
using crypto::SecretBytes;

constexpr std::size_t kNumberSize = 8;

void PutNumber(std::uint64_t number, std::span<std::uint8_t>& out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.front() = static_cast<std::uint8_t>(number >> shift);
    out = out.subspan(1);
  }
}

void PutBytes(std::string_view bytes, std::span<std::uint8_t>& out) {
  std::copy(bytes.begin(), bytes.end(), out.begin());
  out = out.subspan(bytes.size());
}

std::optional<std::uint64_t> TakeNumber(std::string_view& bytes) {
  if (bytes.size() < kNumberSize) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : bytes.substr(0, kNumberSize)) {
    number = number << 8 | static_cast<std::uint8_t>(c);
  }
  bytes.remove_prefix(kNumberSize);
  return number;
}

PuncturableKey FreshKey(Random& random) {
  SecretBytes seed(PuncturableKey::kSeedSize);
  random.Fill(seed.mutable_span());
  return *PuncturableKey::FromSeed(std::move(seed));
}

absl::Status Damaged() { return absl::DataLossError("these are no keys of a clinic"); }

}  // namespace

ClinicKeys ClinicKeys::Make(Random& random, absl::Time now) {
  std::vector<ClinicKeyVersion> versions;
  versions.push_back({.number = 1, .made_at = now, .key = FreshKey(random)});
  return ClinicKeys(std::move(versions));
}

const ClinicKeyVersion* ClinicKeys::Find(std::int32_t number) const {
  const auto version =
      std::find_if(versions_.begin(), versions_.end(),
                   [number](const ClinicKeyVersion& kept) { return kept.number == number; });
  return version == versions_.end() ? nullptr : &*version;
}

void ClinicKeys::Shred(const Uuid& subject) {
  for (ClinicKeyVersion& version : versions_) version.key.Puncture(subject.bytes());
}

void ClinicKeys::AddVersion(Random& random, absl::Time now) {
  PuncturableKey key = FreshKey(random);
  for (const PuncturableKey::Point& shredded : newest().key.PuncturedPoints()) {
    key.Puncture(shredded);
  }
  const std::int32_t number = newest().number + 1;
  versions_.push_back({.number = number, .made_at = now, .key = std::move(key)});
}

int ClinicKeys::DropOlder() {
  const auto older = static_cast<int>(versions_.size()) - 1;
  versions_.erase(versions_.begin(), std::prev(versions_.end()));
  return older;
}

// Number of versions, then for each: number, microseconds since the epoch, size of the key, key.
// All numbers are of 8 bytes, big-endian.
SecretBytes ClinicKeys::Serialize() const {
  std::vector<SecretBytes> keys;
  std::size_t size = kNumberSize;
  for (const ClinicKeyVersion& version : versions_) {
    keys.push_back(version.key.Serialize());
    size += 3 * kNumberSize + keys.back().size();
  }
  SecretBytes bytes(size);
  std::span<std::uint8_t> out = bytes.mutable_span();
  PutNumber(versions_.size(), out);
  for (std::size_t i = 0; i < versions_.size(); ++i) {
    PutNumber(static_cast<std::uint64_t>(versions_[i].number), out);
    PutNumber(static_cast<std::uint64_t>(absl::ToUnixMicros(versions_[i].made_at)), out);
    PutNumber(keys[i].size(), out);
    PutBytes(keys[i].view(), out);
  }
  return bytes;
}

absl::StatusOr<ClinicKeys> ClinicKeys::Parse(std::string_view bytes) {
  constexpr std::uint64_t kNumberMax = 1'000'000;
  std::optional<std::uint64_t> left = TakeNumber(bytes);
  if (!left || *left == 0) return Damaged();
  std::vector<ClinicKeyVersion> versions;
  for (; *left > 0; --*left) {
    const auto number = TakeNumber(bytes);
    const auto made_at = TakeNumber(bytes);
    const auto size = TakeNumber(bytes);
    const std::uint64_t before =
        versions.empty() ? 0 : static_cast<std::uint64_t>(versions.back().number);
    if (!number || !made_at || !size || *number <= before || *number > kNumberMax ||
        *size > bytes.size()) {
      return Damaged();
    }
    CLINICD_ASSIGN_OR_RETURN(PuncturableKey key, PuncturableKey::Parse(bytes.substr(0, *size)));
    bytes.remove_prefix(*size);
    versions.push_back({.number = static_cast<std::int32_t>(*number),
                        .made_at = absl::FromUnixMicros(static_cast<std::int64_t>(*made_at)),
                        .key = std::move(key)});
  }
  if (!bytes.empty()) return Damaged();
  return ClinicKeys(std::move(versions));
}

}  // namespace clinicd::db
