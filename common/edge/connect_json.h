// Messages as JSON, with the types that are linked into this program.
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace clinicd::edge {

// The message that `json` writes down, serialized. INVALID_ARGUMENT: VALIDATION_FAILED names a
// field that the type does not have or whose value does not fit; MESSAGE_MALFORMED for other text.
absl::StatusOr<std::string> BytesOfJson(const google::protobuf::Descriptor& type,
                                        std::string_view json);

// The JSON of a serialized message; nullopt if it is none.
std::optional<std::string> JsonOfBytes(const google::protobuf::Descriptor& type,
                                       const std::string& bytes);

}  // namespace clinicd::edge
