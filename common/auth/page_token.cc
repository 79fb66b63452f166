#include "common/auth/page_token.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <memory>
#include <optional>

#include "common/crypto/base64url.h"
#include "common/crypto/digest.h"
#include "common/status/error.h"

namespace clinicd::auth {
namespace {

constexpr std::size_t kTokenSizeMax = 2048;

// The request without its paging fields, in the one byte string that equal requests share.
std::string FilterBytes(const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> filter(request.New());
  filter->CopyFrom(request);
  for (const char* name : {"page_size", "page_token"}) {
    const auto* field = filter->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) filter->GetReflection()->ClearField(filter.get(), field);
  }
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    filter->SerializePartialToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace

absl::Status PageTokenInvalid() {
  return status::Error(absl::StatusCode::kInvalidArgument, status::ErrorReason::PAGE_TOKEN_INVALID,
                       "The page token does not belong to this list; start without a token.")
      .Field("page_token", "must be a next_page_token of the same list with the same filter");
}

PageBinding::PageBinding(ClinicId clinic, std::string_view method,
                         const google::protobuf::Message& request) {
  const Uuid::Bytes& id = clinic.uuid().bytes();
  const crypto::Sha256Digest filter = crypto::Sha256(FilterBytes(request));
  bytes_ = crypto::JoinParts({"page",
                              {reinterpret_cast<const char*>(id.data()), id.size()},
                              method,
                              crypto::AsView(filter)});
}

absl::StatusOr<std::string> PageTokenCodec::Encode(const type::v1::PageCursor& cursor,
                                                   const PageBinding& binding) const {
  const absl::StatusOr<std::string> sealed =
      keys_.Seal(cursor.SerializeAsString(), binding.bytes(), random_);
  if (!sealed.ok()) return status::Defect("a page token could not be sealed");
  std::string token = crypto::Base64UrlEncode(*sealed);
  if (token.size() > kTokenSizeMax) return status::Defect("a page cursor is too long");
  return token;
}

absl::StatusOr<type::v1::PageCursor> PageTokenCodec::Decode(std::string_view token,
                                                            const PageBinding& binding) const {
  if (token.size() > kTokenSizeMax) return PageTokenInvalid();
  const std::optional<std::string> sealed = crypto::Base64UrlDecode(token);
  if (!sealed) return PageTokenInvalid();
  const absl::StatusOr<std::string> plaintext = keys_.Open(*sealed, binding.bytes());
  type::v1::PageCursor cursor;
  if (!plaintext.ok() || !cursor.ParseFromString(*plaintext)) return PageTokenInvalid();
  return cursor;
}

}  // namespace clinicd::auth
