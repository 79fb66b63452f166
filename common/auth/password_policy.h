// Which passwords are good enough.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "common/crypto/secret.h"

namespace clinicd::auth {

// In code points.
inline constexpr std::size_t kPasswordLengthMin = 12;
// In bytes.
inline constexpr std::size_t kPasswordSizeMax = 256;

// What a password must not be made of, and where it came from.
struct PasswordContext {
  // Path of the request's field, for the error.
  std::string_view field;
  std::string_view email;
  std::string_view clinic_slug;
};

// INVALID_ARGUMENT (PASSWORD_UNACCEPTABLE) with a violation for every reason, if the password
//  * has fewer than 12 code points or more than 256 bytes,
//  * is a common word, two of them, or one repeated, also under digits, signs and look-alikes,
//  * is one short run or pattern,
//  * is the e-mail's local part, the clinic's slug or a variant of them.
// No kind of letter is required: length does more. Thread-safe.
absl::Status CheckPasswordPolicy(std::string_view password, const PasswordContext& context);

// The form of a password that is hashed: Unicode normalization form C, so that keyboards that
// compose accented letters differently give the same password.
crypto::SecretBytes NormalizedPassword(std::string_view password);

}  // namespace clinicd::auth
