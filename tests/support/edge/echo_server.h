// A gRPC server that is reached in-process only and does as its callers tell it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <vector>

#include "common/edge/rpc_call.h"
#include "tests/support/edge/echo.grpc.pb.h"

namespace clinicd::testing::edge {

class EchoServer final {
 public:
  EchoServer();
  ~EchoServer();
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  std::shared_ptr<grpc::Channel> Channel();
  // Its methods, with a longest deadline of 10 seconds each, and one that it does not have.
  static std::vector<clinicd::edge::RpcMethod> Methods();

  // Calls that began, and those of them whose caller gave up.
  int started() const;
  int cancelled() const;
  // Answers of streams that the caller's side has taken.
  int written() const;

 private:
  class Service;

  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace clinicd::testing::edge
