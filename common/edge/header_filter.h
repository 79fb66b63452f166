// Between HTTP headers and gRPC metadata. gRPC ends the process on an illegal key or value, so that
// nothing passes from one to the other but through here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/edge/http.h"

namespace clinicd::edge {

inline constexpr std::size_t kMetadataValueBytesMax = 4 * 1024;
inline constexpr std::size_t kMetadataBytesMax = 8 * 1024;

// Chooses what of a request's headers the server hears. Immutable, thread-safe.
class HeaderFilter final {
 public:
  // Besides the usual names, `also` pass. Names that are reserved never do.
  explicit HeaderFilter(const std::vector<std::string>& also = {});

  // The metadata of a call: names as gRPC wants them, values of "-bin" names decoded. What is not
  // on the list or not legal is left out. nullopt if a listed value, or all of them, are too large.
  std::optional<Headers> ToMetadata(const Headers& headers) const;

 private:
  absl::flat_hash_set<std::string> allowed_;
};

// True for names that only the transport or the bridge may write: "content-length", "grpc-status",
// "x-clinicd-peer".
bool IsReservedName(std::string_view name);

// An entry of an answer's metadata as a header, the value of a "-bin" name encoded; nullopt for
// what must not or cannot be one.
std::optional<Header> ToHeader(std::string_view name, std::string_view value);

// `text` as one may write it into metadata: whatever is not printable ASCII becomes '?'.
std::string PrintableAscii(std::string_view text, std::size_t bytes_max);

}  // namespace clinicd::edge
