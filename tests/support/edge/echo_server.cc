#include "tests/support/edge/echo_server.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace clinicd::testing::edge {
namespace {

struct Counts {
  std::atomic<int> started = 0;
  std::atomic<int> cancelled = 0;
  std::atomic<int> written = 0;
};

grpc::Status StatusOf(const EchoRequest& request) {
  return {static_cast<grpc::StatusCode>(request.code()), request.message()};
}

EchoReply ReplyTo(const EchoRequest& request, const grpc::CallbackServerContext& context) {
  EchoReply reply;
  reply.set_text(request.text());
  reply.set_padding(std::string(static_cast<std::size_t>(request.padding()), 'p'));
  for (const auto& [key, value] : context.client_metadata()) {
    const std::string name(key.data(), key.size());
    const bool binary = name.size() > 4 && name.substr(name.size() - 4) == "-bin";
    (*reply.mutable_metadata())[name] =
        binary ? absl::StrCat(value.size()) : std::string(value.data(), value.size());
  }
  return reply;
}

void AddHeader(const EchoRequest& request, grpc::CallbackServerContext& context) {
  if (request.header().empty()) return;
  context.AddInitialMetadata("x-head", request.header());
  context.AddTrailingMetadata("x-tail", request.header());
}

class UnaryReactor final : public grpc::ServerUnaryReactor {
 public:
  UnaryReactor(grpc::CallbackServerContext& context, const EchoRequest& request, EchoReply& reply,
               Counts& counts)
      : counts_(counts) {
    ++counts_.started;
    AddHeader(request, context);
    if (request.hang()) return;
    reply = ReplyTo(request, context);
    Finish(StatusOf(request));
  }
  void OnCancel() override {
    ++counts_.cancelled;
    Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  Counts& counts_;
};

class RepeatReactor final : public grpc::ServerWriteReactor<EchoReply> {
 public:
  RepeatReactor(grpc::CallbackServerContext& context, const EchoRequest& request, Counts& counts)
      : counts_(counts), request_(request), reply_(ReplyTo(request, context)) {
    ++counts_.started;
    AddHeader(request, context);
    Next();
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    ++counts_.written;
    Next();
  }
  void OnCancel() override {
    ++counts_.cancelled;
    if (request_.hang()) Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  void Next() {
    if (sent_++ < request_.count()) return StartWrite(&reply_);
    if (!request_.hang()) Finish(StatusOf(request_));
  }

  Counts& counts_;
  const EchoRequest request_;
  const EchoReply reply_;
  int sent_ = 0;
};

class CollectReactor final : public grpc::ServerReadReactor<EchoRequest> {
 public:
  CollectReactor(grpc::CallbackServerContext& context, EchoReply& reply, Counts& counts)
      : counts_(counts), context_(context), reply_(reply) {
    ++counts_.started;
    StartRead(&request_);
  }
  void OnReadDone(bool ok) override {
    if (!ok) {
      reply_.set_text(text_);
      return Finish(last_);
    }
    text_ += request_.text();
    last_ = StatusOf(request_);
    StartRead(&request_);
  }
  void OnCancel() override { ++counts_.cancelled; }
  void OnDone() override { delete this; }

 private:
  Counts& counts_;
  grpc::CallbackServerContext& context_;
  EchoReply& reply_;
  EchoRequest request_;
  std::string text_;
  grpc::Status last_;
};

class ChatReactor final : public grpc::ServerBidiReactor<EchoRequest, EchoReply> {
 public:
  ChatReactor(grpc::CallbackServerContext& context, Counts& counts)
      : counts_(counts), context_(context) {
    ++counts_.started;
    StartRead(&request_);
  }
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    if (request_.code() != 0) return Finish(StatusOf(request_));
    reply_ = ReplyTo(request_, context_);
    StartWrite(&reply_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    StartRead(&request_);
  }
  void OnCancel() override { ++counts_.cancelled; }
  void OnDone() override { delete this; }

 private:
  Counts& counts_;
  grpc::CallbackServerContext& context_;
  EchoRequest request_;
  EchoReply reply_;
};

}  // namespace

class EchoServer::Service final : public EchoService::CallbackService {
 public:
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const EchoRequest* request,
                                 EchoReply* reply) override {
    return new UnaryReactor(*context, *request, *reply, counts);
  }
  grpc::ServerWriteReactor<EchoReply>* Repeat(grpc::CallbackServerContext* context,
                                              const EchoRequest* request) override {
    return new RepeatReactor(*context, *request, counts);
  }
  grpc::ServerReadReactor<EchoRequest>* Collect(grpc::CallbackServerContext* context,
                                                EchoReply* reply) override {
    return new CollectReactor(*context, *reply, counts);
  }
  grpc::ServerBidiReactor<EchoRequest, EchoReply>* Chat(
      grpc::CallbackServerContext* context) override {
    return new ChatReactor(*context, counts);
  }

  Counts counts;
};

EchoServer::EchoServer() : service_(std::make_unique<Service>()) {
  grpc::ServerBuilder builder;
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
}

EchoServer::~EchoServer() {
  server_->Shutdown();
  server_->Wait();
}

std::shared_ptr<grpc::Channel> EchoServer::Channel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return server_->InProcessChannel(arguments);
}

std::vector<clinicd::edge::RpcMethod> EchoServer::Methods() {
  std::vector<clinicd::edge::RpcMethod> methods;
  const auto* service = EchoRequest::descriptor()->file()->service(0);
  for (int i = 0; i < service->method_count(); ++i) {
    methods.push_back(
        {.path = absl::StrCat("/", service->full_name(), "/", service->method(i)->name()),
         .descriptor = service->method(i),
         .deadline_max = absl::Seconds(10)});
  }
  return methods;
}

int EchoServer::started() const { return service_->counts.started; }
int EchoServer::cancelled() const { return service_->counts.cancelled; }
int EchoServer::written() const { return service_->counts.written; }

}  // namespace clinicd::testing::edge
