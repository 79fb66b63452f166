#include "common/edge/connect_json.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/edge/edge_errors.h"
#include "common/status/error.h"

namespace clinicd::edge {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

constexpr std::size_t kFieldBytesMax = 200;
// Elements and fields are set apart by commas, and a comma in a text costs nobody much.
constexpr std::ptrdiff_t kCommasMax = 10'000;
constexpr std::string_view kNoSuchField = ": Cannot find field.";

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

// What protobuf says is wrong, as an error that names the field. It writes "(path) name: Cannot
// find field." and "(path): invalid value ...", without the parentheses where the path is empty.
absl::Status ErrorOf(std::string_view complaint) {
  std::string_view path;
  if (complaint.starts_with('(')) {
    path = complaint.substr(1, complaint.find(')') - 1);
    complaint.remove_prefix(std::min(complaint.size(), path.size() + 2));
  }
  if (complaint.ends_with(kNoSuchField)) {
    complaint.remove_suffix(kNoSuchField.size());
    if (complaint.starts_with(' ')) complaint.remove_prefix(1);
    const std::string field =
        path.empty() ? std::string(complaint) : absl::StrCat(ToAbsl(path), ".", ToAbsl(complaint));
    return status::InvalidField(CleanedPrefix(field, kFieldBytesMax),
                                "must be a field of the request");
  }
  if (!path.empty()) {
    return status::InvalidField(CleanedPrefix(path, kFieldBytesMax),
                                "must be a value of the field's type");
  }
  return MessageMalformed("The request is not the JSON of a message.");
}

}  // namespace

absl::StatusOr<std::string> BytesOfJson(const Descriptor& type, std::string_view json) {
  if (std::ranges::count(json, ',') > kCommasMax) return MessageTooHeavy(json.size());
  const std::unique_ptr<Message> message = NewMessage(type);
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), message.get());
  if (!parsed.ok()) {
    const auto complaint = parsed.message();
    return ErrorOf({complaint.data(), complaint.size()});
  }
  return message->SerializeAsString();
}

std::optional<std::string> JsonOfBytes(const Descriptor& type, const std::string& bytes) {
  const std::unique_ptr<Message> message = NewMessage(type);
  std::string json;
  if (!message->ParseFromString(bytes) ||
      !google::protobuf::util::MessageToJsonString(*message, &json).ok()) {
    return std::nullopt;
  }
  return json;
}

}  // namespace clinicd::edge
