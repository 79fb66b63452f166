// What a message costs in memory, told before it is parsed: of two bytes on the wire a parser makes
// some hundred in memory, so that a limit of bytes is none of memory.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <optional>
#include <string_view>

namespace clinicd::edge {

// At least the bytes that a message of `type` takes once it is parsed from `wire`, fields that the
// type does not have included; nothing if no parser takes it. Stops counting beyond `enough`. Costs
// less than parsing and takes no memory.
std::optional<std::size_t> MessageWeight(const google::protobuf::Descriptor& type,
                                         std::string_view wire, std::size_t enough);

}  // namespace clinicd::edge
