#include "tests/conformance/server/answer.h"

#include <chrono>
#include <map>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace clinicd::conformance {
namespace {

constexpr char kOwnMetadata[] = "x-conformance-";

// Several values of one name become one, as in HTTP. gRPC gives binary values decoded.
std::map<std::string, std::string> OwnMetadata(const grpc::CallbackServerContext& context) {
  std::map<std::string, std::string> metadata;
  for (const auto& [name, value] : context.client_metadata()) {
    if (!name.starts_with(kOwnMetadata)) continue;
    const std::string text(value.data(), value.size());
    const auto [entry, added] = metadata.emplace(std::string(name.data(), name.size()), text);
    if (!added) entry->second += ", " + text;
  }
  return metadata;
}

int DeadlineSeconds(const grpc::CallbackServerContext& context) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return 0;
  const auto left = deadline - std::chrono::system_clock::now();
  return static_cast<int>(std::chrono::round<std::chrono::seconds>(left).count());
}

}  // namespace

v1::AnswerResponse ResponseTo(const v1::AnswerRequest& request,
                              const grpc::CallbackServerContext& context, int requests) {
  v1::AnswerResponse response;
  response.set_text(request.text());
  response.set_payload(std::string(static_cast<std::size_t>(request.plan().message_bytes()), '\0'));
  response.set_received_bytes(static_cast<int>(request.payload().size()));
  response.set_requests(requests);
  for (const auto& [name, value] : OwnMetadata(context)) {
    v1::Metadatum& metadatum = *response.add_metadata();
    metadatum.set_name(name);
    metadatum.set_value(value);
  }
  response.set_deadline_seconds(DeadlineSeconds(context));
  return response;
}

void AddHeaders(const v1::Plan& plan, grpc::CallbackServerContext& context) {
  for (const v1::Metadatum& header : plan.headers()) {
    context.AddInitialMetadata(header.name(), header.value());
  }
}

grpc::Status EndOf(const v1::Plan& plan, grpc::CallbackServerContext& context) {
  for (const v1::Metadatum& trailer : plan.trailers()) {
    context.AddTrailingMetadata(trailer.name(), trailer.value());
  }
  if (plan.code() == 0) return grpc::Status::OK;
  if (plan.reasons().empty()) {
    return {static_cast<grpc::StatusCode>(plan.code()), plan.message()};
  }
  google::rpc::Status status;
  status.set_code(plan.code());
  status.set_message(plan.message());
  for (const std::string& reason : plan.reasons()) {
    google::rpc::ErrorInfo info;
    info.set_reason(reason);
    info.set_domain("conformance");
    status.add_details()->PackFrom(info);
  }
  return {static_cast<grpc::StatusCode>(plan.code()), plan.message(), status.SerializeAsString()};
}

}  // namespace clinicd::conformance
