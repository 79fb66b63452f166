// Whoever holds the key above all others: a file, or a device that never gives it away.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/crypto/secret.h"

namespace clinicd::crypto {

// Wraps keys of 32 bytes under numbered master keys. Only keys are wrapped, never data, so that the
// work fits a PKCS#11 token, where the master key is an object that cannot be read. Implementations
// are thread-safe and may block (a device, a file).
class KeyWrapper {
 public:
  KeyWrapper() = default;
  KeyWrapper(const KeyWrapper&) = delete;
  KeyWrapper& operator=(const KeyWrapper&) = delete;
  virtual ~KeyWrapper() = default;

  // Wraps `key` under the newest master key there is at this moment, also when it was made by
  // another process a moment ago. `aad` is authenticated, not kept.
  virtual absl::StatusOr<std::string> Wrap(std::string_view key, std::string_view aad) = 0;

  // Undoes Wrap() with any master key there is. DATA_LOSS if `wrapped` does not open; other errors
  // say what is wrong with the master key, in words for the operator.
  virtual absl::StatusOr<SecretBytes> Unwrap(std::string_view wrapped, std::string_view aad) = 0;

  // Whether `wrapped` names the master key that Wrap() would use now.
  virtual absl::StatusOr<bool> IsNewest(std::string_view wrapped) = 0;

  // The number of the master key that Wrap() would use now.
  virtual absl::StatusOr<std::uint32_t> NewestNumber() = 0;
};

}  // namespace clinicd::crypto
