// Calls from the front door into the gRPC server of the same process. A call here is bytes in and
// bytes out; what they mean is the server's affair, so that interceptor, policy, limits and audit
// work as for any other call.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/edge/http.h"

namespace clinicd::edge {

// What a call begins with.
struct CallStart {
  // "/package.Service/Method".
  std::string path;
  // Legal for gRPC: see HeaderFilter.
  Headers metadata = {};
  // InfiniteFuture: none.
  absl::Time deadline = absl::InfiniteFuture();
};

// How a call ended.
struct CallResult {
  grpc::Status status;
  // Of a unary call that succeeded.
  grpc::ByteBuffer response = {};
  // Of a unary call; those of a stream were told before.
  Headers initial_metadata = {};
  Headers trailing_metadata = {};
};

// Is told what comes of a call, always on the connection's thread.
class CallSink {
 public:
  virtual ~CallSink() = default;

  // Of a stream, at most once, before its messages.
  virtual void OnInitialMetadata(const Headers& metadata) = 0;
  // Answers one Read().
  virtual void OnMessage(const grpc::ByteBuffer& message) = 0;
  // The server has taken the last Write().
  virtual void OnWritten() = 0;
  // Last, exactly once, also after Cancel().
  virtual void OnFinished(const CallResult& result) = 0;
};

// A call under way. Used on the connection's thread only.
class BridgedCall {
 public:
  BridgedCall() = default;
  BridgedCall(const BridgedCall&) = delete;
  BridgedCall& operator=(const BridgedCall&) = delete;
  virtual ~BridgedCall() = default;

  // Gives the call up; OnFinished follows. Must be called when nobody will Read() or Write() any
  // more before the call has ended by itself.
  virtual void Cancel() = 0;
};

// A call of several messages. At most one Read() and one Write() under way.
class BridgedStream : public BridgedCall {
 public:
  virtual void Read() = 0;
  virtual void Write(const grpc::ByteBuffer& message) = 0;
  // Write() and WritesDone() in one.
  virtual void WriteLast(const grpc::ByteBuffer& message) = 0;
  virtual void WritesDone() = 0;
};

// Counts calls that hold the channel. Thread-safe.
class LiveCalls final {
 public:
  void Enter();
  void Leave();
  void AwaitNone();

 private:
  absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Starts calls. Thread-safe.
class CallBridge final {
 public:
  explicit CallBridge(const std::shared_ptr<grpc::Channel>& channel) : stub_(channel) {}
  // Waits for calls that have not ended; all must have been cancelled, and the channel's server be
  // there still.
  ~CallBridge();
  CallBridge(const CallBridge&) = delete;
  CallBridge& operator=(const CallBridge&) = delete;
  CallBridge(CallBridge&&) = delete;
  CallBridge& operator=(CallBridge&&) = delete;

  // A call of one message each way: cheaper than a stream of them.
  std::shared_ptr<BridgedCall> StartUnary(CallStart start, const grpc::ByteBuffer& request,
                                          std::shared_ptr<CallSink> sink, HttpStream::Poster post);
  std::shared_ptr<BridgedStream> StartStream(CallStart start, std::shared_ptr<CallSink> sink,
                                             HttpStream::Poster post);

 private:
  LiveCalls calls_;
  grpc::GenericStub stub_;
};

}  // namespace clinicd::edge
