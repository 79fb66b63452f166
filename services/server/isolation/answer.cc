#include "services/server/isolation/answer.h"

#include <google/protobuf/text_format.h>
#include <grpcpp/completion_queue.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/secret_fields.h"

namespace clinicd::isolation {
namespace {

namespace pb = google::protobuf;

constexpr absl::Duration kCallTimeout = absl::Seconds(60);
// How long an UNAVAILABLE server is asked again.
constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr std::size_t kUuidSize = 36;

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

void Add(const std::multimap<grpc::string_ref, grpc::string_ref>& from,
         std::multimap<std::string, std::string>& to) {
  for (const auto& [key, value] : from) {
    to.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
}

grpc::Status CallUnary(grpc::GenericStub& stub, grpc::ClientContext& context,
                       const std::string& path, grpc::ByteBuffer& request,
                       grpc::ByteBuffer& response) {
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context, path, {}, &request, &response, [&](grpc::Status result) {
    status = std::move(result);
    done.Notify();
  });
  done.WaitForNotification();
  return status;
}

// Waits for what was started on the queue last; whether it succeeded.
bool Await(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

// Reads the first message of a stream and ends it. OK if there was one.
grpc::Status ReadFirst(grpc::GenericStub& stub, grpc::ClientContext& context,
                       const std::string& path, const grpc::ByteBuffer& request,
                       grpc::ByteBuffer& response) {
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, path, &queue);
  call->StartCall(nullptr);
  bool ok = Await(queue);
  if (ok) {
    call->WriteLast(request, grpc::WriteOptions(), nullptr);
    ok = Await(queue);
  }
  if (ok) {
    call->Read(&response, nullptr);
    ok = Await(queue);
  }
  if (ok) context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  Await(queue);
  return ok ? grpc::Status::OK : status;
}

bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// Whether the first 36 characters of `text` are a UUID.
bool StartsWithUuid(std::string_view text) {
  for (std::size_t i = 0; i < kUuidSize; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsHex(text[i])) return false;
  }
  return true;
}

std::string WithoutUuids(const std::string& text) {
  std::string result = text;
  ForEachUuid(text, [&result](std::string_view uuid) {
    result = absl::StrReplaceAll(result, {{std::string(uuid), "(uuid)"}});
  });
  return result;
}

// Removes what says only when, and in what version, a row was made, and page and resume tokens,
// which differ because nobody may guess them.
void RemoveCircumstances(pb::Message& message) {
  const pb::Reflection& reflection = *message.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    const bool circumstance = field->name() == "etag" || absl::EndsWith(field->name(), "_token") ||
                              (field->message_type() != nullptr &&
                               field->message_type()->full_name() == "google.protobuf.Timestamp");
    if (circumstance) {
      reflection.ClearField(&message, field);
    } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map()) {
      const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        RemoveCircumstances(*(field->is_repeated()
                                  ? reflection.MutableRepeatedMessage(&message, field, i)
                                  : reflection.MutableMessage(&message, field)));
      }
    }
  }
}

std::string ReadableResponse(const std::string& serialized, const pb::Descriptor& type) {
  const std::unique_ptr<pb::Message> message(
      pb::MessageFactory::generated_factory()->GetPrototype(&type)->New());
  if (!message->ParseFromString(serialized)) return "not a response: " + serialized;
  rpc::ClearSecrets(*message);
  RemoveCircumstances(*message);
  std::string text;
  pb::TextFormat::PrintToString(*message, &text);
  return WithoutUuids(text);
}

}  // namespace

void ForEachUuid(std::string_view text, const std::function<void(std::string_view uuid)>& visit) {
  for (std::size_t i = 0; i + kUuidSize <= text.size(); ++i) {
    if (text[i + 8] != '-' || !StartsWithUuid(text.substr(i, kUuidSize))) continue;
    visit(text.substr(i, kUuidSize));
    i += kUuidSize - 1;
  }
}

std::string Answer::Everything() const {
  std::string text = absl::StrCat("code ", code, "\n", message, "\n", details, "\n");
  for (const auto& [key, value] : metadata) absl::StrAppend(&text, key, ": ", value, "\n");
  return absl::StrCat(text, response);
}

Answer RawClient::CallOnce(const pb::MethodDescriptor& method, const std::string& token,
                           grpc::ByteBuffer& request) {
  const std::string path = absl::StrCat("/", method.service()->full_name(), "/", method.name());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCallTimeout));
  if (!token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  grpc::ByteBuffer response;
  const grpc::Status status = method.server_streaming()
                                  ? ReadFirst(stub_, context, path, request, response)
                                  : CallUnary(stub_, context, path, request, response);
  Answer answer{.code = status.error_code(),
                .message = status.error_message(),
                .details = status.error_details(),
                .metadata = {},
                .response = BytesOf(response)};
  Add(context.GetServerInitialMetadata(), answer.metadata);
  Add(context.GetServerTrailingMetadata(), answer.metadata);
  return answer;
}

Answer RawClient::Call(const pb::MethodDescriptor& method, const std::string& token,
                       const pb::Message& request) {
  const grpc::Slice slice(request.SerializeAsString());
  grpc::ByteBuffer buffer(&slice, 1);
  const absl::Time give_up = absl::Now() + kPatience;
  while (true) {
    Answer answer = CallOnce(method, token, buffer);
    if (answer.code != grpc::StatusCode::UNAVAILABLE || absl::Now() > give_up) return answer;
  }
}

std::string Comparable(const Answer& answer, const pb::Descriptor& response, const Sent& sent) {
  Answer masked = answer;
  masked.response = answer.ok() ? ReadableResponse(answer.response, response) : answer.response;
  std::string text = masked.Everything();
  for (const std::string& value : sent.foreign) {
    if (!value.empty()) text = absl::StrReplaceAll(text, {{value, "(foreign)"}});
  }
  for (const std::string& value : sent.own) {
    if (!value.empty()) text = absl::StrReplaceAll(text, {{value, "(own)"}});
  }
  return text;
}

}  // namespace clinicd::isolation
