#include "tests/conformance/server/conformance_service.h"

#include <atomic>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/conformance/server/answer.h"

namespace clinicd::conformance {
namespace {

// Decides once, whoever comes first, that a call is over.
class Once final {
 public:
  bool Claim() {
    const absl::MutexLock lock(&mutex_);
    const bool first = !claimed_;
    claimed_ = true;
    return first;
  }

 private:
  absl::Mutex mutex_;
  bool claimed_ ABSL_GUARDED_BY(mutex_) = false;
};

const grpc::Status& Cancelled() { return grpc::Status::CANCELLED; }

class AnswerReactor final : public grpc::ServerUnaryReactor {
 public:
  AnswerReactor(CallEnds& ends, grpc::CallbackServerContext& context,
                const v1::AnswerRequest& request, v1::AnswerResponse& response)
      : ends_(ends), key_(request.plan().key()), hold_(request.plan().hold()) {
    AddHeaders(request.plan(), context);
    if (hold_) return;
    response = ResponseTo(request, context, 1);
    ends_.Tell(key_, false);
    Finish(EndOf(request.plan(), context));
  }

  void OnCancel() override {
    if (!hold_) return;
    ends_.Tell(key_, true);
    Finish(Cancelled());
  }

  void OnDone() override { delete this; }

 private:
  CallEnds& ends_;
  const std::string key_;
  const bool hold_;
};

class AnswerManyReactor final : public grpc::ServerWriteReactor<v1::AnswerResponse> {
 public:
  AnswerManyReactor(CallEnds& ends, grpc::CallbackServerContext& context,
                    const v1::AnswerRequest& request)
      : ends_(ends), context_(context), request_(request) {
    AddHeaders(request_.plan(), context_);
    Continue();
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      Continue();
    } else {
      End(true, Cancelled());
    }
  }

  void OnCancel() override { CancelledOrHolding(); }

  void OnDone() override { delete this; }

 private:
  void Continue() {
    if (sent_ < request_.plan().messages()) {
      ++sent_;
      message_ = ResponseTo(request_, context_, 1);
      StartWrite(&message_);
    } else if (!request_.plan().hold()) {
      End(false, EndOf(request_.plan(), context_));
    } else {
      if (sent_ == 0) StartSendInitialMetadata();
      CancelledOrHolding();
    }
  }

  // A call that holds ends when it is cancelled, whichever comes first; a failed write ends others.
  void CancelledOrHolding() {
    if (events_.fetch_add(1) == 1) End(true, Cancelled());
  }

  void End(bool cancelled, const grpc::Status& status) {
    ends_.Tell(request_.plan().key(), cancelled);
    Finish(status);
  }

  CallEnds& ends_;
  grpc::CallbackServerContext& context_;
  const v1::AnswerRequest request_;
  v1::AnswerResponse message_;
  int sent_ = 0;
  std::atomic<int> events_ = 0;
};

class CollectReactor final : public grpc::ServerReadReactor<v1::AnswerRequest> {
 public:
  CollectReactor(grpc::CallbackServerContext& context, v1::AnswerResponse& response)
      : context_(context), response_(response) {
    StartRead(&next_);
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      last_ = next_;
      ++requests_;
      StartRead(&next_);
    } else if (requests_ == 0) {
      Finish({grpc::StatusCode::INVALID_ARGUMENT, "nothing to collect"});
    } else {
      AddHeaders(last_.plan(), context_);
      response_ = ResponseTo(last_, context_, requests_);
      Finish(EndOf(last_.plan(), context_));
    }
  }

  void OnDone() override { delete this; }

 private:
  grpc::CallbackServerContext& context_;
  v1::AnswerResponse& response_;
  v1::AnswerRequest next_;
  v1::AnswerRequest last_;
  int requests_ = 0;
};

class ConverseReactor final
    : public grpc::ServerBidiReactor<v1::AnswerRequest, v1::AnswerResponse> {
 public:
  explicit ConverseReactor(grpc::CallbackServerContext& context) : context_(context) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    ++requests_;
    sent_ = 0;
    AddHeaders(request_.plan(), context_);
    Continue();
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      Continue();
    } else {
      Finish(Cancelled());
    }
  }

  void OnDone() override { delete this; }

 private:
  void Continue() {
    if (sent_ < request_.plan().messages()) {
      ++sent_;
      message_ = ResponseTo(request_, context_, requests_);
      StartWrite(&message_);
    } else if (request_.plan().code() != 0) {
      Finish(EndOf(request_.plan(), context_));
    } else {
      StartRead(&request_);
    }
  }

  grpc::CallbackServerContext& context_;
  v1::AnswerRequest request_;
  v1::AnswerResponse message_;
  int requests_ = 0;
  int sent_ = 0;
};

// The reactor outlives its call while a listener waits for it: both hold it.
class AwaitEndReactor final : public grpc::ServerUnaryReactor {
 public:
  static AwaitEndReactor* Start(CallEnds& ends, const std::string& key,
                                v1::AwaitEndResponse& response) {
    const auto reactor = std::make_shared<AwaitEndReactor>(response);
    reactor->self_ = reactor;
    ends.Await(key, [reactor](bool cancelled) { reactor->Answer(cancelled); });
    return reactor.get();
  }

  explicit AwaitEndReactor(v1::AwaitEndResponse& response) : response_(response) {}

  void OnCancel() override {
    if (over_.Claim()) Finish(Cancelled());
  }

  void OnDone() override { self_.reset(); }

 private:
  void Answer(bool cancelled) {
    if (!over_.Claim()) return;
    response_.set_cancelled(cancelled);
    Finish(grpc::Status::OK);
  }

  v1::AwaitEndResponse& response_;
  std::shared_ptr<AwaitEndReactor> self_;
  Once over_;
};

}  // namespace

grpc::ServerUnaryReactor* ConformanceService::Answer(grpc::CallbackServerContext* context,
                                                     const v1::AnswerRequest* request,
                                                     v1::AnswerResponse* response) {
  return new AnswerReactor(ends_, *context, *request, *response);
}

grpc::ServerWriteReactor<v1::AnswerResponse>* ConformanceService::AnswerMany(
    grpc::CallbackServerContext* context, const v1::AnswerRequest* request) {
  return new AnswerManyReactor(ends_, *context, *request);
}

grpc::ServerReadReactor<v1::AnswerRequest>* ConformanceService::Collect(
    grpc::CallbackServerContext* context, v1::AnswerResponse* response) {
  return new CollectReactor(*context, *response);
}

grpc::ServerBidiReactor<v1::AnswerRequest, v1::AnswerResponse>* ConformanceService::Converse(
    grpc::CallbackServerContext* context) {
  return new ConverseReactor(*context);
}

grpc::ServerUnaryReactor* ConformanceService::AwaitEnd(grpc::CallbackServerContext* /*context*/,
                                                       const v1::AwaitEndRequest* request,
                                                       v1::AwaitEndResponse* response) {
  return AwaitEndReactor::Start(ends_, request->key(), *response);
}

}  // namespace clinicd::conformance
