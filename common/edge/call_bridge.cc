#include "common/edge/call_bridge.h"

#include <map>
#include <utility>

namespace clinicd::edge {
namespace {

Headers HeadersOf(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  Headers headers;
  headers.reserve(metadata.size());
  for (const auto& [name, value] : metadata) {
    headers.push_back({.name = {name.data(), name.size()}, .value = {value.data(), value.size()}});
  }
  return headers;
}

void Prepare(grpc::ClientContext& context, const CallStart& start) {
  for (const Header& entry : start.metadata) context.AddMetadata(entry.name, entry.value);
  if (start.deadline != absl::InfiniteFuture()) {
    context.set_deadline(absl::ToChronoTime(start.deadline));
  }
}

// As long as it lives, the bridge does. Each call holds the channel, and its memory is often given
// back by a thread of gRPC's: were that the last holder, the channel would join the very thread
// that destroys it (gRPC 1.51, Channel::~Channel()).
class Presence final {
 public:
  explicit Presence(LiveCalls& calls) : calls_(calls) { calls_.Enter(); }
  ~Presence() { calls_.Leave(); }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;
  Presence(Presence&&) = delete;
  Presence& operator=(Presence&&) = delete;

 private:
  LiveCalls& calls_;
};

// Keeps itself alive from StartCall() to OnDone().
class UnaryCall final : public BridgedCall,
                        public grpc::ClientUnaryReactor,
                        public std::enable_shared_from_this<UnaryCall> {
 public:
  UnaryCall(LiveCalls& calls, CallStart start, const grpc::ByteBuffer& request,
            std::shared_ptr<CallSink> sink, HttpStream::Poster post)
      : presence_(calls),
        start_(std::move(start)),
        request_(request),
        sink_(std::move(sink)),
        post_(std::move(post)) {}

  void Start(grpc::GenericStub& stub) {
    self_ = shared_from_this();
    Prepare(context_, start_);
    stub.PrepareUnaryCall(&context_, start_.path, {}, &request_, &response_, this);
    StartCall();
  }

  void Cancel() override { context_.TryCancel(); }

  void OnDone(const grpc::Status& status) override {
    auto result = std::make_shared<CallResult>();
    result->status = status;
    result->response.Swap(&response_);
    result->initial_metadata = HeadersOf(context_.GetServerInitialMetadata());
    result->trailing_metadata = HeadersOf(context_.GetServerTrailingMetadata());
    // The job owns the call and the sink, so that nothing stays behind should it never run; with
    // it, the call may end before the posting of it does.
    const HttpStream::Poster post = post_;
    post([self = std::move(self_), sink = std::move(sink_), result = std::move(result)] {
      sink->OnFinished(*result);
    });
  }

 private:
  // First, so that it goes last.
  const Presence presence_;
  const CallStart start_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::shared_ptr<CallSink> sink_;
  const HttpStream::Poster post_;
  std::shared_ptr<UnaryCall> self_;
  grpc::ClientContext context_;
};

// Keeps itself alive from StartCall() to OnDone(). Reads and writes are started outside of gRPC's
// callbacks, where they race with the end of the call: the hold delays OnDone() until the
// connection's thread knows of the end and starts nothing more.
class StreamCall final : public BridgedStream,
                         public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                         public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(LiveCalls& calls, CallStart start, std::shared_ptr<CallSink> sink,
             HttpStream::Poster post)
      : presence_(calls),
        start_(std::move(start)),
        sink_(std::move(sink)),
        post_(std::move(post)) {}

  void Start(grpc::GenericStub& stub) {
    self_ = shared_from_this();
    Prepare(context_, start_);
    stub.PrepareBidiStreamingCall(&context_, start_.path, {}, this);
    AddHold();
    StartCall();
  }

  void Read() override {
    if (!released_) StartRead(&incoming_);
  }
  void Write(const grpc::ByteBuffer& message) override {
    outgoing_ = message;
    if (!released_) StartWrite(&outgoing_);
  }
  void WriteLast(const grpc::ByteBuffer& message) override {
    outgoing_ = message;
    if (!released_) StartWriteLast(&outgoing_, grpc::WriteOptions());
  }
  void WritesDone() override {
    if (!released_) StartWritesDone();
  }
  void Cancel() override {
    context_.TryCancel();
    Release();
  }

  void OnReadInitialMetadataDone(bool ok) override {
    Headers metadata = ok ? HeadersOf(context_.GetServerInitialMetadata()) : Headers();
    post_([self = self_, sink = sink_, metadata = std::move(metadata)] {
      sink->OnInitialMetadata(metadata);
      self->metadata_told_ = true;
      if (std::exchange(self->message_early_, false)) self->TellMessage(*sink);
    });
  }
  void OnReadDone(bool ok) override {
    post_([self = self_, sink = sink_, ok] {
      if (!ok) return self->Release();
      // gRPC may call back for both at once.
      self->message_early_ = !self->metadata_told_;
      if (self->metadata_told_) self->TellMessage(*sink);
    });
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return;  // The call is over, which the pending read finds out.
    post_([sink = sink_] { sink->OnWritten(); });
  }
  void OnDone(const grpc::Status& status) override {
    auto result = std::make_shared<CallResult>();
    result->status = status;
    result->trailing_metadata = HeadersOf(context_.GetServerTrailingMetadata());
    const HttpStream::Poster post = post_;
    post([self = std::move(self_), sink = std::move(sink_), result = std::move(result)] {
      sink->OnFinished(*result);
    });
  }

 private:
  // These, and the three flags, belong to the connection's thread.
  void Release() {
    if (!std::exchange(released_, true)) RemoveHold();
  }
  void TellMessage(CallSink& sink) { sink.OnMessage(std::exchange(incoming_, {})); }

  // First, so that it goes last.
  const Presence presence_;
  const CallStart start_;
  grpc::ByteBuffer incoming_;
  grpc::ByteBuffer outgoing_;
  std::shared_ptr<CallSink> sink_;
  const HttpStream::Poster post_;
  std::shared_ptr<StreamCall> self_;
  bool released_ = false;
  bool metadata_told_ = false;
  bool message_early_ = false;
  grpc::ClientContext context_;
};

}  // namespace

void LiveCalls::Enter() {
  const absl::MutexLock lock(&mutex_);
  ++count_;
}

void LiveCalls::Leave() {
  const absl::MutexLock lock(&mutex_);
  --count_;
}

void LiveCalls::AwaitNone() {
  const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return count_ == 0; };
  const absl::MutexLock lock(&mutex_, absl::Condition(&none));
}

CallBridge::~CallBridge() { calls_.AwaitNone(); }

std::shared_ptr<BridgedCall> CallBridge::StartUnary(CallStart start,
                                                    const grpc::ByteBuffer& request,
                                                    std::shared_ptr<CallSink> sink,
                                                    HttpStream::Poster post) {
  auto call = std::make_shared<UnaryCall>(calls_, std::move(start), request, std::move(sink),
                                          std::move(post));
  call->Start(stub_);
  return call;
}

std::shared_ptr<BridgedStream> CallBridge::StartStream(CallStart start,
                                                       std::shared_ptr<CallSink> sink,
                                                       HttpStream::Poster post) {
  auto call =
      std::make_shared<StreamCall>(calls_, std::move(start), std::move(sink), std::move(post));
  call->Start(stub_);
  return call;
}

}  // namespace clinicd::edge
