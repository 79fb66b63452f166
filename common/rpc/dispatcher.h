// Surrounds every handler: verdict, validation, then a run in a transaction.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/rpc/call_context.h"
#include "common/rpc/call_runner.h"
#include "common/status/grpc_status.h"

namespace clinicd::rpc {

// UNIMPLEMENTED (METHOD_UNKNOWN).
absl::Status MethodUnknown();

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

  // Binds a server-streaming method. None is served yet: UNIMPLEMENTED (METHOD_UNKNOWN).
  template <typename Request, typename Response>
  grpc::ServerWriteReactor<Response>* ServerStreaming(grpc::CallbackServerContext*, const Request*,
                                                      Response*) const {
    class Refusal final : public grpc::ServerWriteReactor<Response> {
     public:
      Refusal() { this->Finish(status::ToGrpc(MethodUnknown(), "")); }
      void OnDone() override { delete this; }
    };
    return new Refusal();
  }

 private:
  class Reactor;
  template <typename Request, typename Response, typename Handlers>
  class HandlerReactor;
  template <typename Request, typename Response, typename Handlers>
  class AnonymousReactor;

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

  // Fills in the facts of the call; the verdict of the interceptor.
  absl::Status Prepare(const google::protobuf::Message& request);
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
  std::string SerializedResponse() const override { return response_.SerializeAsString(); }
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

}  // namespace clinicd::rpc
