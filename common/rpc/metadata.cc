#include "common/rpc/metadata.h"

#include <algorithm>
#include <string>

namespace clinicd::rpc {
namespace {

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

bool IsLegalMetadata(std::string_view key, std::string_view value) {
  if (key.empty() || !std::all_of(key.begin(), key.end(), IsKeyCharacter)) return false;
  if (key.substr(0, 5) == "grpc-") return false;
  if (EndsWith(key, "-bin")) return true;
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

bool AddTrailingMetadata(grpc::ServerContextBase& context, std::string_view key,
                         std::string_view value) {
  if (!IsLegalMetadata(key, value)) return false;
  context.AddTrailingMetadata(std::string(key), std::string(value));
  return true;
}

}  // namespace clinicd::rpc
