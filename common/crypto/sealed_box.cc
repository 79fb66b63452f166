#include "common/crypto/sealed_box.h"

#include <algorithm>
#include <utility>

#include "common/base/try.h"
#include "common/crypto/aes_gcm.h"

namespace clinicd::crypto {
namespace {

constexpr char kFormat = 1;
constexpr std::size_t kHeaderSize = 5;

std::string Header(std::uint32_t number) {
  std::string header(1, kFormat);
  for (int shift = 24; shift >= 0; shift -= 8) {
    header.push_back(static_cast<char>((number >> shift) & 0xff));
  }
  return header;
}

}  // namespace

absl::StatusOr<SealingKeys> SealingKeys::Create(std::vector<NumberedKey> keys) {
  std::sort(keys.begin(), keys.end(),
            [](const NumberedKey& a, const NumberedKey& b) { return a.number < b.number; });
  const auto twice = std::adjacent_find(
      keys.begin(), keys.end(),
      [](const NumberedKey& a, const NumberedKey& b) { return a.number == b.number; });
  const bool sized = std::all_of(keys.begin(), keys.end(), [](const NumberedKey& key) {
    return key.bytes.size() == kAesKeySize;
  });
  if (keys.empty() || twice != keys.end() || !sized) {
    return absl::InvalidArgumentError("sealing keys must be 32 bytes long and have own numbers");
  }
  return SealingKeys(std::move(keys));
}

absl::StatusOr<std::string> SealingKeys::Seal(std::string_view plaintext, std::string_view aad,
                                              Random& random) const {
  const NumberedKey& key = keys_.back();
  std::string sealed = Header(key.number);
  const std::string bound = sealed + std::string(aad);
  const std::string nonce = random.Bytes(kGcmNonceSize);
  CLINICD_ASSIGN_OR_RETURN(const std::string body,
                           AesGcmEncrypt(key.bytes.view(), nonce, bound, plaintext));
  sealed += nonce;
  sealed += body;
  return sealed;
}

absl::StatusOr<std::string> SealingKeys::Open(std::string_view sealed, std::string_view aad) const {
  if (sealed.size() < kHeaderSize + kGcmNonceSize + kGcmTagSize) {
    return absl::DataLossError("sealed text is too short");
  }
  const std::string_view header = sealed.substr(0, kHeaderSize);
  const auto key = std::find_if(keys_.begin(), keys_.end(), [header](const NumberedKey& candidate) {
    return Header(candidate.number) == header;
  });
  if (key == keys_.end()) return absl::DataLossError("sealed under a key that is not at hand");
  const std::string bound = std::string(header) + std::string(aad);
  return AesGcmDecrypt(key->bytes.view(), sealed.substr(kHeaderSize, kGcmNonceSize), bound,
                       sealed.substr(kHeaderSize + kGcmNonceSize));
}

bool SealingKeys::IsNewest(std::string_view sealed) const {
  return sealed.substr(0, kHeaderSize) == Header(newest_number());
}

}  // namespace clinicd::crypto
