// A front door before an echo server, and exchanges with it.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/base64.h"
#include "common/edge/frame.h"
#include "common/edge/front_door.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/support/edge/echo_server.h"
#include "tests/support/edge/fake_connection.h"

namespace clinicd::testing::edge {

using namespace clinicd::edge;

inline constexpr char kService[] = "/clinicd.testing.edge.EchoService/";
inline constexpr std::size_t kMessageMax = 1000;

class Exchange;

class Door final {
 public:
  explicit Door(std::vector<std::string> origins = {}, RouteTable routes = {})
      : bridge_(server_.Channel()),
        secret_(random_),
        rpc_{.bridge = bridge_,
             .filter = filter_,
             .secret = secret_,
             .clock = clock_,
             .request_bytes_max = kMessageMax},
        door_({.rpc = rpc_,
               .methods = EchoServer::Methods(),
               .cors_origins = std::move(origins),
               .files = kFiles,
               .security_contact = "mailto:security@clinic.example",
               .routes = std::move(routes)}) {}

  std::shared_ptr<RequestHandler> Route(const RequestHead& head) const {
    return door_.Route(head, {.address = "192.0.2.7:50123", .tls_version = ""});
  }
  FakeLoop& loop() { return *loop_; }
  const std::shared_ptr<FakeLoop>& shared_loop() { return loop_; }
  const EchoServer& server() const { return server_; }

 private:
  static constexpr StaticFile kFiles[] = {
      {.path = "/index.html", .content_type = "text/html", .hash = "abc", .bytes = "<p>clinicd"},
      {.path = "/app.12345678.js",
       .content_type = "text/javascript",
       .hash = "def",
       .immutable = true,
       .bytes = "run()"},
  };

  EchoServer server_;
  SystemClock clock_;
  SystemRandom random_;
  CallBridge bridge_;
  const HeaderFilter filter_;
  const rpc::EdgeSecret secret_;
  const RpcParts rpc_;
  const FrontDoor door_;
  const std::shared_ptr<FakeLoop> loop_ = std::make_shared<FakeLoop>();
};

inline RequestHead Head(std::string_view method, std::string_view target, Headers headers = {}) {
  return {.version = HttpVersion::kHttp2,
          .method = std::string(method),
          .target = std::string(target),
          .authority = "clinic.example",
          .headers = std::move(headers)};
}

inline RequestHead CallHead(std::string_view type, std::string_view rpc, Headers headers = {}) {
  headers.insert(headers.begin(), {"content-type", std::string(type)});
  return Head("POST", kService + std::string(rpc), std::move(headers));
}

// One request and its answer.
class Exchange final {
 public:
  Exchange(Door& door, const RequestHead& head)
      : door_(door), stream(door.shared_loop()), handler_(door.Route(head)) {
    handler_->Start(stream);
  }
  ~Exchange() {
    if (!closed_) Close();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Exchange& Body(std::string_view bytes) {
    handler_->OnBody(bytes);
    return *this;
  }
  Exchange& BodyEnd() {
    handler_->OnBodyEnd();
    return *this;
  }
  void Writable() { handler_->OnWritable(); }
  void Close() {
    closed_ = true;
    handler_->OnClosed(CloseReason::kReset);
    handler_.reset();
  }
  bool RunUntil(const std::function<bool()>& done) { return door_.loop().RunUntil(done); }
  bool RunToEnd() {
    return RunUntil([this] { return stream.ended(); });
  }

 private:
  Door& door_;
  bool closed_ = false;

 public:
  FakeStream stream;

 private:
  std::shared_ptr<RequestHandler> handler_;
};

inline std::string Serialized(const EchoRequest& request) { return request.SerializeAsString(); }
inline std::string Framed(const EchoRequest& request) { return MessageFrame(Serialized(request)); }

inline EchoRequest Text(std::string_view text) {
  EchoRequest request;
  request.set_text(std::string(text));
  return request;
}

// What a framed answer holds.
struct FramedAnswer {
  std::vector<EchoReply> replies;
  // Of gRPC-Web: the lines of the last frame.
  std::string trailers;
  int trailer_frames = 0;
  bool trailers_last = false;
};

inline FramedAnswer Parsed(std::string_view body) {
  FramedAnswer answer;
  while (body.size() >= kFrameHeadBytes) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < kFrameHeadBytes; ++i) {
      length = length << 8 | static_cast<unsigned char>(body[i]);
    }
    const std::string payload(body.substr(kFrameHeadBytes, length));
    answer.trailers_last = static_cast<unsigned char>(body[0]) == 0x80;
    if (answer.trailers_last) {
      answer.trailers = payload;
      ++answer.trailer_frames;
    } else {
      answer.replies.emplace_back();
      REQUIRE(answer.replies.back().ParseFromString(payload));
    }
    body.remove_prefix(kFrameHeadBytes + length);
  }
  REQUIRE(body.empty());
  return answer;
}

// The value of a line of a trailers frame.
inline std::string Line(const std::string& trailers, const std::string& name) {
  const std::size_t at = ("\r\n" + trailers).find("\r\n" + name + ": ");
  if (at == std::string::npos) return "(none)";
  const std::size_t begin = at + name.size() + 2;
  return trailers.substr(begin, trailers.find("\r\n", begin) - begin);
}

// The reason in a value of grpc-status-details-bin.
inline std::string ReasonIn(const std::string& details) {
  google::rpc::Status status;
  google::rpc::ErrorInfo info;
  if (!status.ParseFromString(Base64Decode(details).value_or(""))) return "(no status)";
  for (const auto& detail : status.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "(no reason)";
}

}  // namespace clinicd::testing::edge
