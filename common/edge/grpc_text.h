// The small texts of the RPC protocols: time-outs, percent-encoded messages, media types.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace clinicd::edge {

// `grpc-timeout`: one to eight digits and a unit; nullopt for any other text.
std::optional<absl::Duration> ParseGrpcTimeout(std::string_view text);

// `connect-timeout-ms`: one to ten digits; nullopt for any other text.
std::optional<absl::Duration> ParseConnectTimeout(std::string_view text);

// `grpc-message`: everything outside of printable ASCII, '%', and a space at either end, where HTTP
// allows none, as %XX.
std::string PercentEncode(std::string_view text);

// What a content type says about a call.
enum class Protocol {
  kGrpc,
  kGrpcWeb,
  kGrpcWebText,
  kConnectProto,
  kConnectJson,
};

// The protocol of a content type, whatever its case and parameters; nullopt for those that are not
// spoken here.
std::optional<Protocol> ProtocolOf(std::string_view content_type);

// Of an answer: the gRPC-Web form that `accept` asks for, or `request` where it names none.
Protocol AnswerProtocol(Protocol request, std::string_view accept);

// The content type of answers.
std::string_view ContentTypeOf(Protocol protocol);

}  // namespace clinicd::edge
