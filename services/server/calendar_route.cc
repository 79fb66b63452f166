#include "services/server/calendar_route.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/crypto/base64url.h"
#include "common/crypto/digest.h"
#include "common/edge/entity_tag.h"
#include "common/edge/header_filter.h"
#include "common/edge/plain_handler.h"
#include "common/rpc/edge_identity.h"

namespace clinicd::server {
namespace {

using edge::HttpStream;
using edge::PlainAnswer;

constexpr int kNotModified = 304;
constexpr int kNotFound = 404;
constexpr int kUnavailable = 503;
// Calendars ask every quarter of an hour; more readers at once would only take workers from calls.
constexpr int kReaders = 2;
constexpr std::size_t kQueueMax = 32;
constexpr std::size_t kClientTextBytesMax = 200;

// What is needed of a request while it waits.
struct Asked {
  std::string path;
  std::string if_none_match;
  std::string client_address;
  std::string user_agent;
  bool with_body = true;
};

Asked AskedOf(const edge::RequestHead& head, const edge::Peer& peer) {
  const auto text = [](std::string_view given) {
    return edge::PrintableAscii(given, kClientTextBytesMax);
  };
  return {.path = head.target.substr(0, head.target.find('?')),
          .if_none_match = std::string(head.Find("if-none-match")),
          .client_address = text(rpc::HostOfPeer(peer.address)),
          .user_agent = text(head.Find("user-agent")),
          .with_body = head.method != "HEAD"};
}

PlainAnswer AnswerWith(std::string feed, const std::string& if_none_match) {
  const crypto::Sha256Digest digest = crypto::Sha256(feed);
  const std::string tag = absl::StrCat("\"", crypto::Base64UrlEncode(crypto::AsView(digest)), "\"");
  PlainAnswer answer;
  // A calendar may keep it, and nobody between it and the server; it asks each time whether there
  // is a newer one.
  answer.headers = {{"etag", tag}, {"cache-control", "private, no-cache"}};
  if (edge::HasTag(if_none_match, tag)) {
    answer.status = kNotModified;
    return answer;
  }
  answer.headers.push_back({"content-type", "text/calendar; charset=utf-8"});
  answer.body = std::move(feed);
  return answer;
}

PlainAnswer Busy() { return {.status = kUnavailable, .headers = {{"retry-after", "60"}}}; }

PlainAnswer Read(const appointments::CalendarFeedReader& reader, const Asked& asked) {
  absl::StatusOr<std::optional<std::string>> feed = reader.Read(
      asked.path, {.client_address = asked.client_address, .user_agent = asked.user_agent});
  if (!feed.ok()) return Busy();
  if (!*feed) return {.status = kNotFound};
  return AnswerWith(**std::move(feed), asked.if_none_match);
}

// Waits for the feed on another thread, then sends it.
class FeedHandler final : public edge::RequestHandler,
                          public std::enable_shared_from_this<FeedHandler> {
 public:
  FeedHandler(const appointments::CalendarFeedReader& reader, ThreadExecutor& executor, Asked asked)
      : reader_(reader), executor_(executor), asked_(std::move(asked)) {}

  void Start(HttpStream& stream) override {
    stream_ = &stream;
    const bool taken =
        executor_.TrySubmit([self = shared_from_this(), post = stream.PostToConnection()] {
          auto answer = std::make_shared<PlainAnswer>(Read(self->reader_, self->asked_));
          post([self, answer] { self->Send(std::move(*answer)); });
        });
    if (!taken) Send(Busy());
  }
  void OnBody(std::string_view bytes) override {
    if (stream_ != nullptr) stream_->ConsumeBody(bytes.size());
  }
  void OnBodyEnd() override {}
  void OnWritable() override {
    if (sender_) sender_->OnWritable();
  }
  void OnClosed(edge::CloseReason reason) override {
    stream_ = nullptr;
    if (sender_) sender_->OnClosed(reason);
  }

 private:
  void Send(PlainAnswer answer) {
    // The client may have gone meanwhile.
    if (stream_ == nullptr) return;
    sender_.emplace(std::move(answer), asked_.with_body);
    sender_->Start(*stream_);
  }

  const appointments::CalendarFeedReader& reader_;
  ThreadExecutor& executor_;
  const Asked asked_;
  // Null when the exchange is over.
  HttpStream* stream_ = nullptr;
  std::optional<edge::PlainHandler> sender_;
};

}  // namespace

CalendarRoute::CalendarRoute(const appointments::CalendarFeedReader& reader)
    : reader_(reader), executor_(kReaders, kQueueMax) {}

void CalendarRoute::AddTo(edge::RouteTable& routes) {
  for (const char* method : {"GET", "HEAD"}) {
    routes.AddBelow(method, appointments::kFeedPathPrefix,
                    [this](const edge::RequestHead& head, const edge::Peer& peer) {
                      return std::make_shared<FeedHandler>(reader_, executor_, AskedOf(head, peer));
                    });
  }
}

}  // namespace clinicd::server
