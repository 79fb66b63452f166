// Surrounds every handler: verdict, validation, then a run in a transaction.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/rpc/call_context.h"
#include "common/rpc/call_runner.h"
#include "common/rpc/secret_fields.h"
#include "common/rpc/stream.h"
#include "common/rpc/stream_call.h"
#include "common/rpc/stream_driver.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"

namespace clinicd::rpc {

// Whether who is known and was refused with `status` leaves a trace in their clinic.
bool LeavesRefusal(const absl::Status& status);

// Who makes the call, if they proved it.
std::optional<UserId> CallerOf(const grpc::CallbackServerContext& context);

// A bounded set of threads that may block, for anonymous methods: they hash passwords and must not
// hold a database worker meanwhile.
class Executor {
 public:
  virtual ~Executor() = default;
  // False: there is no room.
  virtual bool TrySubmit(std::function<void()> job) = 0;
};

// What happens around calls. Thread-safe.
class Dispatcher final {
 public:
  struct Parts {
    CallRunner& runner;
    Executor& anonymous_executor;
    StreamDriver& streams;
    const IdSource& ids;
    const Clock& clock;
    // Checks a request against its declared rules.
    std::function<absl::Status(const google::protobuf::Message&)> validate;
    // HMAC of a request, under which its answer is remembered.
    std::function<std::string(const std::string& method, const google::protobuf::Message&)> hash;
    // Called once per call, when it is answered.
    std::function<void(const CallInfo&, const absl::Status&, absl::Duration duration,
                       std::int64_t round_trips)>
        observe;
  };

  explicit Dispatcher(Parts parts) : parts_(std::move(parts)) {}

  // Binds a unary method whose handler runs in a transaction of the caller's clinic:
  // `absl::StatusOr<Response> M(const Request&, rpc::Call&) const`.
  template <typename Request, typename Response, typename Handlers>
  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, const Request* request,
                                  Response* response, const Handlers& handlers,
                                  absl::StatusOr<Response> (Handlers::*method)(const Request&,
                                                                               Call&) const) const;

  // Binds an anonymous unary method, which has no clinic yet and opens its own transactions:
  // `absl::StatusOr<Response> M(const Request&, const rpc::CallInfo&) const`.
  template <typename Request, typename Response, typename Handlers>
  grpc::ServerUnaryReactor* UnaryAnonymous(
      grpc::CallbackServerContext* context, const Request* request, Response* response,
      const Handlers& handlers,
      absl::StatusOr<Response> (Handlers::*method)(const Request&, const CallInfo&) const) const;

  // Binds a server-streaming method, whose handler opens a stream that reads in transactions of the
  // caller's clinic: `absl::StatusOr<std::unique_ptr<rpc::Stream<Response>>> M(const Request&,
  // const rpc::CallInfo&, rpc::Wake) const`. The handler must not block.
  template <typename Request, typename Response, typename Handlers>
  grpc::ServerWriteReactor<Response>* ServerStreaming(
      grpc::CallbackServerContext* context, const Request* request, const Handlers& handlers,
      absl::StatusOr<std::unique_ptr<Stream<Response>>> (Handlers::*method)(const Request&,
                                                                            const CallInfo&, Wake)
          const) const;

 private:
  class Reactor;
  template <typename Request, typename Response, typename Handlers>
  class HandlerReactor;
  template <typename Request, typename Response, typename Handlers>
  class AnonymousReactor;
  template <typename Response>
  class StreamReactor;
  template <typename Response>
  class StreamRefusal;

  // Fills in the facts of the call; the verdict of the interceptor and of the declared rules.
  absl::Status Admit(grpc::CallbackServerContext& context, const google::protobuf::Message& request,
                     CallInfo& info) const;
  void Observe(const CallInfo& info, const absl::Status& status, absl::Time start,
               std::int64_t round_trips) const;
  void Start(Reactor& reactor, const google::protobuf::Message& request, bool anonymous) const;
  void RunAnonymous(Reactor& reactor) const;

  Parts parts_;
};

// One unary call on its way: what gRPC calls back, and what the runner runs.
class Dispatcher::Reactor : public grpc::ServerUnaryReactor, public CallTask {
 public:
  Reactor(const Dispatcher& dispatcher, grpc::CallbackServerContext& context)
      : dispatcher_(dispatcher), context_(context) {}

