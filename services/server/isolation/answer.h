// What a call gives back, down to the last byte that a client can see.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace clinicd::isolation {

struct Answer {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string message;
  // google.rpc.Status, serialized.
  std::string details;
  // Initial and trailing metadata.
  std::multimap<std::string, std::string> metadata;
  // The response message, serialized.
  std::string response;

  bool ok() const { return code == grpc::StatusCode::OK; }
  // Everything in one text, to look for words in.
  std::string Everything() const;
};

// Calls methods by name over one connection of its own. Thread-safe.
class RawClient final {
 public:
  explicit RawClient(const std::shared_ptr<grpc::Channel>& channel) : stub_(channel) {}

  // Calls and waits; a stream is ended after its first message. An empty token is not sent. Calls
  // that the server could not take for lack of knowledge about rights (UNAVAILABLE; a busy test
  // machine) are made again.
  Answer Call(const google::protobuf::MethodDescriptor& method, const std::string& token,
              const google::protobuf::Message& request);

 private:
  Answer CallOnce(const google::protobuf::MethodDescriptor& method, const std::string& token,
                  grpc::ByteBuffer& request);

  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub_;
};

// What a caller put into a request.
struct Sent {
  // In the place of the thing that must not be told from another.
  std::vector<std::string> foreign = {};
  // Of their own, where it is different in each request.
  std::vector<std::string> own = {};
};

// The answer in a form that is the same for two things that the caller must not be able to tell
// apart: what the caller sent becomes fixed words; ids and instants of rows that the call itself
// made are left out.
std::string Comparable(const Answer& answer, const google::protobuf::Descriptor& response,
                       const Sent& sent);

// Calls `visit` with each UUID in 36-character form in `text`.
void ForEachUuid(std::string_view text, const std::function<void(std::string_view uuid)>& visit);

}  // namespace clinicd::isolation
