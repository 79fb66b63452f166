#include "common/edge/connect_error.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "common/edge/base64.h"
#include "google/rpc/status.pb.h"

namespace clinicd::edge {
namespace {

using Json = nlohmann::ordered_json;

struct CodeRow {
  std::string_view name;
  int http_status;
};

constexpr int kOk = 200;
constexpr int kServerFault = 500;

// Indexed by code.
constexpr CodeRow kCodes[] = {
    {"ok", kOk},
    {"canceled", 499},
    {"unknown", kServerFault},
    {"invalid_argument", 400},
    {"deadline_exceeded", 504},
    {"not_found", 404},
    {"already_exists", 409},
    {"permission_denied", 403},
    {"resource_exhausted", 429},
    {"failed_precondition", 400},
    {"aborted", 409},
    {"out_of_range", 400},
    {"unimplemented", 501},
    {"internal", kServerFault},
    {"unavailable", 503},
    {"data_loss", kServerFault},
    {"unauthenticated", 401},
};

const CodeRow& RowOf(grpc::StatusCode code) {
  constexpr std::size_t kUnknown = grpc::UNKNOWN;
  const auto index = static_cast<std::size_t>(code);
  return kCodes[index < std::size(kCodes) ? index : kUnknown];
}

// "google.rpc.ErrorInfo" of "type.googleapis.com/google.rpc.ErrorInfo".
std::string TypeNameOf(const google::protobuf::Any& detail) {
  return detail.type_url().substr(detail.type_url().rfind('/') + 1);
}

// Null for a type that is not linked into this program.
Json Readable(const google::protobuf::Any& detail) {
  const google::protobuf::Descriptor* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(TypeNameOf(detail));
  if (type == nullptr) return nullptr;
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  std::string text;
  if (!message->ParseFromString(detail.value()) ||
      !google::protobuf::util::MessageToJsonString(*message, &text).ok()) {
    return nullptr;
  }
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json(nullptr) : json;
}

}  // namespace

std::string_view ConnectCode(grpc::StatusCode code) { return RowOf(code).name; }

int ConnectHttpStatus(grpc::StatusCode code) { return RowOf(code).http_status; }

std::string ConnectErrorJson(const grpc::Status& status) {
  Json error = {{"code", ConnectCode(status.error_code())}};
  if (!status.error_message().empty()) error["message"] = status.error_message();
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& detail : details.details()) {
      Json entry = {{"type", TypeNameOf(detail)},
                    {"value", Base64Encode(detail.value(), Padding::kNone)}};
      if (Json readable = Readable(detail); !readable.is_null()) {
        entry["debug"] = std::move(readable);
      }
      error["details"].push_back(std::move(entry));
    }
  }
  return error.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace clinicd::edge