  void Finish(const absl::Status& status) final;
  void OnCancel() final { NotifyCancelled(); }
  void OnDone() final { delete this; }

  absl::Status Prepare(const google::protobuf::Message& request) {
    return dispatcher_.Admit(context_, request, info_);
  }
  // For anonymous methods.
  virtual absl::Status RunWithoutTransaction() = 0;

 protected:
  const Dispatcher& dispatcher_;
  grpc::CallbackServerContext& context_;
};

template <typename Request, typename Response, typename Handlers>
class Dispatcher::HandlerReactor final : public Reactor {
 public:
  using Method = absl::StatusOr<Response> (Handlers::*)(const Request&, Call&) const;

  HandlerReactor(const Dispatcher& dispatcher, grpc::CallbackServerContext& context,
                 const Request& request, Response& response, const Handlers& handlers,
                 Method method)
      : Reactor(dispatcher, context),
        request_(request),
        response_(response),
        handlers_(handlers),
        method_(method) {}

  absl::Status Run(Call& call) override {
    absl::StatusOr<Response> result = (handlers_.*method_)(request_, call);
    if (!result.ok()) return std::move(result).status();
    response_ = *std::move(result);
    return absl::OkStatus();
  }
  std::string SerializedResponse() const override {
    static const bool may_hold_secrets = MayHoldSecrets(*Response::descriptor());
    if (!may_hold_secrets) return response_.SerializeAsString();
    Response kept = response_;
    ClearSecrets(kept);
    return kept.SerializeAsString();
  }
  absl::Status Restore(std::string_view serialized) override {
    if (response_.ParseFromArray(serialized.data(), static_cast<int>(serialized.size()))) {
      return absl::OkStatus();
    }
    return absl::DataLossError("stored answer");
  }
  absl::Status RunWithoutTransaction() override { return absl::InternalError("not anonymous"); }

 private:
  const Request& request_;
  Response& response_;
  const Handlers& handlers_;
  Method method_;
};

template <typename Request, typename Response, typename Handlers>
class Dispatcher::AnonymousReactor final : public Reactor {
 public:
  using Method = absl::StatusOr<Response> (Handlers::*)(const Request&, const CallInfo&) const;

  AnonymousReactor(const Dispatcher& dispatcher, grpc::CallbackServerContext& context,
                   const Request& request, Response& response, const Handlers& handlers,
                   Method method)
      : Reactor(dispatcher, context),
        request_(request),
        response_(response),
        handlers_(handlers),
        method_(method) {}

  absl::Status RunWithoutTransaction() override {
    absl::StatusOr<Response> result = (handlers_.*method_)(request_, info());
    if (!result.ok()) return std::move(result).status();
    response_ = *std::move(result);
    return absl::OkStatus();
  }
  absl::Status Run(Call&) override { return absl::InternalError("anonymous"); }
  std::string SerializedResponse() const override { return {}; }
  absl::Status Restore(std::string_view) override { return absl::InternalError("anonymous"); }

 private:
  const Request& request_;
  Response& response_;
  const Handlers& handlers_;
  Method method_;
};

template <typename Request, typename Response, typename Handlers>
grpc::ServerUnaryReactor* Dispatcher::Unary(
    grpc::CallbackServerContext* context, const Request* request, Response* response,
    const Handlers& handlers,
    absl::StatusOr<Response> (Handlers::*method)(const Request&, Call&) const) const {
  auto* reactor = new HandlerReactor<Request, Response, Handlers>(*this, *context, *request,
                                                                  *response, handlers, method);
  Start(*reactor, *request, /*anonymous=*/false);
  return reactor;
}

template <typename Request, typename Response, typename Handlers>
grpc::ServerUnaryReactor* Dispatcher::UnaryAnonymous(
    grpc::CallbackServerContext* context, const Request* request, Response* response,
    const Handlers& handlers,
    absl::StatusOr<Response> (Handlers::*method)(const Request&, const CallInfo&) const) const {
  auto* reactor = new AnonymousReactor<Request, Response, Handlers>(*this, *context, *request,
                                                                    *response, handlers, method);
  Start(*reactor, *request, /*anonymous=*/true);
  return reactor;
}

