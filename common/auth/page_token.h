// Page tokens: where the next page of a list starts, closed to the client that carries them.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "clinicd/type/v1/page.pb.h"
#include "common/base/random.h"
#include "common/base/uuid.h"
#include "common/crypto/sealed_box.h"

namespace clinicd::auth {

// INVALID_ARGUMENT (PAGE_TOKEN_INVALID).
absl::Status PageTokenInvalid();

// What a page token is good for: one clinic, one method, one filter.
class PageBinding final {
 public:
  // `method` is the full name, for example "clinicd.patients.v1.PatientService.ListPatients".
  // `request` is the list request: all of its fields but page_size and page_token are the filter.
  PageBinding(ClinicId clinic, std::string_view method, const google::protobuf::Message& request);

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Makes and reads page tokens. A token is sealed, not only signed, because the sort keys in it are
// names of patients and tokens end up in logs and browser histories. Thread-safe.
class PageTokenCodec final {
 public:
  PageTokenCodec(const crypto::SealingKeys& keys, Random& random) : keys_(keys), random_(random) {}

  // INTERNAL_DEFECT if the cursor is too long for a token.
  absl::StatusOr<std::string> Encode(const type::v1::PageCursor& cursor,
                                     const PageBinding& binding) const;

  // INVALID_ARGUMENT (PAGE_TOKEN_INVALID) unless Encode() made `token` with the same binding.
  absl::StatusOr<type::v1::PageCursor> Decode(std::string_view token,
                                              const PageBinding& binding) const;

 private:
  const crypto::SealingKeys& keys_;
  Random& random_;
};

}  // namespace clinicd::auth