// One stream on its way: what gRPC calls back, and what the driver drives. Owned by the driver.
template <typename Response>
class Dispatcher::StreamReactor final : public grpc::ServerWriteReactor<Response>,
                                        public StreamCall {
 public:
  using Opened = absl::StatusOr<std::unique_ptr<Stream<Response>>>;

  StreamReactor(const Dispatcher& dispatcher, grpc::CallbackServerContext& context)
      : StreamCall({dispatcher.parts_.runner, dispatcher.parts_.streams, dispatcher.parts_.clock}),
        dispatcher_(dispatcher),
        context_(context) {}

  // Opens the stream with `open` if the call is let in.
  void Open(std::uint64_t number, const google::protobuf::Message& request,
            const std::function<Opened(const CallInfo&, Wake)>& open) {
    SetNumber(number);
    absl::Status status = dispatcher_.Admit(context_, request, info_);
    const bool refused = LeavesRefusal(status);
    const auto* context = dynamic_cast<const CallContext*>(&context_);
    if (status.ok() && context->recheck == nullptr) {
      status = status::Defect("method bound to the wrong kind of handler");
    }
    if (status.ok()) {
      recheck_ = context->recheck;
      // By number: the stream may end before what wakes it.
      Opened opened =
          open(info_, [&driver = dispatcher_.parts_.streams, number] { driver.Wake(number); });
      status = opened.status();
      if (opened.ok()) stream_ = *std::move(opened);
    }
    Begin(status, refused);
  }

  absl::Status Run(Call& call) override {
    absl::StatusOr<std::vector<Response>> read = stream_->Read(call);
    if (!read.ok()) return std::move(read).status();
    read_ = *std::move(read);
    return absl::OkStatus();
  }

  void OnWriteDone(bool ok) override { NoteWritten(ok); }
  void OnCancel() override { NoteCancelled(); }
  void OnDone() override { dispatcher_.parts_.streams.Remove(number()); }

 private:
  absl::Status CheckRights(absl::Time now) override { return recheck_(now); }
  bool WriteNext() override {
    if (next_ == messages_.size()) return false;
    grpc::ServerWriteReactor<Response>::StartWrite(&messages_[next_++]);
    return true;
  }
  void DropMessages() override { next_ = messages_.size(); }
  bool ReadIsDue() override { return stream_->Due(); }
  void AcceptRead() override {
    messages_ = std::move(read_);
    next_ = 0;
    stream_->Sent();
  }
  absl::Status QueueHeartbeat(absl::Time now) override {
    absl::StatusOr<Response> heartbeat = stream_->Heartbeat(now);
    if (!heartbeat.ok()) return std::move(heartbeat).status();
    messages_.assign(1, *std::move(heartbeat));
    next_ = 0;
    return absl::OkStatus();
  }
  void End(const absl::Status& status) override {
    dispatcher_.Observe(info_, status, opened_at(), round_trips_);
    grpc::ServerWriteReactor<Response>::Finish(status::ToGrpc(status, info_.call_id));
  }
  void Cut() override { context_.TryCancel(); }

  const Dispatcher& dispatcher_;
  grpc::CallbackServerContext& context_;
  std::function<absl::Status(absl::Time)> recheck_;
  // Of the worker that reads, and otherwise of the driver.
  std::vector<Response> read_;
  // The one before next_ is under way.
  std::vector<Response> messages_;
  std::size_t next_ = 0;
  std::unique_ptr<Stream<Response>> stream_;
};

// Answers a stream that the driver has no room for.
template <typename Response>
class Dispatcher::StreamRefusal final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit StreamRefusal(const absl::Status& status) {
    this->Finish(status::ToGrpc(status, std::string_view()));
  }
  void OnDone() override { delete this; }
};

template <typename Request, typename Response, typename Handlers>
grpc::ServerWriteReactor<Response>* Dispatcher::ServerStreaming(
    grpc::CallbackServerContext* context, const Request* request, const Handlers& handlers,
    absl::StatusOr<std::unique_ptr<Stream<Response>>> (Handlers::*method)(const Request&,
                                                                          const CallInfo&, Wake)
        const) const {
  auto reactor = std::make_shared<StreamReactor<Response>>(*this, *context);
  const absl::StatusOr<std::uint64_t> number = parts_.streams.Add(reactor, CallerOf(*context));
  if (!number.ok()) return new StreamRefusal<Response>(number.status());
  reactor->Open(*number, *request, [&](const CallInfo& info, Wake wake) {
    return (handlers.*method)(*request, info, std::move(wake));
  });
  return reactor.get();
}

}  // namespace clinicd::rpc
